/** The tape has two ends that grow towards each other: records up, the places of strings that are no ASCII down. Where they nearly meet, a record must be what it is when it is read alone. */
import { expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentHeader,
  createCodec,
  FrameReader,
  Heartbeat,
  marshal,
  type Frame,
} from "../src/index.js";
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

test.each(["Start", "StartOk"])("arguments behind a table that fills the tape: Connection.%s", (name) => {
  const [first, second, third] = ["é".repeat(100), "ü".repeat(100), "ö".repeat(100)] as [string, string, string];
  // Three octets a key, so that all of it is a frame of the usual size, with no more fields than the usual limit.
  const table = (fields: number): Record<string, null> =>
    Object.fromEntries(Array.from({ length: fields }, (_, i) => [i.toString(36).padStart(3, "0"), null]));
  const told = (frame: Frame): unknown[] => {
    if (frame instanceof Connection.Start) return [frame.serverProperties, frame.mechanisms, frame.locales];
    const { clientProperties, mechanism, response, locale } = frame as Connection.StartOk;
    return [clientProperties, mechanism, response, locale];
  };
  for (let fields = 16_374; fields <= 16_384; fields++) {
    const method =
      name === "Start"
        ? new Connection.Start({ serverProperties: table(fields), mechanisms: first, locales: second })
        : new Connection.StartOk({
            clientProperties: table(fields),
            mechanism: first,
            response: second,
            locale: third,
          });
    const octets = marshal(method, 0);
    for (let heartbeats = 0; heartbeats < 4; heartbeats++) {
      const before = Array.from({ length: heartbeats }, () => marshal(new Heartbeat()));
      // A core of its own: a tape that grew once is large enough for all.
      const read = new (createCodec().FrameReader)().push(concat([...before, octets]));
      expect(read.length).toBe(heartbeats + 1);
      const [properties, ...texts] = told(read.at(-1)!);
      expect(texts, `${fields} fields`).toEqual(name === "Start" ? [first, second] : [first, second, third]);
      expect(Object.keys(properties as object).length).toBe(fields);
      expect(Object.values(properties as object).every((value) => value === null)).toBe(true);
    }
  }
});
