/**
 * Code that writes the messages of one layout, made where code may be made (see `made-code`): it reads what this layout has, compares what is always the same with constants, and puts the record's words where they are known to
 * stand. All values are read and found right before the first of them is written, so that nothing has to be taken back, whatever getters do.
 */
import { FEW_CHARACTERS, FEW_OCTETS, SURELY_SHORT, type CommandTape } from "./command-tape.js";
import type { ContentLayout, Field } from "./content-layout.js";
import type { Destination } from "./destination.js";
import { FieldKind } from "./field-kind.js";
import { CommandKind } from "./generated/command-kinds.js";
import type { PropertiesFields } from "./generated/properties.js";
import { bitsOf, NO_BIT, type ContentMethod, type KeptMethods } from "./kept-methods.js";
import { joinMethod } from "./layout-octets.js";
import { lengthOf } from "./length-of.js";
import { ENVELOPE } from "./limits.js";
import { Codes } from "./made-code.js";
import type { PropertyList } from "./property-list.js";
import { inNode, isWellFormed } from "./strings.js";
import type { TableShapes } from "./table-shapes.js";
import { highOf, secondsOf } from "./timestamp.js";

/** The frame of a method, a content header and one body frame. Answers whether it is done; where not, nothing is on the tape of it. */
export type WriteMessage = (
  to: Destination,
  method: ContentMethod | null | undefined,
  channel: number,
  properties: PropertiesFields | PropertyList,
  size: number,
  body: Uint8Array,
) => boolean;

/** What the code of a layout needs of those who know the tape. */
export interface Writers {
  readonly tape: CommandTape;
  readonly methods: KeptMethods;
  readonly shapes: TableShapes;
}

/** Where the words of gaps and holes begin. */
export const HOLES = 2;

// eslint-disable-next-line @typescript-eslint/unbound-method -- called as they are
const { prototypeOf, set } = { prototypeOf: Object.getPrototypeOf, set: Uint8Array.prototype.set };

const codes = new Codes(512);

/** Properties that are the same in all messages of a layout. */
const CONSTANT = [
  "contentType",
  "contentEncoding",
  "deliveryMode",
  "priority",
  "replyTo",
  "type",
  "userId",
  "appId",
] as const;

/** Those that are new in each message, in the order of the wire. */
const IDS = ["correlationId", "expiration", "messageId"] as const;
const FRESH = [...IDS, "timestamp"] as const;

/** Whether the value of a field can go out, or its words where it may be anything. */
function lineOf({ key, kind, value, place }: Field, i: number): string {
  const v = `v${i}`;
  const read = `const ${v} = headers[${JSON.stringify(key)}];`;
  if (kind === FieldKind.SAME) return `${read} if (${v} !== ${JSON.stringify(value)}) break out;`;
  if (kind === FieldKind.SMALL)
    return `${read} if (typeof ${v} !== "number" || ${v} << 24 >> 24 !== ${v} || (${v} === 0 && 1 / ${v} < 0)) break out; words[at + ${HOLES + place}] = ${v};`;
  if (kind === FieldKind.BOOLEAN)
    return `${read} if (${v} === true) words[at + ${HOLES + place}] = 1; else if (${v} === false) words[at + ${HOLES + place}] = 0; else break out;`;
  return `${read} n = shapes.field(${v}, fields[${i}], at + ${HOLES + place}, to.wide, 0); if (n < 0) break out; octets += n;`;
}

/** Reads the fields of the headers, and puts down their words; others may not encode meanwhile. */
function linesOfTable(fields: readonly Field[]): string[] {
  const last = JSON.stringify(fields.at(-1)!.key);
  return [
    'if (typeof headers !== "object" || headers === null) break out;',
    "tape.busy = true; tape.opened = 0;",
    "try {",
    "let i = 0;",
    "for (const key in headers) if (key !== keys[i++]) break out;",
    `if (i !== ${fields.length} || objects[${last}] !== undefined) break out;`,
    ...fields.map(lineOf),
    // Behind the fields: an engine then knows what it asks.
    "const prototype = prototypeOf(headers);",
    "if (prototype !== objects && prototype !== null) break out;",
    // A getter's error: the long way gets it again, and says where.
    "} catch { break out; } finally { tape.busy = false; tape.opened = kept.full ? 0 : to.id; }",
  ];
}

