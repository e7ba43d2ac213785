/**
 * spec/amqp.js against the standard's machine-readable form, which Debian ships in its package amqp-specs: once the document of 2008, once
 * RabbitMQ's extension of it. Both sides are made into a flat list of facts; the lists may differ only where `absent` and `different` say so.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as spec from "../spec/amqp.js";

interface Argument {
  name: string;
  published?: string;
  domain: string;
}
interface Method {
  name: string;
  id: number;
  from: string;
  replies?: string[];
  content?: boolean;
  deprecated?: boolean;
  extension?: boolean;
  arguments: Argument[];
}
interface Table {
  version: { major: number; minor: number; revision: number };
  constants: { name: string; value: number }[];
  replyCodes: { name: string; code: number; hard: boolean }[];
  domains: Record<string, string>;
  classes: { name: string; id: number; methods: Method[]; properties?: Argument[] }[];
}

/** What the two sides are compared by, such as "method queue.bind" -> "id 20, from client, synchronous, replies bind-ok". */
type Facts = Map<string, string>;

const topics = ["version", "constant", "reply-code", "domain", "class", "method", "arguments", "properties"];

const documents = [
  { name: "2008", file: "/usr/share/amqp/specs/0-9-1/amqp0-9-1.stripped.xml" },
  { name: "extended", file: "/usr/share/amqp/specs/0-9-1-rabbit/amqp0-9-1.stripped.extended.xml" },
];

/** What we have and a document has not. */
const absent = [
  {
    from: ["2008", "extended"],
    facts: ["reply-code no-route"],
    why: "the published text and RabbitMQ have 312, the XML forgot it",
  },
  {
    from: ["2008", "extended"],
    facts: [
      "connection.blocked",
      "connection.unblocked",
      "connection.update-secret",
      "connection.update-secret-ok",
    ].flatMap(method),
    why: "RabbitMQ's extensions that are younger than the package",
  },
  {
    from: ["2008"],
    facts: [
      "exchange.bind",
      "exchange.bind-ok",
      "exchange.unbind",
      "exchange.unbind-ok",
      "basic.nack",
      "confirm.select",
      "confirm.select-ok",
    ].flatMap(method),
    why: "RabbitMQ's extensions of 2010",
  },
  { from: ["2008"], facts: ["class confirm"], why: "RabbitMQ's extension of 2010" },
];

/** What a document states otherwise than we do. */
const different = [
  {
    from: ["2008", "extended"],
    fact: "method channel.flow-ok",
    theirs: "id 21, from either",
    ours: "id 21, from either, synchronous",
    why: "it answers a synchronous method as every -ok does; the XML forgot the attribute",
  },
  {
    from: ["2008", "extended"],
    fact: "method basic.recover",
    theirs: "id 110, from client",
    ours: "id 110, from client, synchronous, replies recover-ok",
    why: "the published text calls it synchronous, and RabbitMQ answers it",
  },
  {
    from: ["2008"],
    fact: "method basic.cancel",
    theirs: "id 30, from client, synchronous, replies cancel-ok",
    ours: "id 30, from either, synchronous, replies cancel-ok",
    why: "RabbitMQ tells a client that the server ended its consumer",
  },
  {
    from: ["2008"],
    fact: "method basic.cancel-ok",
    theirs: "id 31, from server, synchronous",
    ours: "id 31, from either, synchronous",
    why: "as basic.cancel",
  },
  {
    from: ["2008"],
    fact: "method basic.ack",
    theirs: "id 80, from client",
    ours: "id 80, from either",
    why: "publisher confirms",
  },
  {
    from: ["2008"],
    fact: "arguments exchange.declare",
    theirs:
      "reserved-1 short, exchange exchange-name, type shortstr, passive bit, durable bit, reserved-2 bit, reserved-3 bit, no-wait no-wait, arguments table",
    ours: "reserved-1 short, exchange exchange-name, type shortstr, passive bit, durable bit, auto-delete bit, internal bit, no-wait no-wait, arguments table",
    why: "RabbitMQ kept the two bits of AMQP 0-8 that the standard reserves",
  },
];

function method(name: string): string[] {
  return [`method ${name}`, `arguments ${name}`];
}

function describeMethod(
  id: number,
  from: string,
  synchronous: boolean,
  replies: string[],
  content: boolean,
  deprecated: boolean,
): string {
  const words = [`id ${id}`, `from ${from}`];
  if (synchronous) words.push("synchronous");
  if (replies.length > 0) words.push(`replies ${replies.join(" ")}`);
  if (content) words.push("content");
  if (deprecated) words.push("deprecated");
  return words.join(", ");
}

