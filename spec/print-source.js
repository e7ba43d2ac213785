/** The face's half of what is generated: constants, and the command classes in full. */
import * as abi from "./abi.js";
import { constants, conventions, fieldTypes, replyCodes, rules, types, version } from "./amqp.js";
import { pascal, upper } from "./model.js";
import { argumentsFile } from "./print-arguments.js";
import { argumentTypes } from "./print-assembly.js";
import { prose } from "./prose.js";

const quote = (value) => JSON.stringify(value);
const number = (name, value) => `export const ${upper(name)} = ${value};\n`;

/** Lines of a doc comment, wrapped. */
function comment(text, indent = "") {
  const width = 116 - indent.length;
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}

const used = new Set();
function words(key) {
  const last = key.slice(key.lastIndexOf(".") + 1);
  const found = key in prose ? key : `*.${last}`;
  if (!(found in prose)) throw new Error(`spec/prose.js has nothing on ${key}`);
  used.add(found);
  return prose[found];
}

const inputTypes = {
  bit: "boolean",
  octet: "number",
  short: "number",
  long: "number",
  longlong: "Longlong",
  timestamp: "Timestamp | Date",
  shortstr: "string | Uint8Array",
  longstr: "string | Uint8Array",
  table: "TableInput",
};

/** What an argument is once it is decoded. Only methods that carry content may bring short strings that are not UTF-8. */
function valueType(type, content) {
  if (type === "table") return "Table";
  if (type === "timestamp") return "Timestamp";
  if (type === "shortstr") return content ? "string | Uint8Array" : "string";
  return inputTypes[type];
}

function range(type) {
  const row = types.find(({ name }) => name === type);
  if (type === "shortstr") return "up to 255 octets of UTF-8";
  if (type === "longstr") return "up to 4294967295 octets";
  return row.max === undefined ? "" : `0 to ${row.max}`;
}

function ruleText({ validate }) {
  const rule = rules[validate];
  if (rule === undefined) return "";
  if (rule.is) return `Only ${rule.is.map(quote).join(" or ")} passes.`;
  const letters = rule.charset ? " of letters, digits and `-_.:@#,/+` and space" : "";
  return `At most ${rule.maxOctets} octets${letters}, unless \`names: "rabbitmq"\` is chosen.`;
}

function fieldComment(field, key, indent) {
  const facts = [field.domain === field.type ? field.type : `${field.domain}, a ${field.type}`];
  if (range(field.type) !== "") facts.push(range(field.type));
  const fallback =
    field.default === undefined ? "no default" : `default ${field.type === "table" ? "{}" : quote(field.default)}`;
  const published = field.published === undefined ? "" : ` Called \`${field.published}\` in the published tables.`;
  const lines = [words(key), `Type: ${facts.join(", ")}; ${fallback}.${published}`];
  if (ruleText(field) !== "") lines.push(ruleText(field));
  return comment(lines.join("\n"), indent);
}

function check(field) {
  const { validate, camel, snake } = field;
  const value = `this.${camel}`;
  switch (validate) {
    case undefined:
      return "";
    case "exchange-name":
      return `    exchangeName(${value}, ${quote(snake)}, ${quote(camel)}, names);\n`;
    case "queue-name":
      return `    queueName(${value}, ${quote(snake)}, ${quote(camel)}, names);\n`;
    case "path":
      return `    virtualHost(${value}, ${quote(snake)}, ${quote(camel)}, names);\n`;
    case "delivery-mode":
      return `    deliveryMode(${value}, ${quote(camel)});\n`;
    default: {
      const rule = rules[validate];
      const message = validate === "zero" ? rule.message : `${snake} ${rule.message}`;
      return `    oneOf(${value}, ${quote(rule.is)}, ${quote(message)}, ${quote(camel)});\n`;
    }
  }
}

