/** Loading the core as a page does that fetches it: this file is alone with its modules, and nothing comes before the first test. */
import { expect, test } from "vitest";
import { coreBase64 } from "../src/core-binary.js";
import { FieldTable, FrameReader, FrameWriter, initialize, Queue, unmarshal } from "../src/index.js";

const bytes = Uint8Array.from(atob(coreBase64), (character) => character.charCodeAt(0));

test("initialize takes a response and a memory, and then the package lives there", async () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  new Uint8Array(memory.buffer, 65_536).fill(0x5a);
  const declare = new Queue.Declare({ queue: "orders", arguments: { a: [1, "two"] } });
  const done: unknown = initialize(Promise.resolve(new Response(bytes)), { memory });
  expect(done).toBeInstanceOf(Promise);
  await done;
  expect(memory.buffer.byteLength).toBeGreaterThan(2 * 65_536);
  const octets = new FrameWriter().write(declare, 1).flush();
  const [frame] = new FrameReader().push(octets);
  expect(declare.equals(frame)).toBe(true);
  expect(declare.equals(unmarshal(octets)!.frame)).toBe(true);
  expect(FieldTable.from({ a: 1 }).get("a")).toBe(1);
  // The name stands somewhere in the memory that was given, and not in the page that was the caller's.
  const all = new Uint8Array(memory.buffer);
  expect(new TextDecoder("latin1").decode(all).indexOf("orders")).toBeGreaterThan(2 * 65_536);
  expect(all.subarray(65_536, 2 * 65_536).every((octet) => octet === 0x5a)).toBe(true);
  expect(() => initialize()).toThrow("the core is in use already");
});