function factsOfTable(table: Table): Facts {
  const facts: Facts = new Map();
  const { major, minor, revision } = table.version;
  facts.set("version", `${major}-${minor}-${revision}`);
  for (const { name, value } of table.constants) facts.set(`constant ${name}`, String(value));
  for (const { name, code, hard } of table.replyCodes)
    facts.set(`reply-code ${name}`, `${code} ${hard ? "hard" : "soft"}`);
  for (const [name, type] of Object.entries(table.domains)) facts.set(`domain ${name}`, type);
  const fields = (list: Argument[]) =>
    list.map((field) => `${field.published ?? field.name} ${field.domain}`).join(", ");
  for (const { name, id, methods, properties } of table.classes) {
    facts.set(`class ${name}`, String(id));
    if (properties) facts.set(`properties ${name}`, fields(properties));
    for (const row of methods) {
      const { replies = [], content = false, deprecated = false } = row;
      // The standard calls both halves of an exchange synchronous.
      const synchronous = replies.length > 0 || methods.some((other) => other.replies?.includes(row.name));
      facts.set(
        `method ${name}.${row.name}`,
        describeMethod(row.id, row.from, synchronous, replies, content, deprecated),
      );
      facts.set(`arguments ${name}.${row.name}`, fields(row.arguments));
    }
  }
  return facts;
}

interface Element {
  tag: string;
  attributes: Map<string, string>;
  children: Element[];
}

/** Enough of XML for these two files: elements and attributes; comments and text are passed over. Anything unbalanced throws. */
function readXml(text: string): Element {
  const root: Element = { tag: "", attributes: new Map(), children: [] };
  const open = [root];
  for (const [, comment, closing, tag, attributes = "", empty] of text.matchAll(
    /(<!--[^]*?-->|<\?[^>]*>)|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"]*")*)\s*(\/?)>/g,
  )) {
    if (comment !== undefined || tag === undefined) continue;
    const parent = open[open.length - 1]!;
    if (closing) {
      if (open.pop()?.tag !== tag) throw new Error(`</${tag}> closes <${parent.tag}>`);
      continue;
    }
    const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(
      ([, key = "", value = ""]) => [key, value] as const,
    );
    const element: Element = { tag, attributes: new Map(pairs), children: [] };
    parent.children.push(element);
    if (!empty) open.push(element);
  }
  const top = root.children[0];
  if (open.length !== 1 || root.children.length !== 1 || !top) throw new Error("not one balanced document");
  return top;
}

function factsOfXml(text: string): Facts {
  const facts: Facts = new Map();
  const amqp = readXml(text);
  const inside = (element: Element, tag: string) => element.children.filter((child) => child.tag === tag);
  const fields = (element: Element) =>
    inside(element, "field")
      .map(({ attributes }) => `${attributes.get("name")} ${attributes.get("domain") ?? attributes.get("type")}`)
      .join(", ");
  facts.set(
    "version",
    `${amqp.attributes.get("major")}-${amqp.attributes.get("minor")}-${amqp.attributes.get("revision")}`,
  );
  for (const { attributes } of inside(amqp, "constant")) {
    const [name, value, kind] = ["name", "value", "class"].map((key) => attributes.get(key));
    if (kind === undefined) facts.set(`constant ${name}`, value ?? "");
    else facts.set(`reply-code ${name}`, `${value} ${kind.replace("-error", "")}`);
  }
  for (const { attributes } of inside(amqp, "domain"))
    facts.set(`domain ${attributes.get("name")}`, attributes.get("type") ?? "");
  for (const group of inside(amqp, "class")) {
    const [name, index = ""] = ["name", "index"].map((key) => group.attributes.get(key));
    facts.set(`class ${name}`, index);
    const properties = fields(group);
    if (properties) facts.set(`properties ${name}`, properties);
    for (const row of inside(group, "method")) {
      const { attributes } = row;
      // A chassis is who must understand the method: the other peer than the one that sends it.
      const receivers = inside(row, "chassis").map((chassis) => chassis.attributes.get("name"));
      const from = receivers.length === 2 ? "either" : receivers[0] === "server" ? "client" : "server";
      const replies = inside(row, "response").map((response) => response.attributes.get("name") ?? "");
      const full = `${name}.${attributes.get("name")}`;
      const yes = (key: string) => attributes.get(key) === "1";
      facts.set(
        `method ${full}`,
        describeMethod(
          Number(attributes.get("index")),
          from,
          yes("synchronous"),
          replies,
          yes("content"),
          yes("deprecated"),
        ),
      );
      facts.set(`arguments ${full}`, fields(row));
    }
  }
  return facts;
}

