/** The rows: what is measured, in the order in which it is printed. A row's kind is the file in kinds/ that measures it. */

const decode = (workload, mode, cut, more) => ({
  kind: "decode",
  name: `decode ${workload}, ${mode}, ${cut}${more?.title ? `, ${more.title}` : ""}`,
  workload,
  mode,
  cut,
  ...more,
});
const encode = (job, workload, more) => ({
  kind: "encode",
  name: `encode ${job} ${workload}${more?.title ? `, ${more.title}` : ""}`,
  workload,
  job,
  ...more,
});
const batched = [
  ...["W1", "W2", "W3", "W5", "W7", "W8"].map((workload) => encode("publish", workload)),
  encode("ack", "W4"),
  encode("ack", "W4", { title: "as objects", objects: true }),
  ...["W1", "W2"].map((workload) => encode("prepared", workload)),
];
const heap = (workload, mode) => ({ kind: "heap", name: `heap ${workload}, ${mode}`, workload, mode, host: "node" });

const cursor = (workload, cut) => ({ kind: "cursor", name: `cursor ${workload}, ${cut}`, workload, cut });
const forward = (workload, channel) => ({
  kind: "pass",
  name: `forward ${workload}, ${channel === undefined ? "same channel" : "another channel"}`,
  job: "forward",
  workload,
  channel,
});
/** The program is asked for the consumers of each route, or of each publish. */
const deliver = (workload, consumers, asked = false) => ({
  kind: "pass",
  name: `deliver ${workload} to ${consumers === 1 ? "1 consumer" : `${consumers} consumers`}${asked ? ", asked each time" : ""}`,
  job: "deliver",
  workload,
  consumers,
  asked,
});

const WHOLE = "64 KiB";
const ONE = "one message a chunk";

/** @type {({ kind: string, name: string } & Record<string, unknown>)[]} */
export const rows = [
  ...["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8"].map((workload) => decode(workload, "full", WHOLE)),
  ...["W1", "W2", "W5", "W6"].map((workload) => decode(workload, "full", "ragged")),
  ...["W1", "W2", "W4"].map((workload) => decode(workload, "full", ONE)),
  ...["W1", "W2"].map((workload) => decode(workload, "untouched", WHOLE)),
  ...["W1", "W2"].map((workload) => decode(workload, "asked", WHOLE)),
  ...["W1", "W2", "W6"].map((workload) => decode(workload, "messages", WHOLE)),
  decode("W1", "full", WHOLE, { title: "after every other workload", polluted: true }),
  decode("W1", "full", WHOLE, {
    title: "without new Function",
    codeless: true,
    flags: ["--disallow-code-generation-from-strings"],
  }),
  ...batched,
  ...batched.map((row) => ({ ...row, name: `${row.name}, an array each time`, anew: true })),
  encode("marshal", "W1"),
  ...["W1", "W2", "W3", "W4", "W5"].map((workload) => cursor(workload, WHOLE)),
  cursor("W1", "ragged"),
  ...["W1", "W2", "W3"].flatMap((workload) => [forward(workload), forward(workload, 7)]),
  ...["W1", "W2", "W3"].flatMap((workload) => [1, 3, 10].map((consumers) => deliver(workload, consumers))),
  ...[1, 3, 10].map((consumers) => deliver("W1", consumers, true)),
  { kind: "patch", name: "patchHeaders W1, set", workload: "W1", job: "set" },
  { kind: "patch", name: "patchHeaders W1, set and delete", workload: "W1", job: "both" },
  { kind: "patch", name: "patchHeaders W1, set, into one array", workload: "W1", job: "set", again: true },
  { kind: "patch", name: "patchHeaders W1, set and delete, into one array", workload: "W1", job: "both", again: true },
  { kind: "push", name: "fixed cost of a push" },
  { kind: "connections", name: "1,000 connections in turn" },
  { kind: "idle", name: "memory of an idle reader", flags: ["--expose-gc"], host: "node" },
  heap("W1", "full"),
  heap("W5", "full"),
  { kind: "cold", name: "cold start", host: "node" },
  { kind: "growth", name: "time against stream size" },
  { kind: "peak", name: "memory against stream size", host: "node" },
];