function initial(field) {
  const { camel, type, orNull } = field;
  const given = `fields.${camel}`;
  if (type === "table") return `(${given} ?? {}) as Table`;
  if (field.default === undefined) return `${given} as ${valueTypeOf(field)}`;
  if (orNull) return `${given} ?? ${quote(field.default)}`;
  return `${given} === undefined ? ${quote(field.default)} : ${given}`;
}

let content = false;
const valueTypeOf = (field) => valueType(field.type, content);

function packSlot({ type, fields }) {
  if (type === "bit") {
    const bits = fields.map(
      ({ camel }, i) => `${i === 0 ? "" : "("}bit(this.${camel}, ${quote(camel)})${i === 0 ? "" : ` << ${i})`}`,
    );
    return `    words.bits(${bits.join(" | ")});\n`;
  }
  const { camel } = fields[0];
  return `    words.${type}(this.${camel}, ${quote(camel)});\n`;
}

/** Expressions for the decoded values, in wire order, where the first argument's word stands at `at + 4`. */
function readArguments(slots) {
  const values = [];
  let place = "at + 4";
  let offset = 4;
  const word = (i) => `w[${place === "at + 4" ? `at + ${offset + i}` : `${place} + ${offset + i}`}]!`;
  for (const { type, fields } of slots) {
    if (type === "bit") {
      fields.forEach((_, i) => values.push(`(${word(0)} & ${1 << i}) !== 0`));
      offset += 1;
    } else if (type === "longlong") {
      values.push(`unsignedLonglong(${word(0)}, ${word(1)})`);
      offset += 2;
    } else if (type === "table") {
      const head = place === "at + 4" ? `at + ${offset}` : `${place} + ${offset}`;
      values.push(`table(core, ${head})`);
      place = "tableEnd()";
      offset = 0;
    } else {
      const text = type === "shortstr" || type === "longstr";
      const value = text ? `string(core, ${word(0)})` : type === "long" ? `${word(0)} >>> 0` : word(0);
      values.push(type === "shortstr" && !content ? `${value} as string` : value);
      offset += 1;
    }
  }
  return values;
}

