/** How frames travel from the gateway to a page: many in one binary message, octets as they are. Both sides use this file. */

/** A frame as a page gets it. */
export interface ShownFrame {
  /** Counts all frames of the gateway from 1 on: where numbers are missing, frames were left out. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id of the connection. */
  readonly connection: number;
  readonly direction: "up" | "down";
  /** Octets of the whole frame as it went over the wire. */
  readonly size: number;
  /** The frame; of a content body at least the envelope's seven octets. */
  readonly octets: Uint8Array;
  /** Made by the gateway itself. */
  readonly own: boolean;
  /** The octets of this content body are kept from this page. */
  readonly hidden: boolean;
  /** Why the frame was refused. */
  readonly error?: FrameError;
}

export interface FrameError {
  readonly code: string;
  readonly message: string;
  readonly replyCode: number;
}

const DOWN = 1;
const OWN = 2;
const HIDDEN = 4;
/** number, time, connection, flags, size, octets, error text. */
const HEAD = 8 + 8 + 4 + 1 + 4 + 4 + 2;

export function encodeBatch(frames: readonly ShownFrame[]): Uint8Array {
  const errors = frames.map(({ error }) => new TextEncoder().encode(error === undefined ? "" : JSON.stringify(error)));
  const octets = new Uint8Array(
    frames.reduce((sum, frame, i) => sum + HEAD + errors[i]!.length + frame.octets.length, 0),
  );
  const view = new DataView(octets.buffer);
  let at = 0;
  frames.forEach((frame, i) => {
    const error = errors[i]!;
    const flags = (frame.direction === "down" ? DOWN : 0) | (frame.own ? OWN : 0) | (frame.hidden ? HIDDEN : 0);
    view.setFloat64(at, frame.number);
    view.setFloat64(at + 8, frame.time);
    view.setUint32(at + 16, frame.connection);
    view.setUint8(at + 20, flags);
    view.setUint32(at + 21, frame.size);
    view.setUint32(at + 25, frame.octets.length);
    view.setUint16(at + 29, error.length);
    octets.set(error, at + HEAD);
    octets.set(frame.octets, at + HEAD + error.length);
    at += HEAD + error.length + frame.octets.length;
  });
  return octets;
}

/** The frames of a message; their octets are views of it. */
export function decodeBatch(octets: Uint8Array): ShownFrame[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const frames: ShownFrame[] = [];
  for (let at = 0; at < octets.length;) {
    const flags = view.getUint8(at + 20);
    const begin = at + HEAD + view.getUint16(at + 29);
    const end = begin + view.getUint32(at + 25);
    const error = new TextDecoder().decode(octets.subarray(at + HEAD, begin));
    frames.push({
      number: view.getFloat64(at),
      time: view.getFloat64(at + 8),
      connection: view.getUint32(at + 16),
      direction: (flags & DOWN) === 0 ? "up" : "down",
      size: view.getUint32(at + 21),
      octets: octets.subarray(begin, end),
      own: (flags & OWN) !== 0,
      hidden: (flags & HIDDEN) !== 0,
      ...(error === "" ? {} : { error: JSON.parse(error) as FrameError }),
    });
    at = end;
  }
  return frames;
}
