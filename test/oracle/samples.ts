/** What the oracles are asked about: each method three times, content headers, bodies, a heartbeat. */
import {
  Basic,
  Channel,
  Confirm,
  Connection,
  ContentBody,
  ContentHeader,
  Exchange,
  FieldTable,
  Heartbeat,
  Method,
  Queue,
  Timestamp,
  Tx,
  marshal,
  type Frame,
  type MethodClass,
} from "../../src/index.js";
import { everyFieldType } from "../support/every-field-type.js";

export interface Sample {
  frame: Frame;
  channel: number;
  octets: Uint8Array;
}

export const commandClasses = [Connection, Channel, Exchange, Queue, Basic, Tx, Confirm].flatMap((group) =>
  (Object.values(group) as unknown[]).filter(
    (value): value is MethodClass => typeof value === "function" && value.prototype instanceof Method,
  ),
);

/** Arguments that may hold one value only. */
const reserved: Record<string, unknown> = {
  ticket: 0,
  capabilities: "",
  insist: false,
  knownHosts: "",
  outOfBand: "",
  channelId: "",
  clusterId: "",
};

/** Names that are checked for their characters and length; 127 octets is what all of them may have. */
const names = new Set(["exchange", "queue", "destination", "source", "virtualHost"]);

const long = "ř".repeat(60);
const strings = (attribute: string, index: number) =>
  names.has(attribute)
    ? ["", `${attribute}.1-2_3:4`, "n".repeat(127)]
    : ["", `${attribute} ${index} – žluť`, `${long}!`];

const table = (types: string | undefined) => new FieldTable(everyFieldType(types));

/** Smallest, telling, largest. Bits are false, alternating, true. */
function values(attribute: string, type: string, index: number, types?: string): [unknown, unknown, unknown] {
  const [small, some, large] = strings(attribute, index);
  switch (type) {
    case "bit":
      return [false, index % 2 === 0, true];
    case "octet":
      return [0, 0xa5, 0xff];
    case "short":
      return [0, 0x1234 + index, 0xffff];
    case "long":
      return [0, 0x12345678 + index, 0xffffffff];
    case "longlong":
      return [0, 0x123456789abcdef0n + BigInt(index), 0xffffffffffffffffn];
    case "shortstr":
    case "longstr":
      return [small, some, large];
    case "timestamp":
      return [new Timestamp(0), new Timestamp(1_700_000_000), new Timestamp(0xffffffffffffffffn)];
    case "table":
      return [{}, table(types), { nested: { list: [1, [2, { deep: "é" }]], none: null }, n: -1 }];
    default:
      throw new Error(`no sample of type ${type}`);
  }
}

/** @param types the field types that a table may have; all, where it is not given. */
export function methodSamples(types?: string): Sample[] {
  return commandClasses.flatMap((type) =>
    [0, 1, 2].map((variant) => {
      const fields = Object.fromEntries(
        type.attributes.map((name, index) => [
          name,
          name in reserved ? reserved[name] : values(name, type.amqpType(name), index, types)[variant],
        ]),
      );
      const frame = new type(fields as never) as Frame;
      const channel = type.classId === 10 ? 0 : [1, 0x1234, 0xffff][variant]!;
      return { frame, channel, octets: marshal(frame, channel) };
    }),
  );
}

const ofHeader = (properties: Basic.Properties, bodySize: number | bigint, channel: number): Sample => {
  const frame = new ContentHeader({ bodySize, properties });
  return { frame, channel, octets: marshal(frame, channel) };
};

/** Every property alone, all of them, none. */
export function headerSamples(types?: string): Sample[] {
  const each = Basic.Properties.attributes
    .filter((name) => !(name in reserved))
    .map((name, index) => {
      const type = Basic.Properties.amqpType(name);
      return [name, name === "deliveryMode" ? 2 : values(name, type, index, types)[1]] as const;
    });
  return [
    ofHeader(new Basic.Properties(), 0, 1),
    ofHeader(new Basic.Properties(Object.fromEntries(each)), 0x1fffffffffffffn, 1),
    ...each.map(([name, value], index) => ofHeader(new Basic.Properties({ [name]: value }), index, index + 1)),
  ];
}

export function otherSamples(): Sample[] {
  const body = new ContentBody(Uint8Array.from({ length: 300 }, (_, index) => index & 255));
  return [
    { frame: body, channel: 7, octets: marshal(body, 7) },
    { frame: new Heartbeat(), channel: 0, octets: marshal(new Heartbeat(), 0) },
  ];
}