function methodClass(method) {
  content = method.content;
  const { fields, slots, title, key, dense, index } = method;
  const name = method.pascal;
  const required = fields.some((field) => field.default === undefined && field.type !== "table");
  const checks = fields.map(check).join("");
  const sender = { client: "Sent by clients.", server: "Sent by servers.", either: "Sent by either peer." }[
    method.from
  ];
  const answer = method.replies.length > 0 ? ` Answered by ${method.replies.map(pascal).join(" or ")}.` : "";
  const source = method.extension
    ? "RabbitMQ's extension to the standard."
    : `Section ${method.section} of the standard's reference.`;
  const carried = method.content ? " A content header and content bodies follow." : "";
  const head = `${words(key)}\n\nClass ${method.classId}, method ${method.id}. ${sender}${answer}${carried} ${source}`;
  const deprecated = method.deprecated ? "\n\n@deprecated in AMQP 0-9-1." : "";
  let text = "";
  if (fields.length > 0) {
    text += comment(`Arguments of \`${title}\`, as its constructor takes them.`);
    text += `export interface ${name}Fields {\n`;
    for (const field of fields) {
      const optional = field.default === undefined && field.type !== "table" ? "" : "?";
      const orUndefined = optional === "?" ? " | undefined" : "";
      const orNull = field.orNull ? " | null" : "";
      text += fieldComment(field, `${key}.${field.name}`, "  ");
      text += `  ${field.camel}${optional}: ${inputTypes[field.type]}${orNull}${orUndefined};\n`;
    }
    text += "}\n\n";
  }
  text += comment(head + deprecated);
  // Derived when it is described, and not by `extends`: a constructor that calls another takes several times as long.
  text += `export interface ${name} extends Method {}\n`;
  text += comment(head + deprecated);
  const replies = method.replies.map(pascal);
  text += `export class ${name} {\n`;
  text += `  declare readonly name: ${quote(title)};\n`;
  for (const line of [
    "static readonly classId: number",
    "static readonly methodId: number",
    "static readonly index: number",
    `static readonly commandName: ${quote(title)}`,
    `static readonly attributes: readonly [${fields.map(({ camel }) => quote(camel)).join(", ")}]`,
    "static readonly amqpType: (attribute: string) => string",
    "static readonly secrets: readonly string[]",
    `static readonly synchronous: ${method.replies.length > 0}`,
    `static readonly validResponses: readonly [${replies.map((reply) => `typeof ${reply}`).join(", ")}]`,
  ]) {
    text += `  declare ${line};\n`;
  }
  for (const field of fields) {
    text += fieldComment(field, `${key}.${field.name}`, "  ");
    if (field.secret) {
      text += `  get ${field.camel}(): ${valueTypeOf(field)} {\n    return secretOf(this) as ${valueTypeOf(field)};\n  }\n`;
      text += `  set ${field.camel}(value: ${valueTypeOf(field)}) {\n    keepSecret(this, value);\n  }\n`;
    } else {
      // Declared alone: a field of the class would be made and set to undefined first.
      text += `  declare ${field.camel}: ${valueTypeOf(field)};\n`;
    }
  }
  if (fields.length > 0) {
    if (checks !== "") {
      text += `  // What was decoded is made without this constructor, has no such field, and is not validated when it is sent on.\n  readonly #names: NameRules;\n`;
    }
    text += `\n  /** @throws ValidationError where an argument breaks a rule. */\n`;
    text += `  constructor(fields: ${name}Fields${required ? "" : " = {}"}, ${checks === "" ? "_" : ""}options?: MethodOptions) {\n`;
    text += "    this.channel = 0;\n";
    // JavaScript callers may hand in nothing, or null.
    text += required ? `    fields ??= {} as ${name}Fields;\n` : "    fields ??= {};\n";
    for (const field of fields)
      text += `    this.${field.camel} = ${castOf(field) === "" ? initial(field) : `(${initial(field)})${castOf(field)}`};\n`;
    if (checks !== "") text += `    this.#names = options?.names ?? "pamqp";\n    this.validate();\n`;
    text += "  }\n";
  } else {
    text += `\n  constructor(_fields?: Record<string, never>, _options?: MethodOptions) {\n    this.channel = 0;\n  }\n`;
  }
  if (checks !== "") {
    const usesNames = /names\)/.test(checks);
    text += `\n  /** @internal */\n  check(${usesNames ? "names" : "_names"}: NameRules): void {\n${checks}  }\n`;
    text += `\n  validate(): void {\n    this.check(#names in this ? this.#names : "pamqp");\n  }\n`;
    text += `\n  validateConstructed(names?: NameRules): void {\n    if (#names in this) this.check(this.#names === "rabbitmq" ? "rabbitmq" : (names ?? "pamqp"));\n  }\n`;
  }
  if (slots.length > 0) text += `\n  pack(words: CommandWords): void {\n${slots.map(packSlot).join("")}  }\n`;
  text += "}\n\n";
  // Decoded commands are made by a function that shares the class's prototype: no defaults, no validation, one shape.
  const local = ({ camel }) => (camel === "arguments" ? "args" : camel);
  const parameters = ["channel: number", ...fields.map((field) => `${local(field)}: ${valueTypeOf(field)}`)];
  const facts = fields.map(({ camel, type, secret }) => `${camel} ${type}${secret ? " secret" : ""}`).join(",");
  const stated = `${dense}, ${quote(title)}, 0x${index.toString(16).padStart(8, "0")}, ${quote(facts)}`;
  const made = frequent.includes(title) ? `, New${name}` : "";
  const answers = replies.length > 0 ? `, () => [${replies.join(", ")}]` : made && ", undefined";
  if (fields.length === 0) return `${text}describeMethod(${name}, ${stated}, readBare(${name})${answers});\n`;
  text += `function ${name}Decoded(this: ${name}, ${parameters.join(", ")}): void {\n  this.channel = channel;\n`;
  for (const field of fields) text += `  this.${field.camel} = ${local(field)};\n`;
  text += `}\n${name}Decoded.prototype = ${name}.prototype;\n`;
  text += `const New${name} = ${name}Decoded as unknown as new (${parameters.join(", ")}) => ${name};\n\n`;
  const values = readArguments(slots);
  const usesCore = values.some((value) => /\bcore\b/.test(value));
  const read = `(${usesCore ? "core" : "_core"}, w, at) => new New${name}(${[`w[at]! >>> 16`, ...values].join(", ")})`;
  text += `describeMethod(${name}, ${stated},\n  ${read}${answers}${made});\n`;
  return text;
}