/** Lines such as "domain path: theirs shortstr, ours longstr", for facts that begin with the topic. */
function compare(theirs: Facts, ours: Facts, topic: string): string[] {
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].filter((fact) => fact.split(" ")[0] === topic);
  return names
    .filter((fact) => theirs.get(fact) !== ours.get(fact))
    .map((fact) => line(fact, theirs.get(fact), ours.get(fact)))
    .sort();
}

function line(fact: string, theirs: string | undefined, ours: string | undefined): string {
  return `${fact}: theirs ${theirs ?? "absent"}, ours ${ours ?? "absent"}`;
}

/** The lines that `compare` has to give for a document, from the two lists above. */
function stated(name: string, ours: Facts, topic: string): string[] {
  const lines = [
    ...absent
      .filter(({ from }) => from.includes(name))
      .flatMap(({ facts }) => facts.map((fact) => ({ fact, text: line(fact, undefined, ours.get(fact)) }))),
    ...different
      .filter(({ from }) => from.includes(name))
      .map(({ fact, theirs, ours }) => ({ fact, text: line(fact, theirs, ours) })),
  ];
  return lines
    .filter(({ fact }) => fact.split(" ")[0] === topic)
    .map(({ text }) => text)
    .sort();
}

const table = spec as unknown as Table;

for (const { name, file } of documents) {
  const suite = `spec/amqp.js and the standard's XML, ${name} (needs Debian's amqp-specs)`;
  describe.skipIf(!existsSync(file))(suite, () => {
    const theirs = () => factsOfXml(readFileSync(file, "utf8"));

    test.each(topics)("%s", (topic) => {
      const ours = factsOfTable(table);
      expect([...ours.keys()].some((fact) => fact.split(" ")[0] === topic)).toBe(true);
      expect(compare(theirs(), ours, topic)).toEqual(stated(name, ours, topic));
    });

    test("the comparison sees every topic of both sides", () => {
      const facts = [...theirs().keys(), ...factsOfTable(table).keys()];
      expect(facts.filter((fact) => !topics.includes(fact.split(" ")[0]!))).toEqual([]);
    });

    test("the comparison can fail", () => {
      const mistakes: Record<string, (wrong: Table) => unknown> = {
        version: (wrong) => (wrong.version.revision = 2),
        constant: (wrong) => (wrong.constants.find((row) => row.name === "frame-end")!.value = 205),
        "reply-code": (wrong) => (wrong.replyCodes.find((row) => row.name === "not-found")!.hard = true),
        domain: (wrong) => (wrong.domains["message-count"] = "longlong"),
        class: (wrong) => (wrong.classes.find((row) => row.name === "tx")!.id = 91),
        method: (wrong) =>
          (wrong.classes.find((row) => row.name === "queue")!.methods.find((row) => row.name === "unbind-ok")!.id = 41),
        arguments: (wrong) =>
          wrong.classes
            .find((row) => row.name === "basic")!
            .methods.find((row) => row.name === "consume")!
            .arguments.reverse(),
        properties: (wrong) => wrong.classes.find((row) => row.name === "basic")!.properties!.pop(),
      };
      expect(Object.keys(mistakes)).toEqual(topics);
      for (const [topic, make] of Object.entries(mistakes)) {
        const wrong = structuredClone({ ...table });
        make(wrong);
        const ours = factsOfTable(wrong);
        expect(compare(theirs(), ours, topic), topic).not.toEqual(stated(name, factsOfTable(table), topic));
      }
    });

    if (name === "2008") {
      test("what spec/amqp.js marks as an extension is what this document lacks", () => {
        const known = theirs();
        const rows = table.classes.flatMap((group) =>
          group.methods.map((row) => ({ full: `${group.name}.${row.name}`, extension: row.extension === true })),
        );
        expect(rows.filter((row) => row.extension).map((row) => row.full)).toEqual(
          rows.filter((row) => !known.has(`method ${row.full}`)).map((row) => row.full),
        );
      });
    }
  });
}
