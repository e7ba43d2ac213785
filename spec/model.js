/** The table of `amqp.js`, checked and normalised: domains resolved, bits grouped, replies linked, names in camelCase. */
import { classes, domains, fieldTypes, rules, types } from "./amqp.js";

export const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
export const pascal = (name) => camel(`-${name}`);
export const upper = (name) => name.toUpperCase().replaceAll("-", "_");

const WORD = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const typeNames = new Set(types.map(({ name }) => name));

function word(name, where) {
  // Names become code: nothing but the standard's kind of word may.
  if (typeof name !== "string" || !WORD.test(name)) throw new Error(`${where}: not a word of the standard: ${name}`);
  return name;
}

function unique(values, what) {
  const seen = new Set();
  for (const value of values) {
    if (seen.has(value)) throw new Error(`${what} ${value} stands twice`);
    seen.add(value);
  }
}

function field(row, where) {
  word(row.name, where);
  const type = domains[row.domain];
  if (!typeNames.has(type)) throw new Error(`${where}.${row.name}: unknown domain ${row.domain}`);
  if (row.validate !== undefined && !(row.validate in rules)) {
    throw new Error(`${where}.${row.name}: unknown rule ${row.validate}`);
  }
  return { ...row, type, camel: camel(row.name), snake: row.name.replaceAll("-", "_") };
}

/** Consecutive bits share octets, the first in the lowest bit (section 4.2.5.2). */
function slots(fields) {
  const all = [];
  for (const one of fields) {
    const last = all.at(-1);
    if (one.type === "bit" && last?.type === "bit" && last.fields.length < 8) last.fields.push(one);
    else all.push({ type: one.type, fields: [one] });
  }
  return all;
}

export function model(table = classes) {
  unique(
    table.map(({ id }) => id),
    "class id",
  );
  unique(
    table.map(({ name }) => name),
    "class",
  );
  unique(
    fieldTypes.map(({ octet }) => octet),
    "field type",
  );
  let dense = 0;
  const result = table.map((row) => {
    word(row.name, "class");
    unique(
      row.methods.map(({ id }) => id),
      `method id of ${row.name}`,
    );
    unique(
      row.methods.map(({ name }) => name),
      `method of ${row.name}`,
    );
    const methods = row.methods.map((method) => {
      const where = `${row.name}.${word(method.name, row.name)}`;
      unique(
        method.arguments.map(({ name }) => name),
        `argument of ${where}`,
      );
      const fields = method.arguments.map((one) => field(one, where));
      for (const reply of method.replies ?? []) {
        if (!row.methods.some(({ name }) => name === reply)) throw new Error(`${where}: unknown reply ${reply}`);
      }
      return {
        ...method,
        key: where,
        dense: dense++,
        classId: row.id,
        className: pascal(row.name),
        pascal: pascal(method.name),
        title: `${pascal(row.name)}.${pascal(method.name)}`,
        index: row.id * 0x10000 + method.id,
        replies: method.replies ?? [],
        content: method.content ?? false,
        fields,
        slots: slots(fields),
      };
    });
    const properties = row.properties?.map((one) => field(one, `${row.name}.properties`));
    return { ...row, pascal: pascal(row.name), methods, properties };
  });
  return result;
}