const frequent = ["Basic.Publish", "Basic.Deliver", "Basic.Ack"];

/** Inputs are wider than what a decoded argument can be: a Date, a Map; the property shows the wider where it was given. */
function castOf(field) {
  if (field.type === "table" || field.default === undefined) return "";
  return valueTypeOf(field) === inputTypes[field.type] ? "" : ` as ${valueTypeOf(field)}`;
}

function classFile(row) {
  const body = row.methods.map((method) => methodClass({ ...method, section: row.section })).join("\n");
  const uses = (name) => new RegExp(`\\b${name}\\b`).test(body);
  let head = "";
  const imports = (from, names, type = false) => {
    const wanted = names.filter(uses);
    if (wanted.length > 0) head += `import ${type ? "type " : ""}{ ${wanted.join(", ")} } from "${from}";\n`;
  };
  imports("../bit.js", ["bit"]);
  imports("../command-words.js", ["CommandWords"], true);
  imports("../core.js", ["Core"], true);
  if (body.includes("tableEnd()")) imports("../fields.js", ["tableEnd"]);
  imports("../inspection.js", ["keepSecret", "secretOf"]);
  imports("../longlong.js", ["unsignedLonglong"]);
  imports("../method-tables.js", ["table"]);
  head += `import { describeMethod, Method${uses("readBare") ? ", readBare" : ""}${uses("MethodOptions") ? ", type MethodOptions" : ""} } from "../methods.js";\n`;
  if (body.includes("string(core")) imports("../strings.js", ["string"]);
  imports("../types.js", ["Longlong", "NameRules", "Table", "TableInput"], true);
  imports("../validation.js", ["exchangeName", "oneOf", "queueName", "virtualHost"]);
  const title = `${words(row.name)}\n\nClass ${row.id}; ${/^\d/.test(row.section) ? `section ${row.section} of the standard's reference` : row.section}.`;
  const ids =
    comment("Id of the class on the wire.") +
    `export const classId = ${row.id};\n` +
    comment("Class id << 16: what the `index` of its methods begins with.") +
    `export const index = 0x${(row.id * 0x10000).toString(16).padStart(8, "0")};\n`;
  const properties = row.properties ? `\nexport { Properties, type PropertiesFields } from "./properties.js";\n` : "";
  return `${comment(title)}\n${head}${properties}\n${ids}\n${body}`;
}

