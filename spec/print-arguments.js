import { fieldTypes } from "./amqp.js";

/** The arguments of all methods as accessors of one class: what a view of a frame reads straight from its octets. */

/** What a slot takes on the wire: so many octets, or one of these. */
const sizes = { bit: 1, octet: 1, short: 2, long: 4, longlong: 8, timestamp: 8, shortstr: 9, longstr: 10, table: 10 };

/** Names that a view has for something of its own. */
const renamed = { type: "exchangeType", frameMax: "tuneFrameMax" };

const results = {
  bit: "boolean",
  octet: "number",
  short: "number",
  long: "number",
  longlong: "Longlong",
  shortstr: "string | Uint8Array",
  longstr: "string | Uint8Array",
};

function argumentsOf(methods) {
  const found = new Map();
  for (const { title, dense, slots } of methods) {
    slots.forEach(({ type, fields }, slot) => {
      fields.forEach(({ camel, secret }, bit) => {
        // Tables are no scalars; secrets are for those who ask for the whole frame.
        if (type === "table" || secret) return;
        const name = renamed[camel] ?? camel;
        if (!found.has(name)) found.set(name, { name, camel, type, places: [], titles: [] });
        const row = found.get(name);
        if (row.type !== type) throw new Error(`${title}.${camel} is a ${type}, and a ${row.type} elsewhere`);
        row.places.push([dense, (slot << 3) | bit]);
        row.titles.push(title);
      });
    });
  }
  return [...found.values()];
}

const fieldSize = (layout) =>
  layout === "octets" ? sizes.shortstr : typeof layout === "string" ? sizes.longstr : layout;

const fixedSize = ({ slots }) =>
  slots.some(({ type }) => sizes[type] > 8) ? -1 : slots.reduce((sum, { type }) => sum + sizes[type], 4);

export function argumentsFile(classes, comment) {
  const methods = classes.flatMap((row) => row.methods);
  const properties = classes.find(({ properties }) => properties).properties;
  const rows = argumentsOf(methods);
  const dense = (title) => methods.find((method) => method.title === title).dense;
  let text = `import type { Longlong } from "../types.js";\n\n`;
  for (const { title, index } of methods.filter(({ title, content }) => content || title === "Basic.Ack")) {
    const name = title.replace(".", "_").toUpperCase();
    text += `export const ${name} = ${dense(title)};\nexport const ${name}_IDS = 0x${index.toString(16).padStart(8, "0")};\n`;
  }
  text += comment("Names of the methods by their dense index; behind them what a frame is that is none.");
  text += `export const METHOD_NAMES = [${methods.map(({ title }) => JSON.stringify(title)).join(", ")}] as const;\n\n`;
  text += comment("Dense indices of the methods by class id << 16 | method id.");
  text += `export const METHOD_INDICES: ReadonlyMap<number, number> = indices([${methods.map(({ index }) => `0x${index.toString(16)}`).join(", ")}]);\n\nfunction indices(ids: readonly number[]): Map<number, number> {\n  const all = new Map<number, number>();\n  for (let i = 0; i < ids.length; i++) all.set(ids[i]!, i);\n  return all;\n}\n\n`;
  text += comment(
    `By dense index: what each slot of the arguments takes, ${sizes.shortstr} a short string, ${sizes.longstr} what a long length stands before.`,
  );
  text += `export const SLOTS: readonly (readonly number[])[] = [${methods.map(({ slots }) => JSON.stringify(slots.map(({ type }) => sizes[type]))).join(", ")}];\n\n`;
  text += comment(
    "By dense index: octets of class id, method id and arguments together, -1 where they are not always as many.",
  );
  text += `export const FIXED_SIZES: readonly number[] = ${JSON.stringify(methods.map(fixedSize))};\n\n`;
  text += comment("The same of the properties, in the order of their flags.");
  text += `export const PROPERTY_SLOTS: readonly number[] = ${JSON.stringify(properties.map(({ type }) => sizes[type]))};\n`;
  text += `export const PROPERTY_NAMES: readonly string[] = ${JSON.stringify(properties.map(({ camel }) => camel))};\n\n`;
  text += comment(
    `By type octet of a field: octets of its value, ${sizes.shortstr} where a long length stands before them, ${sizes.longstr} for tables and arrays, 255 where there is no such type.`,
  );
  text += `export const FIELD_SIZES = filled(new Uint8Array(256), 255, ${JSON.stringify(fieldTypes.flatMap(({ octet, layout }) => [octet.charCodeAt(0), fieldSize(layout)]))});\n\n`;
  // Pairs in one list, and a plain loop: this is done whenever a program begins.
  text += `function filled<T extends Int8Array | Uint8Array>(all: T, otherwise: number, pairs: readonly number[]): T {\n  all.fill(otherwise);\n  for (let i = 0; i < pairs.length; i += 2) all[pairs[i]!] = pairs[i + 1]!;\n  return all;\n}\n\n`;
  text += comment("Where an argument stands: by dense index slot << 3 | bit, -1 in a method that has it not.");
  // Views of one array: arrays of their own are three times as large.
  text += `const all = new Int8Array(${rows.length * methods.length});\nlet row = 0;\n\nfunction places(pairs: readonly number[]): Int8Array {\n  const at = row++ * ${methods.length};\n  return filled(all.subarray(at, at + ${methods.length}), -1, pairs);\n}\n\n`;
  text += rows.map(({ name, places }) => `const ${name} = places(${JSON.stringify(places.flat())});\n`).join("");
  text += `\n` + comment("Short strings by name, for comparisons.");
  text += `export const SHORT_STRINGS = { ${rows
    .filter(({ type }) => type === "shortstr")
    .map(({ name }) => name)
    .join(", ")} } as const;\n\n`;
  text += comment(
    "Every argument of every method that is no table and no secret; `undefined` where the current frame's method has none of that name.",
  );
  text += `export abstract class MethodArguments {\n`;
  for (const type of Object.keys(results)) {
    text += `  /** @internal */\n  abstract ${type}(places: Int8Array): ${results[type]} | undefined;\n`;
  }
  for (const { name, camel, type, titles } of rows) {
    const why = name === camel ? "" : ` Called \`${camel}\` in the command classes.`;
    text += "\n" + comment(`A ${type} of ${titles.join(", ")}.${why}`, "  ");
    text += `  get ${name}(): ${results[type]} | undefined {\n    return this.${type}(${name});\n  }\n`;
  }
  return `${text}}\n`;
}