/** What writes the messages of a layout; `undefined` where no code may be made for them. */
export function writerOf(layout: ContentLayout, { tape, methods, shapes }: Writers): WriteMessage | undefined {
  const { fields, address, generation } = layout;
  if (layout.shape !== undefined && fields.length === 0) return undefined;
  // Whose memory others may grow has to be looked after each time.
  if (tape.core.foreign) return undefined;
  const lastKey = fields.at(-1)?.key;
  // Own fields come before those of a prototype: where the last one is its own all of them are. What every object has under a name cannot be told from that.
  if (lastKey !== undefined && lastKey in Object.prototype) return undefined;
  // The method of those that it is made for comes again, most likely.
  const { last } = methods;
  const joined = last === undefined ? 0 : joinMethod(tape, address, layout.size, last);
  const whose = joined > 0 ? last : undefined;
  const any = fields.some(({ kind }) => kind === FieldKind.ANY);
  const ids = IDS.filter((name) => layout.has(name));
  const stamped = layout.has("timestamp");
  const absent = [...FRESH.filter((name) => !layout.has(name)), "clusterId"];
  const unlike = [
    ...CONSTANT.map((name) => `p.${name} !== ${JSON.stringify(layout[name])}`),
    ...absent.map((name) => `p.${name} !== undefined`),
  ];
  let words = HOLES + layout.words;
  const places = ids.map(() => (words += 2) - 2);
  const time = words;
  if (stamped) words += 2;
  const lengths = ids.map((name) => `${name}.length`).join(" + ") || "0";
  const { core, kept, places: textPlaces } = tape;
  const known = {
    ...{ tape, core, kept, methods, shapes, places: textPlaces, joined, whose, address, generation },
    ...{ bitsOf, secondsOf, highOf, lengthOf, isWellFormed, set, objects: Object.prototype, prototypeOf },
    fields: layout.shape?.fields.places,
    // One more than there are fields: no key is equal to it.
    keys: [...fields.map(({ key }) => key), undefined],
  };
  const lines = [
    `const { ${Object.keys(known).join(", ")} } = r;`,
    `return function (to, method, channel, p, size, body) {`,
    "const bits = bitsOf(method);",
    `if (bits >= ${NO_BIT} || (channel & 0xffff) !== channel) return false;`,
    "const { exchange, routingKey } = method;",
    `if (${unlike.join(" || ")}) return false;`,
    `const { headers, ${[...ids, ...(stamped ? ["timestamp"] : [])].join(", ")} } = p;`,
    ...ids.map(
      (name) =>
        `if (typeof ${name} !== "string" || ${name}.length <= ${FEW_CHARACTERS} || ${name}.length > ${SURELY_SHORT} || ${inNode ? `${name}.isWellFormed()` : `isWellFormed(${name})`} !== true) return false;`,
    ),
    ...(stamped
      ? ["const seconds = timestamp === undefined ? NaN : secondsOf(timestamp);", "if (!(seconds >= 0)) return false;"]
      : []),
    ...(fields.length > 0 ? [] : ["if (headers !== undefined && headers !== null) return false;"]),
    `if (tape.opened !== to.id || ${layout.grows ? "!tape.hasRoom" : "tape.at > tape.lastAt"}) return false;`,
    "const found = methods.known(exchange, routingKey, bits);",
    "if (found === undefined) return false;",
    `const at = found === whose ? tape.layout(joined, whose.octets, channel) : tape.layout(address, found.address, channel);`,
    "const { poolEnd } = tape; const { words } = core; let n = 0;",
    ...(any ? ["const { text, pool, count } = tape;"] : []),
    "out: {",
    `let octets = ${layout.octets}${ids.length > 0 ? ` + ${ids.length} + ${lengths}` : ""};`,
    ...(fields.length > 0 ? linesOfTable(fields) : []),
    `if (lengthOf(body) !== size || core.words !== words || kept.generation !== generation) break out;`,
    `const behind = size > 0 ? size + ${ENVELOPE} : 0;`,
    "const end = tape.end + found.octets + octets + behind;",
    // Of a text that is not ASCII a character takes up to three octets.
    `const more = 2 * (${lengths});`,
    `if (octets + more${any ? " + tape.moreSince(poolEnd)" : ""} > to.frameMax || behind > to.frameMax || end + more > tape.limit) break out;`,
    ...(words > HOLES ? [`words[at] = ${CommandKind.LAID_OUT} | (size << 16);`, "words[at + 1] = octets;"] : []),
    ...(ids.length > 0 ? ["let { count, poolEnd: next } = tape;"] : []),
    ...ids.map(
      (name, i) =>
        `words[at + ${places[i]}] = ${name}.length; words[at + ${places[i]! + 1}] = next; next += ${name}.length; places[count++] = at + ${places[i]};`,
    ),
    ...(ids.length > 0
      ? [`tape.count = count; tape.poolEnd = next; tape.limit -= more; tape.fresh.texts += ${ids.join(" + ")};`]
      : []),
    ...(stamped ? [`words[at + ${time}] = highOf(seconds);`, `words[at + ${time + 1}] = seconds | 0;`] : []),
    words > HOLES ? `tape.laidOut(at + ${words}, end);` : "tape.alike(at, size, end);",
    `if (size > ${FEW_OCTETS}) set.call(core.octets, body, core.output + end - 1 - size); else if (behind > 0) tape.putPayload(body, size);`,
    "if (to.misses > 0) to.misses -= 1;",
    "return true;",
    "}",
    ...(any ? ["tape.undo(text, pool, count, poolEnd);"] : []),
    "return false;",
    "};",
  ];
  return codes.make<WriteMessage>(lines, known);
}
