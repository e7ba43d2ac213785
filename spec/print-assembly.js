/** The core's half of what is generated: constants and tables of octets. */
import * as abi from "./abi.js";
import { constants, fieldTypes } from "./amqp.js";
import { upper } from "./model.js";

/** Codes of argument types in signatures; the order is part of the ABI of `write…` and `measureValue`. */
export const argumentTypes = [
  "end",
  "bit",
  "octet",
  "short",
  "long",
  "longlong",
  "shortstr",
  "longstr",
  "table",
  "timestamp",
  "array",
  "field",
];

/** Layout codes of field types: octets of payload up to 8, then these. */
const layoutCodes = { octets: 9, array: 10, table: 11 };
const LAYOUT_UNKNOWN = 255;

const numbers = (rows) => rows.map(([name, value]) => `export const ${upper(name)}: u32 = ${value};\n`).join("");
const counted = (rows, from = 0) => numbers(rows.map((row, i) => [row.name ?? row, i + from]));

function octets(name, values, type = "u8") {
  const lines = [];
  for (let i = 0; i < values.length; i += 24) lines.push(`  ${values.slice(i, i + 24).join(", ")},\n`);
  return `export const ${name}: usize = memory.data<${type}>([\n${lines.join("")}]);\n`;
}

/** `Basic.GetOk` as `basic-get-ok`. */
const kebab = (title) => title.replace(/[.]|(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

function layouts() {
  const table = new Array(256).fill(LAYOUT_UNKNOWN);
  for (const { octet, layout } of fieldTypes) table[octet.charCodeAt(0)] = layoutCodes[layout] ?? layout;
  return table;
}

function integers() {
  const table = new Array(256).fill(0);
  for (const { octet, integer } of fieldTypes) if (integer) table[octet.charCodeAt(0)] = integer === "signed" ? 2 : 1;
  return table;
}

function signatures(classes) {
  const methods = classes.flatMap((row) => row.methods);
  const inOrder = methods.map((_, dense) => dense).sort((a, b) => methods[a].index - methods[b].index);
  const bytes = [];
  const starts = [];
  for (const { content, slots } of methods) {
    starts.push(bytes.length);
    bytes.push(content ? 1 : 0, ...slots.map(({ type }) => argumentTypes.indexOf(type)), 0);
  }
  return (
    `/** For each method: 1 where it carries content, the types of its arguments (a run of bits is one), 0. */\n` +
    octets("signatures", bytes) +
    `\n/** Where each method's signature begins. */\n` +
    octets("signatureStarts", starts, "u16") +
    `\n/** Class id << 16 | method id of each method. */\n` +
    numbers([["methods", methods.length]]) +
    octets(
      "methodIds",
      methods.map(({ index }) => index),
      "u32",
    ) +
    `\n/** The methods in the order of their ids. */\n` +
    octets("methodsInOrder", inOrder) +
    `\n/** Methods that the reader knows by itself: ids as in the table above, and dense index. */\n` +
    numbers(
      methods
        .filter(({ title }) =>
          ["Basic.Ack", "Basic.Deliver", "Basic.GetOk", "Basic.Publish", "Basic.Return"].includes(title),
        )
        .flatMap(({ title, index, dense }) => [
          [`${kebab(title)}-ids`, index],
          [kebab(title), dense],
        ]),
    )
  );
}

export function assemblyFiles(classes) {
  const properties = classes.find(({ properties }) => properties).properties;
  const fromAbi = (text) => ({ source: "spec/abi.js", text });
  const fromAmqp = (text) => ({ source: "spec/amqp.js", text });
  return {
    "constants.ts": fromAmqp(numbers(constants.map(({ name, value }) => [name, value]))),
    "argument-types.ts": fromAmqp(counted(argumentTypes)),
    "field-types.ts": fromAmqp(
      `/** By type octet: octets of payload up to 8; ${layoutCodes.octets} for a long length and octets, ${layoutCodes.array} an array, ${layoutCodes.table} a table; ${LAYOUT_UNKNOWN} for no type. */\n` +
        octets("layouts", layouts()) +
        `\n/** By type octet: 1 for an unsigned integer, 2 for a signed one, 0 for none. */\n` +
        octets("integers", integers()),
    ),
    "signatures.ts": fromAmqp(signatures(classes)),
    "properties.ts": fromAmqp(
      numbers([
        ["properties", properties.length],
        ["headers-flag", 0x8000 >> properties.findIndex(({ name }) => name === "headers")],
      ]) +
        `\n/** Types of the properties in the order of their flags. */\n` +
        octets(
          "propertyTypes",
          properties.map(({ type }) => argumentTypes.indexOf(type)),
        ),
    ),
    "property-flags.ts": fromAmqp(numbers(properties.map(({ name }, i) => [name, 0x8000 >> i]))),
    "state.ts": fromAbi(counted(abi.state) + numbers([["words", abi.state.length]])),
    "status.ts": fromAbi(counted(abi.status)),
    "flags.ts": fromAbi(numbers(abi.flags.map(({ name, value }) => [name, value]))),
    "kinds.ts": fromAbi(numbers(abi.kinds.map(({ name, value }) => [name, value]))),
    "decode-errors.ts": fromAbi(counted(abi.decodeErrors, 1)),
    "encode-errors.ts": fromAbi(counted(abi.encodeErrors, 1)),
    "commands.ts": fromAbi(
      numbers([
        ...abi.commands.map(({ name, value }) => [name, value]),
        ["most-short", abi.mostShort],
        ["most-laid", abi.mostLaid],
        ["failed", 0xffffffff],
      ]),
    ),
    "holes.ts": fromAbi(numbers(abi.holes.map(({ name, value }) => [name, value]))),
    "pattern-steps.ts": fromAbi(
      numbers([
        ...abi.patternSteps.map(({ name, value }) => [name, value]),
        ["signed", abi.patternHole.signed],
        ["high-first", abi.patternHole.highFirst],
      ]),
    ),
    "references.ts": fromAbi(
      numbers([
        ["pool-reference", abi.stringReference.pool],
        ["direct-reference", abi.stringReference.direct],
        ["binary-reference", abi.stringReference.binary],
      ]),
    ),
    "limits.ts": fromAbi(
      numbers([
        ["max-depth", abi.limits.maxDepth],
        ["interned-octets", abi.limits.internedOctets],
        ["interned-strings", abi.limits.internedStrings],
        ["shapes", abi.limits.shapes],
        ["shape-fields", abi.limits.shapeFields],
        ["known-tables", abi.limits.knownTables],
        ["patterns", abi.limits.patterns],
        ["pattern-steps", abi.limits.patternSteps],
        ["pattern-step-words", abi.limits.patternStepWords],
        ["pattern-octets", abi.limits.patternOctets],
        ["pattern-stride", abi.limits.patternStride],
        ["slack", abi.limits.slack],
        ["level-words", abi.level.length],
        ["record-words", abi.limits.recordWords],
        ["field-words", abi.limits.fieldWords],
        ["passing-words", abi.limits.passingWords],
        ["tags-octets", abi.limits.tagsOctets],
        ["consumer-words", abi.consumer.length],
        ["place-words", abi.place.length],
        ["delivered-words", abi.delivered.length],
        ["same-route", abi.sameRoute],
        ["routed", abi.routed],
        ["route-words", abi.route.length],
        ["routed-words", abi.routedConsumer.length],
        ["delivery-octets", abi.limits.deliveryOctets],
        ["integer-field", abi.integerField],
      ]),
    ),
  };
}
