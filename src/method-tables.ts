/** Table arguments of methods: as objects, or as `FieldTable` where the reader was told so. */
import type { Core } from "./core.js";
import { FieldTable } from "./field-table.js";
import { readTable, skipTable } from "./fields.js";
import type { DecodeSettings } from "./limits.js";
import type { Table } from "./types.js";

let settings: DecodeSettings | undefined;
let base = 0;

/** Says what is being decoded, for as long as somebody walks the tape; `octets` is the offset in the stream of the input's first. */
export function setTableContext(to: DecodeSettings | undefined, octets: number): void {
  settings = to;
  base = octets;
}

/** The table whose head stands at this word of the tape. */
export function table(core: Core, head: number): Table {
  if (settings === undefined || !settings.exact) return readTable(core, head);
  skipTable(head);
  const offset = core.words[head]! >>> 0;
  const octets = core.octets.slice(core.input + offset, core.input + offset + (core.words[head + 1]! >>> 0));
  // The core has checked the fields: nothing of the origin is needed but the limits.
  return new FieldTable(octets, {
    core,
    settings,
    offset: base + offset,
    path: "",
    header: false,
    channel: 0,
    classId: 0,
    methodId: 0,
  });
}