function propertiesFile(row) {
  content = true;
  const fields = row.properties;
  const key = `${row.name}.properties`;
  let text = comment(`Properties of a content: ${words(key)}\n\nSections 4.2.6.1 and ${row.section} of the standard.`);
  text += `import { type CommandWords } from "../command-words.js";\nimport type { Core } from "../core.js";\nimport { unsignedLonglong } from "../longlong.js";\n`;
  text += `import { describeProperties, present, PropertyList } from "../property-list.js";\nimport type { MethodOptions } from "../methods.js";\nimport { string } from "../strings.js";\nimport { decodedTimestamp, type Timestamp } from "../timestamp.js";\nimport type { Table, TableInput } from "../types.js";\nimport { deliveryMode, oneOf } from "../validation.js";\n\n`;
  text += comment("Properties as the constructor of `Basic.Properties` takes them. All may be left out.");
  text += "export interface PropertiesFields {\n";
  for (const field of fields) {
    text += fieldComment(field, `${key}.${field.name}`, "  ");
    text += `  ${field.camel}?: ${inputTypes[field.type]} | null | undefined;\n`;
  }
  text += "}\n\n";
  text += comment(
    `${words(key)}\n\nSections 4.2.6.1 and ${row.section} of the standard. A property that is \`undefined\` is not sent.`,
  );
  text += `export class Properties extends PropertyList {\n  declare readonly name: "Basic.Properties";\n`;
  text += `  declare static readonly attributes: readonly [${fields.map(({ camel }) => quote(camel)).join(", ")}];\n  declare static readonly amqpType: (attribute: string) => string;\n  /** Property flags by name, section 4.2.6.1. */\n  declare static readonly flags: Readonly<Record<string, number>>;\n`;
  for (const field of fields) {
    text += fieldComment(field, `${key}.${field.name}`, "  ");
    text += `  declare ${field.camel}: ${valueTypeOf(field)} | undefined;\n`;
  }
  text += `\n  /** @throws ValidationError where a property breaks a rule. */\n  constructor(fields: PropertiesFields = {}, options?: MethodOptions) {\n    super(options);\n    fields ??= {};\n`;
  for (const field of fields) {
    const given = `fields.${field.camel}`;
    const value =
      field.default === undefined
        ? `(${given} ?? undefined) as ${valueTypeOf(field)} | undefined`
        : `${given} === undefined ? ${quote(field.default)} : (${given} as ${valueTypeOf(field)})`;
    text += `    this.${field.camel} = ${value};\n`;
  }
  text += `    this.validate();\n  }\n\n  protected override check(): void {\n${fields.map(check).join("")}  }\n\n`;
  text += `  override get propertyFlags(): number {\n    return (\n${fields.map(({ camel }, i) => `      present(this, this.${camel}, 0x${(0x8000 >> i).toString(16)})`).join(" |\n")}\n    );\n  }\n\n`;
  text += comment("The values' command words in their order, as far as the flags announce them.", "  ");
  text += `  override pack(words: CommandWords, flags: number): void {\n`;
  const unique = new Set(["correlation-id", "expiration", "message-id"]);
  fields.forEach((field, i) => {
    const method = field.type === "shortstr" && unique.has(field.name) ? "uniqueShortstr" : field.type;
    text += `    if ((flags & 0x${(0x8000 >> i).toString(16)}) !== 0) words.${method}(this.${field.camel}, ${quote(field.camel)});\n`;
  });
  text += `  }\n}\n\n`;
  text += `describeProperties(Properties, ${quote(fields.map(({ camel }) => camel))}, ${quote(fields.map(({ type }) => type))});\n\n`;
  const parameters = fields.map((field) => `${field.camel}: ${valueTypeOf(field)} | undefined`);
  text += `function PropertiesDecoded(this: Properties, ${parameters.join(", ")}): void {\n${fields.map(({ camel }) => `  this.${camel} = ${camel};\n`).join("")}}\nPropertiesDecoded.prototype = Properties.prototype;\n`;
  text += `const NewProperties = PropertiesDecoded as unknown as new (${parameters.join(", ")}) => Properties;\n\n`;
  const base = 6;
  const values = fields.map((field, i) => {
    const flag = `(f & 0x${(0x8000 >> i).toString(16)}) === 0 ? undefined : `;
    if (field.type === "table") return "headers";
    if (field.name === "delivery-mode") return `${flag}(f >>> 16) & 0xff`;
    if (field.name === "priority") return `${flag}f >>> 24`;
    if (field.type === "timestamp")
      return `${flag}decodedTimestamp(unsignedLonglong(w[at + ${base + i}]!, w[at + ${base + fields.length}]!))`;
    return `${flag}string(core, w[at + ${base + i}]!)`;
  });
  text += comment("Makes the properties of a tape record; the caller has made the header table.");
  text += `export function readProperties(core: Core, w: Int32Array, at: number, headers: Table | undefined): Properties {\n  const f = w[at + 5]!;\n  return new NewProperties(\n${values.map((value) => `    ${value},\n`).join("")}  );\n}\n`;
  return text;
}

