import { EncodeError } from "./errors.js";
import { putNumber, putSeconds, putValue } from "./put-values.js";
import { flags } from "./put-properties.js";
import { putTable } from "./put-tables.js";
import { longOctets, newPlace, putLong, putShort, shortOctets } from "./texts.js";

/** Statements that store octets at `at + offset` as wide constants. */
function stores(octets, offset) {
  const lines = [];
  let k = 0;
  for (; k + 4 <= octets.length; k += 4) lines.push(`dv.setInt32(at + ${offset + k}, ${octets.readInt32LE(k)}, true);`);
  if (k + 2 <= octets.length) {
    lines.push(`dv.setInt16(at + ${offset + k}, ${octets.readInt16LE(k)}, true);`);
    k += 2;
  }
  if (k < octets.length) lines.push(`dv.setUint8(at + ${offset + k}, ${octets[k]});`);
  return lines.join(" ");
}

/** A function that stores octets at `at`. */
export function generateStores(octets) {
  return new Function("dv", "at", stores(octets, 0));
}

const SMALL = "(v | 0) === v && v >= -128 && v < 128 && (v !== 0 || 1 / v > 0)";

/** What makes a function of lines, with all that they may call. */
function compile(lines) {
  const helpers = { EncodeError, putLong, putNumber, putSeconds, putShort, putTable, putValue };
  return new Function(
    "helpers",
    `"use strict"; const { ${Object.keys(helpers).join(", ")} } = helpers;\nreturn function (writer, object, at) {\n${lines.join("\n")}\n};`,
  )(helpers);
}

/**
 * A writer of tables with these keys. `values` are those of one such table, and say which types are likely; `usual` those that were always the same, which are stored together with their keys as
 * constants. All else goes the general way.
 */
export function generateTableWriter(keys, values, usual) {
  const entries = keys.map(shortOctets);
  const most = entries.reduce((sum, octets) => sum + octets.length + 96, 16);
  const lines = [
    `at = writer.room(at, ${most}); let dv = writer.view; const start = at - writer.begun; at += 4; let v;`,
  ];
  keys.forEach((key, i) => {
    const octets = entries[i];
    const size = octets.length;
    const cases = [];
    const type = typeof values[i];
    if (typeof usual[i] === "string" && usual[i].length <= 32 && Buffer.byteLength(usual[i]) <= 64) {
      const whole = Buffer.concat([octets, longOctets(usual[i])]);
      cases.push(`if (v === ${JSON.stringify(usual[i])}) { ${stores(whole, 0)} at += ${whole.length}; }`);
    } else if (type === "string")
      cases.push(
        `if (typeof v === "string") { ${stores(octets, 0)} at = putLong(writer, v, at + ${size}, ${newPlace()}); at = writer.room(at, ${most}); dv = writer.view; }`,
      );
    else if (type === "number")
      cases.push(
        `if (typeof v === "number") { ${stores(octets, 0)} if (${SMALL}) { dv.setInt16(at + ${size}, 0x6200 | (v & 0xff)); at += ${size + 2}; } else at = putNumber(dv, v, at + ${size}); }`,
      );
    else if (type === "boolean")
      cases.push(
        `if (v === true || v === false) { ${stores(octets, 0)} dv.setInt16(at + ${size}, v ? 0x7401 : 0x7400); at += ${size + 2}; }`,
      );
    cases.push(
      `if (v !== undefined) { ${stores(octets, 0)} at = putValue(writer, v, at + ${size}); at = writer.room(at, ${most}); dv = writer.view; }`,
    );
    lines.push(`v = object[${JSON.stringify(key)}];`, cases.join(" else "));
  });
  lines.push("dv.setInt32(writer.begun + start, at - (writer.begun + start) - 4);", "return at;");
  return compile(lines);
}

/** A writer of property lists with these keys, which may stand in any order: property flags, then values. There is room for all but the headers. Answers -1 where an object has others. */
export function generatePropertiesWriter(keys, _values, usual) {
  const others = Object.keys(flags).filter((name) => !keys.includes(name));
  const absent = others.map((name) => `object.${name} !== undefined`).join(" || ");
  const lines = [
    `if (${absent || "false"}) return -1;`,
    "let dv = writer.view; const start = at - writer.begun; at += 2; let flags = 0; let v;",
  ];
  for (const [name, bit] of Object.entries(flags)) {
    const i = keys.indexOf(name);
    if (i < 0) continue;
    let put;
    if (name === "headers") put = "at = putTable(writer, v, at); at = writer.room(at, 3072); dv = writer.view;";
    else if (name === "deliveryMode" || name === "priority")
      put = `if ((v & 0xff) !== v) throw new EncodeError("${name} out of its range"); dv.setUint8(at++, v);`;
    else if (name === "timestamp")
      put = `if ((v | 0) === v && v >= 0) { dv.setInt32(at, 0); dv.setInt32(at + 4, v); } else putSeconds(dv, v, at); at += 8;`;
    else {
      put = `if (typeof v !== "string") throw new EncodeError("${name} is no string");`;
      if (name === "messageId" || name === "correlationId") put += " at = writer.putId(v, at);";
      else if (typeof usual[i] === "string" && usual[i].length <= 32) {
        const octets = shortOctets(usual[i]);
        put = `if (v === ${JSON.stringify(usual[i])}) { ${stores(octets, 0)} at += ${octets.length}; } else { ${put} at = putShort(writer, v, at, ${newPlace()}); }`;
      } else put += ` at = putShort(writer, v, at, ${newPlace()});`;
    }
    lines.push(`v = object.${name};`, `if (v !== undefined && v !== null) { flags |= ${1 << bit}; ${put} }`);
  }
  lines.push("dv.setInt16(writer.begun + start, flags);", "return at;");
  return compile(lines);
}
