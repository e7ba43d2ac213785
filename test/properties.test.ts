/** `Basic.Properties`, the list of 14. */
import { describe, expect, test } from "vitest";
import { classes } from "../spec/amqp.js";
import type { Queue } from "../src/index.js";
import {
  Basic,
  ContentHeader,
  decodeAs,
  FieldTable,
  FrameReader,
  createCodec,
  marshal,
  Timestamp,
  unmarshal,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import {
  decodeErrorOf,
  encodeErrorOf,
  fieldOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const rows = classes.flatMap((row) => ("properties" in row ? row.properties : []));
const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const names = rows.map(({ name }) => camel(name)) as Array<(typeof Basic.Properties.attributes)[number]>;

const octetsOf: Record<string, Uint8Array> = {
  shortstr: shortstr("text"),
  octet: integer(2, 1),
  table: tableOf(fieldOf("k", "b", integer(1, 1))),
  timestamp: integer(77, 8),
};
const valueOf: Record<string, unknown> = {
  shortstr: "text",
  octet: 2,
  table: { k: 1 },
  timestamp: new Timestamp(77),
};

test("there are 14, with types and flags", () => {
  expect(rows).toHaveLength(14);
  expect(Basic.Properties.attributes).toEqual(names);
  rows.forEach((row, i) => {
    expect(Basic.Properties.amqpType(camel(row.name))).toBe(row.domain);
    expect(Basic.Properties.flags[camel(row.name)]).toBe(0x8000 >> i);
  });
  for (const unknown of ["", "messageType", "toString"]) {
    expect(encodeErrorOf(() => Basic.Properties.amqpType(unknown)).path).toBe(unknown);
  }
  expect(new Basic.Properties().name).toBe("Basic.Properties");
});

describe.each(rows.map(({ name, domain }, i) => ({ name: names[i]!, wire: name, domain, flag: 0x8000 >> i })))(
  "$name",
  ({ name, domain, flag }) => {
    const frame = headerFrame(1, 5, flag, octetsOf[domain]!);
    const decoded = (): ContentHeader => unmarshal(frame)!.frame as ContentHeader;

    test("alone comes and goes", () => {
      const { properties } = decoded();
      expect([...properties].filter(([, value]) => value !== undefined).map(([key]) => key)).toEqual([name]);
      expect(JSON.stringify(properties[name])).toBe(JSON.stringify(valueOf[domain]));
      expect(properties.propertyFlags).toBe(flag);
      expect(Object.keys(properties.toJSON())).toEqual([name]);
      expect(hexOf(marshal(decoded()))).toBe(hexOf(frame));
      expect([...properties]).toHaveLength(14);
    });

    test("goes out where it was given, and counts in equals", () => {
      if (name === "clusterId")
        return expect(() => new Basic.Properties({ clusterId: "text" })).toThrow("must be empty");
      const made = new Basic.Properties({ [name]: valueOf[domain] });
      expect(hexOf(marshal(new ContentHeader({ bodySize: 5, properties: made }), 1))).toBe(hexOf(frame));
      expect([made.equals(decoded().properties), decoded().properties.equals(made)]).toEqual([true, true]);
      expect([made.equals(new Basic.Properties()), new Basic.Properties().equals(made)]).toEqual([false, false]);
      for (const nothing of [undefined, null]) expect(new Basic.Properties({ [name]: nothing }).propertyFlags).toBe(0);
    });
  },
);

test("empty strings are not sent, empty tables and zeros are", () => {
  const properties = new Basic.Properties({
    contentType: "",
    headers: {},
    priority: 0,
    timestamp: new Timestamp(0),
    messageId: new Uint8Array(0),
  });
  expect(Object.keys(properties.toJSON())).toEqual(["headers", "priority", "messageId", "timestamp"]);
  expect(hexOf(marshal(new ContentHeader({ properties }), 1))).toBe(
    hexOf(headerFrame(1, 0, 0x28c0, tableOf(), integer(0, 1), shortstr(""), integer(0, 8))),
  );
  expect(
    properties.equals(
      new Basic.Properties({ headers: {}, priority: 0, timestamp: new Timestamp(0), messageId: new Uint8Array(0) }),
    ),
  ).toBe(true);
  expect(properties.equals({})).toBe(false);
});

test("properties that cannot be encoded are refused by their name", () => {
  const wrong: Record<string, unknown[]> = {
    shortstr: [5, {}, "x".repeat(256), "\ud800"],
    octet: [-1, 256, 0.5, "1"],
    table: [[], "x", 5],
    timestamp: [5, "2020-01-01", new Date(NaN)],
  };
  rows.forEach(({ domain }, i) => {
    const name = names[i]!;
    if (name === "clusterId" || name === "deliveryMode") return;
    for (const value of wrong[domain]!) {
      const properties = new Basic.Properties({ [name]: value });
      const error = encodeErrorOf(() => marshal(new ContentHeader({ properties })));
      expect(error.path, String(value)).toBe(name);
    }
  });
});

describe("a list by itself", () => {
  const list = (flags: number, ...values: Uint8Array[]): Uint8Array => concat([integer(flags, 2), ...values]);

  test("is flags and values, both ways", () => {
    const cases: Array<[object, Uint8Array]> = [
      [{}, list(0)],
      [{ contentType: "a", deliveryMode: 2 }, list(0x9000, shortstr("a"), integer(2, 1))],
      [
        { headers: { k: 1 }, timestamp: new Timestamp(7) },
        list(0x2040, tableOf(fieldOf("k", "b", integer(1, 1))), integer(7, 8)),
      ],
      [
        { correlationId: Uint8Array.of(255), appId: "x".repeat(255) },
        list(0x0408, shortstr(Uint8Array.of(255)), shortstr("x".repeat(255))),
      ],
    ];
    for (const [fields, octets] of cases) {
      const properties = new Basic.Properties(fields);
      expect(hexOf(properties.marshal())).toBe(hexOf(octets));
      const back = new Basic.Properties({ userId: "somebody", priority: 9 });
      back.unmarshal(octets);
      expect(back.equals(properties)).toBe(true);
      expect([back.userId, back.priority]).toEqual([undefined, undefined]);
      expect(hexOf(back.marshal())).toBe(hexOf(octets));
    }
    const wide = new Basic.Properties({ headers: { k: 1 } }).marshal({ integers: "wide" });
    expect(hexOf(wide)).toBe(hexOf(list(0x2000, tableOf(fieldOf("k", "I", integer(1, 4))))));
    const large = new Basic.Properties({ headers: { text: "x".repeat(600_000) } });
    const again = new Basic.Properties();
    again.unmarshal(large.marshal());
    expect(again.equals(large)).toBe(true);
  });

  test("keeps what came empty, and forgets it with the next", () => {
    const properties = new Basic.Properties();
    properties.unmarshal(list(0x8080, shortstr(""), shortstr("m")));
    expect([properties.contentType, properties.messageId]).toEqual(["", "m"]);
    expect(hexOf(properties.marshal())).toBe(hexOf(list(0x8080, shortstr(""), shortstr("m"))));
    properties.unmarshal(list(0x0080, shortstr("m")));
    properties.contentType = "";
    expect(hexOf(properties.marshal())).toBe(hexOf(list(0x0080, shortstr("m"))));
  });

  test("is validated where it goes out, if it was made here, and not where it comes in", () => {
    const properties = new Basic.Properties();
    properties.unmarshal(list(0x1000, integer(9, 1)));
    expect(properties.deliveryMode).toBe(9);
    expect(() => properties.marshal()).toThrow("Invalid delivery_mode value: 9");
    const { properties: decoded } = unmarshal(headerFrame(1, 0, 0x1000, integer(9, 1)))!.frame as ContentHeader;
    expect(hexOf(decoded.marshal())).toBe(hexOf(list(0x1000, integer(9, 1))));
    decoded.unmarshal(list(0));
    expect(decoded.propertyFlags).toBe(0);
    properties.deliveryMode = 1;
    properties.correlationId = 5 as never;
    expect(encodeErrorOf(() => properties.marshal()).path).toBe("correlationId");
  });

  test("that is wrong tells where, counted from its flags", () => {
    const wrong: Array<[Uint8Array, string, number, string]> = [
      [new Uint8Array(0), "value-cut", 0, "properties"],
      [Uint8Array.of(0x80), "value-cut", 0, "properties"],
      [list(1), "property-flags", 0, ""],
      [list(0x8000, Uint8Array.of(5, 0x61)), "string-length", 2, "contentType"],
      [list(0x0040, integer(1, 7)), "value-cut", 2, "timestamp"],
      [list(0, integer(1, 3)), "octets-left", 2, ""],
    ];
    for (const [octets, code, offset, path] of wrong) {
      const properties = new Basic.Properties({ appId: "kept" });
      const error = decodeErrorOf(() => properties.unmarshal(octets));
      expect([error.code, error.offset, error.path], hexOf(octets)).toEqual([code, offset, path]);
      expect(properties.appId, "nothing was set").toBe("kept");
    }
    const poisoned = new Basic.Properties({ appId: "kept" });
    const error = decodeErrorOf(() => {
      poisoned.unmarshal(list(0xa000, shortstr("a"), tableOf(fieldOf("k", "Z"))));
    });
    expect([poisoned.appId, poisoned.contentType]).toEqual(["kept", undefined]);
    expect(error).toMatchObject({ code: "field-type", offset: 10, path: "headers.k" });
  });
});

describe("tables larger than the core's tape, each on a core that did not grow yet", () => {
  const count = 20_000;
  const fields = tableOf(...Array.from({ length: count }, (_, i) => fieldOf(`${i}`, "I", integer(i, 4))));
  const limits = { maxFields: count, frameMax: 0 };
  const isRight = (value: unknown): void => {
    const entries = Object.entries(value as Record<string, number>);
    expect(entries).toHaveLength(count);
    expect(entries.every(([key, number]) => key === `${number}`)).toBe(true);
  };
  const ways: Array<[string, (codec: ReturnType<typeof createCodec>) => unknown]> = [
    [
      "headers, lazily",
      (codec) =>
        (new codec.FrameReader(limits).push(headerFrame(1, 0, 0x2000, fields))[0] as ContentHeader).properties.headers,
    ],
    [
      "a method",
      (codec) =>
        (
          new codec.FrameReader(limits).push(
            methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(0, 1), fields),
          )[0] as Queue.Declare
        ).arguments,
    ],
    ["a FieldTable", (codec) => new codec.FieldTable(fields.subarray(4), limits).toObject()],
    ["decodeAs", (codec) => codec.decodeAs("table", fields, limits)!.value],
    [
      "decodeAs a field",
      (codec) =>
        codec.decodeAs("array", longstr(new Uint8Array([0x46, ...fields])), { ...limits, maxFields: count + 1 })!
          .value[0],
    ],
    [
      "headers, with their frames",
      (codec) => {
        const reader = new codec.FrameReader(limits);
        void (reader.push(headerFrame(1, 0))[0] as ContentHeader).properties;
        return (reader.push(headerFrame(1, 0, 0x2000, fields))[0] as ContentHeader).properties.headers;
      },
    ],
  ];
  test.each(ways)("%s", (_, read) => isRight(read(createCodec())));
});

test("decoded properties are equal to what was given, by value", () => {
  const given = { headers: { a: [1, { b: null }] }, timestamp: new Date(5000), correlationId: Uint8Array.of(255) };
  const header = new ContentHeader({ properties: given });
  const [back] = new FrameReader().push(marshal(header, 1)) as [ContentHeader];
  expect([back.equals(header), header.equals(back)]).toEqual([true, true]);
  expect(decodeAs("table", longstr(FieldTable.from(given.headers).octets))!.value).toEqual(back.properties.headers);
});
