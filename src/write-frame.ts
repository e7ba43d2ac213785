/** One frame into the core's output, for the writer and for `marshal`. */
import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { FRAME_BODY } from "./generated/constants.js";
import { EncodeErrorCode } from "./generated/encode-errors.js";
import type { Properties } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { Heartbeat } from "./heartbeat.js";
import { kind } from "./kind.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { assertIdle, factsOf, makeRoom, Method, writeCommand } from "./methods.js";
import { writePropertyList } from "./property-list.js";
import { ProtocolHeader } from "./protocol-header.js";
import type { EncodeOptions, Longlong } from "./types.js";

/** @throws EncodeError for what is no channel number. */
export function channelNumber(channel: number): number {
  return optionInRange("channel", channel, 0, 0xffff);
}

/** Has the core write one frame behind what stands in its output; `full` must make room there. */
export function writeFrame(
  core: Core,
  frame: Frame,
  channel: number,
  frameMax: number,
  options: EncodeOptions,
  full: (octets: number) => void,
): void {
  let code = 0;
  assertIdle(core);
  const again = () => full(0);
  if (frame instanceof Method) {
    const number = channelNumber(channel);
    frame.validateConstructed(options.names);
    const { dense } = factsOf(frame);
    code = writeCommand(
      core,
      frameMax,
      options,
      (words) => frame.pack(words),
      () => core.exports.writeMethod(dense, number, frameMax),
      again,
    );
  } else if (frame instanceof ContentHeader) {
    writeContentHeader(core, frame.properties, frame.bodySize, channelNumber(channel), frameMax, options, again);
  } else if (frame instanceof ContentBody) {
    if (!(frame.value instanceof Uint8Array)) throw new EncodeError("Uint8Array required", "value");
    const body = frame.value;
    if (body.length > frameMax - ENVELOPE) throw tooLarge(frame.name, frameMax);
    const number = channelNumber(channel);
    while (core.exports.writeEnvelope(FRAME_BODY, number, body.length) !== 0) full(body.length + ENVELOPE);
    putBody(core, body);
  } else if (frame instanceof Heartbeat) {
    while (core.exports.writeHeartbeat() !== 0) full(0);
  } else if (frame instanceof ProtocolHeader) {
    const { id, major, minor, revision } = frame;
    const octets =
      (optionInRange("id", id, 0, 0xff) << 24) |
      (optionInRange("major", major, 0, 0xff) << 16) |
      (optionInRange("minor", minor, 0, 0xff) << 8) |
      optionInRange("revision", revision, 0, 0xff);
    while (core.exports.writeProtocolHeader(octets) !== 0) full(0);
  } else {
    throw new EncodeError(`a frame required, received ${kind(frame)}`);
  }
  if (code === EncodeErrorCode.FRAME_TOO_LARGE) throw tooLarge(frame.name, frameMax);
}

/** Puts a body into the gap of the envelope that was written last. @throws EncodeError, with the envelope taken back. */
export function putBody(core: Core, body: Uint8Array): void {
  const size = body.length;
  const end = core.state(State.OUTPUT_END);
  try {
    core.octets.set(body, core.output + end - 1 - size);
  } catch {
    core.exports.rewindOutput(end - size - ENVELOPE);
    throw new EncodeError("the octets are gone: their buffer was transferred", "value");
  }
}

function tooLarge(name: string, frameMax: number): EncodeError {
  return new EncodeError(`${name} does not fit into a frame of ${frameMax} octets (frame-max)`);
}

/** Has the core write a content header frame. */
export function writeContentHeader(
  core: Core,
  properties: Properties,
  bodySize: Longlong,
  channel: number,
  frameMax: number,
  options: EncodeOptions,
  full: () => void,
): void {
  const code = writePropertyList(core, properties, bodySize, channel, frameMax, options, full);
  if (code === EncodeErrorCode.FRAME_TOO_LARGE) throw tooLarge("ContentHeader", frameMax);
}

/** Makes room for a frame that no writer waits for. */
export function roomForOne(core: Core): (octets: number) => void {
  return () => makeRoom(core);
}
