/** The tape has two ends that grow towards each other: records up, the places of strings that are no ASCII down. Where they nearly meet, a record must be what it is when it is read alone. */
import { expect, test } from "vitest";
import { Basic, ContentHeader, FrameReader, Heartbeat, marshal } from "../src/index.js";
import { concat } from "./support/octets.js";

const key = (i: number): string => `k${String(i).padStart(4, "0")}`;

/** A content header with so many fields, and behind them strings that are no ASCII. */
function header(fields: number, id: string): Uint8Array {
  const headers = Object.fromEntries(Array.from({ length: fields }, (_, i) => [key(i), null]));
  const properties = new Basic.Properties({
    headers,
    correlationId: id,
    replyTo: `${id}1`,
    expiration: `${id}2`,
    messageId: `${id}3`,
    type: `${id}4`,
    userId: `${id}5`,
    appId: `${id}6`,
  });
  return marshal(new ContentHeader({ bodySize: 1, properties }), 1);
}

test("properties behind a table that fills the tape", () => {
  const options = { frameMax: 0, maxFields: 0xffffffff, lazy: false };
  const wide = header(1000, "é");
  const expected = (new FrameReader(options).push(wide)[0] as ContentHeader).properties.toJSON();
  // A heartbeat takes three words and a field four, of 65,536: some of these end within a few words of the other end.
  for (let heartbeats = 0; heartbeats < 4; heartbeats++) {
    const before = [
      ...Array.from({ length: heartbeats }, () => marshal(new Heartbeat())),
      ...Array.from({ length: 15 }, () => wide),
    ];
    for (let last = 1200; last < 1260; last++) {
      const id = `é${last}-`;
      const read = new FrameReader(options).push(concat([...before, header(last, id), wide]));
      expect(read.length).toBe(before.length + 2);
      const [third, second, first] = read.slice(-3).map((frame) => (frame as ContentHeader).properties);
      expect(third!.toJSON()).toEqual(expected);
      expect(first!.toJSON()).toEqual(expected);
      const { headers, ...strings } = second!.toJSON();
      expect(strings, `${last} fields`).toEqual({
        correlationId: id,
        replyTo: `${id}1`,
        expiration: `${id}2`,
        messageId: `${id}3`,
        type: `${id}4`,
        userId: `${id}5`,
        appId: `${id}6`,
      });
      expect(Object.entries(headers as object), `${last} fields`).toEqual(
        Array.from({ length: last }, (_, i) => [key(i), null]),
      );
    }
  }
});
