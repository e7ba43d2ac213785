/** One row in a process of its own; see engines.js. */
import { answer, job } from "./child.js";
import { span } from "./measure.js";
import { runRow } from "./run-row.js";

const { row, ...options } = job();
const result = await runRow(row, options);
// On the clock of --cpu-prof, in microseconds.
const offset = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
answer({ ...result, measured: { from: offset + span.from * 1000, to: offset + span.to * 1000 } });
