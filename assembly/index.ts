/** What the module exports: the list, nothing else. */
export { initialize } from "./initialize";
export { growCommand, growInput, growOutput, growTape, state } from "./memory";
export { internedEntries } from "./intern";
export { clearKnownTables } from "./known-tables";
export { addPattern, patternOctets, patternSteps } from "./table-patterns";
export { read, readFields, readMethodArguments, readProperties } from "./frame-reader";
export { patchArgument, patchHeaders } from "./editing";
export { frameMethod } from "./whole-frame";
export { listFields, listProperties } from "./listing";
export { longAt, measureValue, octetAt, shortAt } from "./values";
export { write } from "./frame-writer";
export { checkFrame, scan } from "./frame-check";
export { deliveries } from "./deliver-run";
export { publishes } from "./publish-run";
export { passRun } from "./frame-run";
export { deliver, deliverWhole, forgetTags, forward, forwardRun, getOk, giveBack, keepTag } from "./rewrite";
