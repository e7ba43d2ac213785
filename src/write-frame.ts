/** One frame onto the tape, for the writer and for `marshal`. */
import { tooLarge, type CommandTape } from "./command-tape.js";
import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { CommandKind } from "./generated/command-kinds.js";
import { FRAME_BODY, FRAME_HEARTBEAT } from "./generated/constants.js";
import { Heartbeat } from "./heartbeat.js";
import { kind } from "./kind.js";
import { lengthOf } from "./length-of.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { factsOf, Method, METHOD_OCTETS } from "./methods.js";
import { writePropertyList } from "./property-list.js";
import { ProtocolHeader } from "./protocol-header.js";
import type { EncodeOptions } from "./types.js";

/** Octets of a protocol header. */
const PROTOCOL_OCTETS = 8;

/** @throws EncodeError for what is no channel number. */
export function channelNumber(channel: number): number {
  return optionInRange("channel", channel, 0, 0xffff);
}

/** Puts one frame on the tape, which is open; answers its octets. */
export function writeFrame(
  tape: CommandTape,
  frame: Frame,
  channel: number,
  frameMax: number,
  options: EncodeOptions,
): number {
  if (frame instanceof Method) return writeMethod(tape, frame, channelNumber(channel), frameMax, options);
  if (frame instanceof ContentHeader) {
    const number = channelNumber(channel);
    return writePropertyList(tape, frame.properties, frame.bodySize, number, frameMax, options);
  }
  if (frame instanceof ContentBody) {
    const body = frame.value;
    if (!(body instanceof Uint8Array)) throw new EncodeError("Uint8Array required", "value");
    if (lengthOf(body) > frameMax - ENVELOPE) throw tooLarge(frame.name, frameMax);
    return writeBody(tape, body, channelNumber(channel));
  }
  if (frame instanceof Heartbeat) {
    tape.put(CommandKind.PAYLOAD | (FRAME_HEARTBEAT << 8), ENVELOPE, 0);
    return ENVELOPE;
  }
  if (frame instanceof ProtocolHeader) {
    const { id, major, minor, revision } = frame;
    const octets =
      (optionInRange("id", id, 0, 0xff) << 24) |
      (optionInRange("major", major, 0, 0xff) << 16) |
      (optionInRange("minor", minor, 0, 0xff) << 8) |
      optionInRange("revision", revision, 0, 0xff);
    tape.put(CommandKind.PROTOCOL_HEADER, PROTOCOL_OCTETS, octets);
    return PROTOCOL_OCTETS;
  }
  throw new EncodeError(`a frame required, received ${kind(frame)}`);
}

function writeMethod(
  tape: CommandTape,
  method: Method,
  channel: number,
  frameMax: number,
  options: EncodeOptions,
): number {
  method.validateConstructed(options.names);
  const head = CommandKind.METHOD | (factsOf(method).dense << 8) | (channel << 16);
  return tape.record(head, METHOD_OCTETS, frameMax, options, method.name, (words) => method.pack(words));
}

/** A body frame; answers its octets. @throws EncodeError where the octets are gone. */
export function writeBody(tape: CommandTape, body: Uint8Array, channel: number): number {
  const size = lengthOf(body);
  tape.put(CommandKind.PAYLOAD | (FRAME_BODY << 8) | (channel << 16), size + ENVELOPE, size);
  try {
    tape.putPayload(body, size);
  } catch {
    tape.takeBack(2, size + ENVELOPE);
    throw new EncodeError("the octets are gone: their buffer was transferred", "value");
  }
  return size + ENVELOPE;
}