function commandsFile(classes) {
  const methods = classes.flatMap((row) => row.methods);
  const denseOf = (title) => methods.find((method) => method.title === title).dense;
  let text = "";
  for (const row of classes) text += `import * as ${row.pascal} from "./${row.name}.js";\n`;
  text += `import type { Core } from "../core.js";\nimport { provideCloseMethods } from "../errors.js";\nimport { factsOf, provideMethodReader, type Method, type MethodClass } from "../methods.js";\n\n`;
  text += comment("Any command, told apart by its literal `name`.");
  text += `export type Command =\n${methods.map(({ title }) => `  | ${title}`).join("\n")};\n\n`;
  text += comment("Names of all commands.") + `export type CommandName = Command["name"];\n\n`;
  // One function for each class of the standard: in index.js its command classes are made when it is called.
  for (const row of classes)
    text += `const ${row.name}Classes = (): readonly unknown[] => [\n${row.methods.map(({ title }) => `  ${title},\n`).join("")}];\n`;
  const ends = classes.map((row) => row.methods.at(-1).dense + 1);
  const choice = classes.map(({ name }, i) => {
    const found = `${name}Classes()[dense${i === 0 ? "" : ` - ${ends[i - 1]}`}]`;
    return i === classes.length - 1 ? found : `dense < ${ends[i]} ? ${found} : `;
  });
  text += `\nconst known = new Array<MethodClass | undefined>(${methods.length}).fill(undefined);\n`;
  text += comment("The command class of this dense index, with which the core counts them.");
  text += `export function commandClass(dense: number): MethodClass {\n  return (known[dense] ??= (${choice.join("")}) as MethodClass);\n}\n\n`;
  text += `const commandClasses = (): MethodClass[] => Array.from(known, (_, dense) => commandClass(dense));\n\n`;
  text += `type Read = (core: Core, words: Int32Array, at: number) => Method;\n\n`;
  text += `const readers = new Array<Read | undefined>(${methods.length}).fill(undefined);\nconst reader = (dense: number): Read => (readers[dense] = factsOf(commandClass(dense).prototype).read);\n\n`;
  text +=
    comment("Dense indices of the methods that carry content.") +
    `export const contentMethods: ReadonlySet<number> = new Set([${methods
      .filter((method) => method.content)
      .map(({ dense }) => dense)
      .join(", ")}]);\n\n`;
  // A call of its own for what comes most: one place that calls them all keeps the optimiser from inlining any.
  const often = methods.filter(({ title }) => frequent.includes(title));
  for (const { pascal, dense, title } of often)
    text += `export const read${pascal}: Read = factsOf(${title}.prototype).read;\nexport const New${pascal} = factsOf(${title}.prototype).made;\nexport const ${upper(pascal)} = ${dense};\n`;
  text += `\n` + comment("The command whose record stands at this word of the tape.");
  text += `export function readCommand(core: Core, words: Int32Array, dense: number, at: number): Command {\n  switch (dense) {\n${often
    .map(({ pascal, dense }) => `    case ${dense}:\n      return read${pascal}(core, words, at) as Command;\n`)
    .join("")}    default:\n      return (readers[dense] ?? reader(dense))(core, words, at) as Command;\n  }\n}\n\n`;
  text += `provideMethodReader(readCommand);\nprovideCloseMethods(({ hard, replyCode, replyText, classId, methodId, channel }) => {\n  const Close = commandClass(hard ? ${denseOf("Connection.Close")} : ${denseOf("Channel.Close")}) as unknown as typeof Connection.Close | typeof Channel.Close;\n  const close = new Close({ replyCode, replyText, classId, methodId });\n  if (!hard) close.channel = channel;\n  return close;\n});\n\n`;
  // Made when somebody asks: few programs do.
  text += `let byIndex: Map<number, MethodClass> | undefined;\nlet byName: Map<string, MethodClass> | undefined;\n\n`;
  text += comment("The command class with this index (class id << 16 | method id); `undefined` where there is none.");
  text += `export function commandByIndex(index: number): MethodClass | undefined {\n  byIndex ??= new Map(commandClasses().map((type) => [type.index, type]));\n  return byIndex.get(index);\n}\n\n`;
  text += comment('The command class with this name, such as `"Queue.Declare"`; `undefined` where there is none.');
  text += `export function commandByName(name: CommandName): MethodClass;\nexport function commandByName(name: string): MethodClass | undefined;\nexport function commandByName(name: string): MethodClass | undefined {\n  byName ??= new Map(commandClasses().map((type) => [type.commandName, type]));\n  return byName.get(name);\n}\n`;
  return text;
}

