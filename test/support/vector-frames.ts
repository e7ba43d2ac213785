/** The frames that vectors describe, and the octets of all frames that they hold. */
import {
  Basic,
  ContentBody,
  ContentHeader,
  Heartbeat,
  ProtocolHeader,
  commandByName,
  marshal,
  type Frame,
} from "../../src/index.js";
import { decodeStream } from "../reference.js";
import { argumentInput, inputArguments, loadVectors, nameOf, vectorOctets, type Vector } from "./vectors.js";

type Settable = Record<string, unknown>;
type Construct = new (values: Settable) => Frame;

/** The frame that a vector describes, with what is assigned after construction. */
export function frameOf(vector: Vector): Frame {
  const kind = vector.kind === "construct" || vector.kind === "accepted" ? vector.of : vector.kind;
  const frame = constructed(kind, vector);
  for (const [path, value] of Object.entries(vector.set ?? {})) {
    const property = /^properties\.(.*)$/.exec(path)?.[1];
    const target = property === undefined ? frame : (frame as ContentHeader).properties;
    (target as unknown as Settable)[nameOf(property ?? path)] = argumentInput(value);
  }
  return frame;
}

function constructed(kind: string, vector: Vector): Frame {
  switch (kind) {
    case "content_header":
    case "properties":
      return new ContentHeader({
        bodySize: argumentInput(vector.body_size ?? 0) as number,
        properties: new Basic.Properties(inputArguments(vector.properties ?? vector.args)),
      });
    case "content_body":
      return new ContentBody(argumentInput(vector.value) as Uint8Array);
    case "heartbeat":
      return new Heartbeat();
    case "protocol_header":
      return new ProtocolHeader(inputArguments(vector.args));
    default: {
      const command = commandByName(`${vector.class}.${vector.method}`) as unknown as Construct;
      return new command(inputArguments(vector.args));
    }
  }
}

/** Limits that no vector reaches. */
export const NO_LIMITS = { frameMax: 0, maxDepth: 1000, maxFields: 1e6 };

/** Families of vectors that hold whole frames; those of `fields` are single values. */
const FAMILIES = ["commands", "errors", "frames", "properties", "quirks", "rabbitmq", "streams"];

export interface VectorStream {
  name: string;
  octets: Uint8Array;
}

/**
 * The whole frames of every vector, up to the first octet that is wrong where one is. Long frames, which the vectors have as a digest, are
 * encoded; that the digest is theirs is tested in vectors.test.ts.
 */
export function vectorStreams(): VectorStream[] {
  return FAMILIES.flatMap((family) =>
    loadVectors(family).flatMap((vector) => {
      if (vector.hex === undefined) return [];
      const octets =
        typeof vector.hex === "string"
          ? vectorOctets(vector)
          : marshal(frameOf(vector), vector.channel, { allowNonFinite: true });
      const whole = decodeStream(octets, NO_LIMITS).incompleteFrom;
      return whole === 0 ? [] : [{ name: `${family} ${vector.name}`, octets: octets.subarray(0, whole) }];
    }),
  );
}
