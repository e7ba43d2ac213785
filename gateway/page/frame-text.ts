/** A frame in words: its name, what it says on one line, and whether it tells of an error. */
import {
  Basic,
  Channel,
  commandByIndex,
  Connection,
  ContentHeader,
  DecodeError,
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_HEADER_SIZE,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  Method,
  unmarshal,
  type Frame,
} from "amqp-wasm";
import type { ShownFrame } from "../src/inspector/batch.js";
import { bodyLine } from "./body-text.js";
import { valueText } from "./value-text.js";

/** More of a line is not shown, and not searched. */
const LINE = 1000;
const LITTLE = 1024;

/** What the list knows of a frame. Made when somebody looks at it. */
export interface FrameWords {
  readonly name: string;
  readonly channel: number;
  readonly line: string;
  /** Of a frame that tells of an error, or is one. */
  readonly replyCode: number | undefined;
}

const words = new WeakMap<ShownFrame, FrameWords>();

export function frameWords(shown: ShownFrame): FrameWords {
  let found = words.get(shown);
  if (found === undefined) words.set(shown, (found = describe(shown)));
  return found;
}

/** Name alone, which needs no decoding. */
export function frameName({ octets, error }: ShownFrame): string {
  if (error !== undefined) return "Refused";
  switch (octets[0]) {
    case FRAME_METHOD:
      return (
        commandByIndex(new DataView(octets.buffer, octets.byteOffset).getUint32(FRAME_HEADER_SIZE))?.commandName ??
        "Method"
      );
    case FRAME_HEADER:
      return "ContentHeader";
    case FRAME_BODY:
      return "ContentBody";
    case FRAME_HEARTBEAT:
      return "Heartbeat";
    default:
      return "ProtocolHeader";
  }
}

export function frameChannel({ octets }: ShownFrame): number {
  return octets[0] === 0x41 || octets.length < 3 ? 0 : (octets[1]! << 8) | octets[2]!;
}

/** The octets of a content body that came to the page, and whether they are all. */
export function bodyOf({ octets, size, hidden }: ShownFrame): {
  octets: Uint8Array;
  size: number;
  whole: boolean;
  hidden: boolean;
} {
  const length = Math.max(0, size - FRAME_HEADER_SIZE - 1);
  const end = Math.min(octets.length, FRAME_HEADER_SIZE + length);
  const body = octets.subarray(FRAME_HEADER_SIZE, end);
  return { octets: body, size: length, whole: body.length === length, hidden: hidden && length > 0 };
}

/** The decoded frame, where its octets are all there and right. */
export function decoded(shown: ShownFrame): Frame | undefined {
  if (shown.error !== undefined || shown.octets.length < 8) return undefined;
  try {
    return unmarshal(shown.octets)?.frame;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function describe(shown: ShownFrame): FrameWords {
  const name = frameName(shown);
  const channel = frameChannel(shown);
  const { error } = shown;
  if (error !== undefined) return { name, channel, line: error.message, replyCode: error.replyCode };
  if (name === "ContentBody") return { name, channel, line: bodyWords(shown), replyCode: undefined };
  const frame = decoded(shown);
  const replyCode = replyCodeOf(frame);
  const line =
    frame === undefined ? `${shown.size} octets` : replyCode === undefined ? lineOf(frame) : errorLine(frame);
  return { name, channel, line: line.slice(0, LINE), replyCode };
}

function bodyWords(shown: ShownFrame): string {
  const { octets, size, whole, hidden } = bodyOf(shown);
  const count = `${size} ${size === 1 ? "octet" : "octets"}`;
  return hidden ? `${count}, hidden` : `${count}  ${bodyLine(octets.subarray(0, LITTLE), whole && size <= LITTLE)}`;
}

function lineOf(frame: Frame): string {
  if (frame instanceof Method) return fields(frame);
  if (frame instanceof ContentHeader) return `bodySize ${frame.bodySize}  ${properties(frame)}`;
  if (frame.name === "ProtocolHeader") return `AMQP ${frame.major}-${frame.minor}-${frame.revision}`;
  return "";
}

/** What went wrong, and in answer to what. */
function errorLine(frame: Frame): string {
  if (frame instanceof Connection.Close || frame instanceof Channel.Close) {
    const cause = commandByIndex((frame.classId << 16) | frame.methodId)?.commandName;
    return `${textOf(frame.replyText)}${cause === undefined ? "" : `  in ${cause}`}`;
  }
  if (!(frame instanceof Basic.Return)) return lineOf(frame);
  return `${textOf(frame.replyText)}  exchange ${valueText(frame.exchange)}  routingKey ${valueText(frame.routingKey)}`;
}

function textOf(text: string | Uint8Array): string {
  return typeof text === "string" ? text : valueText(text);
}

/** Left over from earlier versions of the protocol; they say nothing. */
const reserved: ReadonlySet<string> = new Set([
  "ticket",
  "outOfBand",
  "channelId",
  "knownHosts",
  "capabilities",
  "insist",
  "clusterId",
]);

/** Not what is empty, not set, or reserved: what is left is what the sender had to say. */
function fields(values: Iterable<readonly [string, unknown]>): string {
  const said: string[] = [];
  for (const [name, value] of values) {
    if (value === undefined || value === "" || value === false || value === 0 || reserved.has(name)) continue;
    if (value === true) said.push(name);
    else if (typeof value !== "object" || value === null || Object.keys(value).length > 0)
      said.push(`${name} ${valueText(value)}`);
  }
  return said.join("  ");
}

function properties(header: ContentHeader): string {
  try {
    return fields(header.properties);
  } catch (error) {
    // The table of headers can be wrong while the frame is right.
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

function replyCodeOf(frame: Frame | undefined): number | undefined {
  if (frame instanceof Connection.Close || frame instanceof Channel.Close)
    return frame.replyCode === 200 ? undefined : frame.replyCode;
  return frame instanceof Basic.Return ? frame.replyCode : undefined;
}