function constantsFile() {
  let text = "";
  for (const { name, value } of [...constants, ...conventions]) {
    text += comment(words(`constant.${name}`)) + `export const ${upper(name)} = ${quote(value)};\n`;
  }
  text +=
    comment(words("constant.version")) +
    `export const VERSION = ${quote([version.major, version.minor, version.revision])} as const;\n\n`;
  text += comment(
    "The 18 errors of the standard: number, name, name of the error class, and whether the connection is closed (hard) or only the channel (soft).",
  );
  text += `export const REPLY_CODES = [\n${replyCodes
    .map(
      ({ name, code, hard }) =>
        `  { code: ${code}, name: ${quote(upper(name))}, className: ${quote(pascal(name))}, hard: ${hard} },\n`,
    )
    .join("")}] as const;\n`;
  return text;
}

/** Property flags by name: the first property has the highest bit (section 4.2.6.1). */
const fieldTypesFile = () =>
  `/** By type octet, as a character: octets of the values that have one size. */\nexport const FIELD_OCTETS: Readonly<Record<string, number>> = {\n${fieldTypes
    .filter(({ layout }) => typeof layout === "number")
    .map(({ octet, layout }) => `  ${octet}: ${layout},\n`)
    .join(
      "",
    )}};\n\n/** Types of integers. */\nexport const INTEGER_TYPES = ${typesThat(({ integer }) => integer)};\n\n/** Those that have a sign. */\nexport const SIGNED_TYPES = ${typesThat(({ integer }) => integer === "signed")};\n`;

const typesThat = (fits) =>
  JSON.stringify(
    fieldTypes
      .filter(fits)
      .map(({ octet }) => octet)
      .join(""),
  );

const propertyFlagsFile = (properties) => properties.map(({ name }, i) => number(name, 0x8000 >> i)).join("");

/** Places in tape records, in words from their first: what the list in `abi.js` says, counted. */
function recordsFile(properties) {
  const place = (name) => properties.findIndex((property) => property.name === name);
  const head = 6;
  const table = head + properties.length + 1;
  return (
    number("header-words", head) +
    number("header-flags", 5) +
    number("header-empties", head + place("delivery-mode")) +
    number("header-end", head + place("priority")) +
    number("header-low", table - 1) +
    number("header-table", table) +
    number("header-fields", table + 4) +
    number("headers-flag", 0x8000 >> place("headers")) +
    number("integer-field", abi.integerField)
  );
}

const enumeration = (name, rows, from = 0) =>
  `export const ${name} = {\n${rows.map((row, i) => `  ${upper(row.name ?? row)}: ${row.value ?? i + from},\n`).join("")}} as const;\n`;

