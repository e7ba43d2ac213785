/** What a run hands to `keep`, gathered for the comparison: the twin of being timed. */
import { Described } from "./described.js";

/** Octets of all parts in one array. */
export function joined(parts) {
  if (parts.length === 1) return parts[0];
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** A piece as Node's sockets hand it out, also in pages. */
export function asBuffer(piece) {
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
}

/** A decoder whose `run` makes things that `describe(described, made)` understands; `undefined` where there is no such run. */
export function decoderOf(run, describe) {
  return (
    run && {
      run,
      async collect(pieces) {
        const described = new Described();
        await run(pieces, (made) => describe(described, made));
        return described.found;
      },
    }
  );
}

/** An encoder whose `run` keeps what it wrote, as `(octets, length)`: all of an array, or its beginning. It is copied: some write over it in the next turn. */
export function encoderOf(run) {
  return (
    run && {
      run,
      async octets() {
        const pieces = [];
        await run((piece, length = piece.length) => pieces.push(Uint8Array.from(piece.subarray(0, length))));
        return joined(pieces);
      },
    }
  );
}

/** As `encoderOf`, of what is written from pieces that come in. */
export function passerOf(run) {
  return (
    run && {
      run,
      async octets(incoming) {
        const pieces = [];
        await run(incoming, (piece, length = piece.length) => pieces.push(Uint8Array.from(piece.subarray(0, length))));
        return joined(pieces);
      },
    }
  );
}
