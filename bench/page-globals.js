/** What rivals take for granted because Node has it. Bundled in their place by page-bundle.js. */
import { Buffer } from "buffer";
import process from "process";

// Node's has both spellings, the library for some methods one.
for (const name of Object.getOwnPropertyNames(Buffer.prototype)) {
  const alias = name.replace("UInt", "Uint");
  if (!(alias in Buffer.prototype)) Buffer.prototype[alias] = Buffer.prototype[name];
}
process.release ??= { name: "browser" };

const { port1, port2 } = new globalThis.MessageChannel();
const waiting = [];
port1.onmessage = () => waiting.shift()();

function setImmediate(call, ...given) {
  waiting.push(() => call(...given));
  port2.postMessage(0);
}

export { Buffer, process, setImmediate };