export function sourceFiles(classes) {
  used.clear();
  const basic = classes.find(({ properties }) => properties);
  const fromAbi = (text) => ({ source: "spec/abi.js", text });
  const fromAmqp = (text) => ({ source: "spec/amqp.js and spec/prose.js", text });
  const files = {
    ...Object.fromEntries(classes.map((row) => [`${row.name}.ts`, fromAmqp(classFile(row))])),
    "properties.ts": fromAmqp(propertiesFile(basic)),
    "commands.ts": fromAmqp(commandsFile(classes)),
    "constants.ts": fromAmqp(constantsFile()),
    "method-arguments.ts": fromAmqp(argumentsFile(classes, comment)),
    "argument-types.ts": fromAmqp(enumeration("ArgumentType", argumentTypes)),
    "state.ts": fromAbi(abi.state.map((name, i) => number(name, i)).join("")),
    "status.ts": fromAbi(enumeration("Status", abi.status)),
    "flags.ts": fromAbi(enumeration("Flag", abi.flags)),
    "kinds.ts": fromAbi(enumeration("Kind", abi.kinds)),
    "command-kinds.ts": fromAbi(enumeration("CommandKind", abi.commands) + number("failed", 0xffffffff)),
    "holes.ts": fromAbi(enumeration("Hole", abi.holes)),
    "pattern-steps.ts": fromAbi(
      enumeration("Step", abi.patternSteps) +
        number("pattern-step-words", abi.limits.patternStepWords) +
        number("pattern-stride", abi.limits.patternStride) +
        number("signed", abi.patternHole.signed) +
        number("high-first", abi.patternHole.highFirst),
    ),
    "encode-errors.ts": fromAbi(enumeration("EncodeErrorCode", abi.encodeErrors, 1)),
    "decode-errors.ts": fromAbi(
      `interface DecodeErrorRow {\n  readonly name: string;\n  readonly reply: number;\n  readonly header?: number;\n  readonly text: string;\n  readonly protocolHeader?: string;\n}\n\n` +
        `/** By the core's code less one. */\nexport const DECODE_ERRORS: readonly DecodeErrorRow[] = [\n${abi.decodeErrors.map((row) => `  ${quote(row)},\n`).join("")}];\n`,
    ),
    "levels.ts": fromAbi(
      number("level-words", abi.level.length) + abi.level.map((name, i) => number(`level-${name}`, i)).join(""),
    ),
    "references.ts": fromAbi(
      number("direct-bit", 0x40000000) +
        number("binary-bit", abi.stringReference.binary) +
        number("direct-mask", abi.stringReference.directMask),
    ),
    "limits.ts": fromAbi(
      number("max-depth", abi.limits.maxDepth) +
        number("default-max-depth", abi.limits.defaultMaxDepth) +
        number("default-max-fields", abi.limits.defaultMaxFields) +
        number("shapes", abi.limits.shapes) +
        number("passing-words", abi.limits.passingWords) +
        number("place-words", abi.place.length) +
        number("delivered-words", abi.delivered.length) +
        number("same-route", abi.sameRoute) +
        number("routed", abi.routed) +
        number("route-words", abi.route.length) +
        number("routed-words", abi.routedConsumer.length) +
        number("delivery-octets", abi.limits.deliveryOctets) +
        number("consumer-words", abi.consumer.length) +
        number("memory-pages", abi.limits.memoryPages),
    ),
    "field-types.ts": fromAmqp(fieldTypesFile()),
    "property-flags.ts": fromAmqp(propertyFlagsFile(basic.properties)),
    "records.ts": fromAbi(recordsFile(basic.properties)),
  };
  const idle = Object.keys(prose).filter((key) => !used.has(key));
  if (idle.length > 0) throw new Error(`spec/prose.js speaks of what is not in spec/amqp.js: ${idle.join(", ")}`);
  return files;
}
