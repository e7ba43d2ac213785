/** What the module exports: the list, nothing else. */
export { initialize } from "./initialize";
export { growCommand, growInput, growOutput, growTape, state } from "./memory";
export { internedEntries } from "./intern";
export { read, readFields, readMethodArguments, readProperties } from "./frame-reader";
export { longAt, measureValue, octetAt, shortAt } from "./values";
export {
  rewindOutput,
  takePublish,
  writeContentHeader,
  writeEnvelope,
  writeFrameEnd,
  writeFrameHead,
  writeHeartbeat,
  writeMethod,
  writeMethodArguments,
  writeProtocolHeader,
  writeValue,
} from "./frame-writer";
export { checkFrame, deliver, forgetTags, forward, getOk, giveBack, keepTag } from "./rewrite";
