/** What a reader keeps alive between two calls: nothing of the chunks that it was given. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Basic, ContentBody, ContentHeader, FrameReader, FrameWriter, MessageReader } from "../src/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function chunk(): Uint8Array {
  const writer = new FrameWriter();
  for (let i = 0; i < 10; i++)
    writer.publish(1, new Basic.Publish({ exchange: "events" }), { messageId: `m${i}` }, new Uint8Array(100));
  return writer.flush();
}

const ways: Array<[name: string, push: (octets: Uint8Array) => object]> = [
  ["frames that nobody touched", readerOf(false)],
  ["frames that were touched", readerOf(true)],
  ["messages that nobody touched", messageReader],
];

function readerOf(touch: boolean): (octets: Uint8Array) => object {
  return (octets) => {
    const reader = new FrameReader();
    for (const frame of reader.push(octets)) {
      if (touch && frame instanceof ContentBody) void frame.value;
      if (touch && frame instanceof ContentHeader) void frame.properties;
    }
    return reader;
  };
}

function messageReader(octets: Uint8Array): object {
  const reader = new MessageReader();
  reader.push(octets);
  return reader;
}

test.each(ways)("%s", async (_, push) => {
  const readers: object[] = [];
  const pushed = (): WeakRef<ArrayBufferLike> => {
    const octets = chunk();
    readers.push(push(octets));
    return new WeakRef(octets.buffer);
  };
  const refs = Array.from({ length: 4 }, pushed);
  // A reference is kept until the job is over that made it.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  expect(readers.length).toBe(4);
});
