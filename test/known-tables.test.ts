/** Header tables that the core knows as a whole: the host must have heard of each of them, whatever became of the frame that it came in and of those before it. */
import { expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  DecodeError,
  marshal,
  type FrameReader,
  type Message,
} from "../src/index.js";
import { concat } from "./support/octets.js";

const headers = { attempt: 1, region: "eu-west-1", replayed: true };
const method = marshal(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, exchange: "e", routingKey: "k" }), 1);
const header = marshal(new ContentHeader({ bodySize: 1, properties: { headers, deliveryMode: 2 } }), 1);
const body = marshal(new ContentBody(Uint8Array.of(7)), 1);
const delivery = concat([method, header, body]);

/** The header with an octet less behind its table, or one more, or a wrong frame-end. */
function wrongHeaders(): Uint8Array[] {
  const longer = concat([header.subarray(0, -1), Uint8Array.of(0, 0xce)]);
  longer[6]! += 1;
  const shorter = concat([header.subarray(0, -2), Uint8Array.of(0xce)]);
  shorter[6]! -= 1;
  return [longer, shorter, concat([header.subarray(0, -1), Uint8Array.of(0)])];
}

function expectTable(reader: FrameReader): void {
  for (let times = 0; times < 4; times++) {
    const found = reader.push(delivery)[1] as ContentHeader;
    expect({ ...found.properties.headers }).toEqual(headers);
  }
}

test.each([0, 1, 2, 3])("a table in a frame that was wrong, after %i in good ones", (good) => {
  for (const wrong of wrongHeaders()) {
    const codec = createCodec();
    const reader = new codec.FrameReader({ lazy: false });
    for (let times = 0; times < good; times++) reader.push(header);
    expect(() => reader.push(wrong)).toThrow(DecodeError);
    expectTable(new codec.FrameReader({ lazy: false }));
  }
});

test.each([0, 1, 2, 3])("a table behind a frame that no message may have there, after %i in good ones", (good) => {
  const codec = createCodec();
  const reader = new codec.MessageReader({ lazy: false });
  for (let times = 0; times < good; times++) {
    const [message] = reader.push(delivery) as [Message];
    expect({ ...message.properties.headers }).toEqual(headers);
  }
  expect(() => reader.push(concat([body, delivery, delivery, delivery]))).toThrow(DecodeError);
  expectTable(new codec.FrameReader({ lazy: false }));
});

test("a table with more fields than a reader takes, though others know it", () => {
  const codec = createCodec();
  const known = new codec.FrameReader({ lazy: false });
  for (let times = 0; times < 4; times++) known.push(header);
  for (const maxFields of [0, 1, 2]) {
    const options = { lazy: false, maxFields };
    const [found] = new codec.FrameReader(options).push(header) as [ContentHeader];
    expect(() => found.properties.headers).toThrow("fields");
    expect(() => new codec.FrameReader({ ...options, strict: true }).push(header)).toThrow(DecodeError);
  }
  expectTable(new codec.FrameReader({ lazy: false, maxFields: 3 }));
  // The shortest fields there are, as many as a known table may have.
  const many = Object.fromEntries(Array.from({ length: 76 }, (_, i) => [String.fromCharCode(40 + i), null]));
  const large = marshal(new ContentHeader({ bodySize: 1, properties: { headers: many } }), 1);
  for (let times = 0; times < 4; times++) known.push(large);
  for (const maxFields of [75, 76]) {
    const [found] = new codec.FrameReader({ lazy: false, maxFields }).push(large) as [ContentHeader];
    if (maxFields === 75) expect(() => found.properties.headers).toThrow(DecodeError);
    else expect({ ...found.properties.headers }).toEqual(many);
  }
});
