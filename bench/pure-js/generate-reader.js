import { Decimal, Timestamp } from "./frames.js";
import { after, array, bytes, field, sizes } from "./fields.js";
import { signed64, unsigned64 } from "./numbers.js";
import { addSetter, gather, newness, newPlace } from "./pool.js";
import { intern } from "./strings.js";
import { table } from "./tables.js";

/** A statement that sets a field of an object. Assigned, `__proto__` would set the prototype. */
const assigned = (object, key, value) =>
  key === "__proto__"
    ? `Object.defineProperty(${object}, "__proto__", { value: ${value}, writable: true, enumerable: true, configurable: true });`
    : `${object}[${JSON.stringify(key)}] = ${value};`;

/**
 * A class of plain objects with these keys. No literal: V8 counts where a literal's first objects end, and makes the later ones in its old space where they were kept for long; from then on a table takes several times as long. Of a class's objects it does not count that.
 */
function tableClass(keys) {
  const fields = keys.map((key, i) => assigned("this", key, `v${i}`));
  return `function Table(${keys.map((_, i) => `v${i}`).join(", ")}) { ${fields.join(" ")} }\nTable.prototype = Object.prototype;`;
}

/** A function that makes an object of an array of values. */
export function maker(keys) {
  return new Function(
    `"use strict"; ${tableClass(keys)}\nreturn (v) => new Table(${keys.map((_, i) => `v[${i}]`).join(", ")});`,
  )();
}

const setter = (key) => new Function("o", "v", assigned("o.headers", key, "v"));

/** Expressions that are true where some octets at `at + offset` are not these. */
function differences(octets, offset) {
  const n = octets.length;
  const view = new DataView(octets.buffer, octets.byteOffset, n);
  const found = [];
  let k = 0;
  for (; k + 4 <= n; k += 4) found.push(`dv.getInt32(at + ${offset + k}, true) !== ${view.getInt32(k, true)}`);
  if (k < n) {
    if (n >= 4) found.push(`dv.getInt32(at + ${offset + n - 4}, true) !== ${view.getInt32(n - 4, true)}`);
    else for (; k < n; k++) found.push(`dv.getUint8(at + ${offset + k}) !== ${octets[k]}`);
  }
  return found;
}

const fixedValues = {
  t: (o) => `dv.getUint8(${o}) !== 0`,
  b: (o) => `dv.getInt8(${o})`,
  B: (o) => `dv.getUint8(${o})`,
  s: (o) => `dv.getInt16(${o})`,
  u: (o) => `dv.getUint16(${o})`,
  I: (o) => `dv.getInt32(${o})`,
  i: (o) => `dv.getUint32(${o})`,
  l: (o) => `signed64(dv.getInt32(${o}), dv.getInt32(${o} + 4))`,
  L: (o) => `signed64(dv.getInt32(${o}), dv.getInt32(${o} + 4))`,
  f: (o) => `dv.getFloat32(${o})`,
  d: (o) => `dv.getFloat64(${o})`,
  D: (o) => `new Decimal(dv.getUint8(${o}), dv.getInt32(${o} + 1))`,
  T: (o) => `new Timestamp(unsigned64(dv.getInt32(${o}), dv.getInt32(${o} + 4)))`,
  V: () => "null",
};
const variableValues = {
  x: () => "bytes(octets, at, n)",
  A: () => "array(octets, dv, at, at + n, depth + 1)",
  F: () => "table(octets, dv, at, at + n, depth + 1)",
};

/**
 * A reader of one sequence of keys: answers the object, or undefined where something else stands there (then nothing was consumed). `entries` are the octets of each field: key with its length,
 * and the type that is most likely; a field of another type is read the general way.
 */
export function generateReader(keys, entries, usual) {
  const lines = [];
  // Octets that are needed at least from each entry on.
  const least = [];
  for (let i = entries.length, rest = 0; i-- > 0;) {
    const size = sizes[entries[i].at(-1)];
    least[i] = rest += entries[i].length + (size < 0 ? 4 : size);
  }
  least.push(0);
  let offset = 0;
  lines.push(`if (end - at < ${least[0]}) return undefined;`);
  entries.forEach((entry, i) => {
    const type = entry.at(-1);
    const key = entry.subarray(0, -1);
    const unlike = differences(key, offset).join(" || ");
    lines.push(`if (${unlike}) return undefined;`);
    const typeAt = offset + key.length;
    const name = String.fromCharCode(type);
    const general = (next) =>
      `v${i} = field(octets, dv, at + ${typeAt}, end, depth); at = after[0]${next ? ` - ${next}` : ""}; if (end - at < ${next + least[i + 1]}) return undefined;`;
    lines.push(`let v${i};`);
    if (name in fixedValues) {
      const next = typeAt + 1 + sizes[type];
      lines.push(
        `if (dv.getUint8(at + ${typeAt}) === ${type}) v${i} = ${fixedValues[name](`at + ${typeAt + 1}`)};`,
        `else { ${general(next)} }`,
      );
      offset = next;
      return;
    }
    let value = "";
    if (name === "S") {
      const place = newPlace();
      const octets = typeof usual[i] === "string" ? Buffer.from(usual[i]) : undefined;
      if (octets !== undefined && octets.length > 0 && octets.length <= 32)
        value = `if (n === ${octets.length} && !(${differences(octets, 0).join(" || ")})) v${i} = ${JSON.stringify(usual[i])}; else `;
      value += `if (depth === 0 && newness[${place}] < 0 && ++newness[${place}] && gather(dv, at, n, ${addSetter(setter(keys[i]))})) v${i} = ""; else v${i} = intern(octets, dv, at, n, ${place});`;
    } else value = `v${i} = ${variableValues[name]()};`;
    lines.push(
      `if (dv.getUint8(at + ${typeAt}) === ${type}) {`,
      `const n = dv.getInt32(at + ${typeAt + 1}); at += ${typeAt + 5};`,
      `if (n < 0 || n > end - at - ${least[i + 1]}) return undefined;`,
      value,
      `at += n; } else { ${general(0)} }`,
    );
    offset = 0;
  });
  lines.push(`if (at + ${offset} !== end) return undefined;`);
  lines.push(`return new Table(${keys.map((_, i) => `v${i}`).join(", ")});`);
  // Not at the top: these modules import each other.
  const helpers = {
    Decimal,
    Timestamp,
    after,
    array,
    bytes,
    field,
    signed64,
    unsigned64,
    gather,
    newness,
    intern,
    table,
  };
  return new Function(
    "helpers",
    `"use strict"; const { ${Object.keys(helpers).join(", ")} } = helpers;\n${tableClass(keys)}\nreturn function (octets, dv, at, end, depth) {\n${lines.join("\n")}\n};`,
  )(helpers);
}
