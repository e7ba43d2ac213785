/** Octets that are no AMQP 0-9-1. */
export class ProtocolError extends Error {}

/** Throws out of line: a hot function that builds messages is not inlined. */
export function wrong(what) {
  throw new ProtocolError(what);
}

/** A value that AMQP 0-9-1 has no octets for. */
export class EncodeError extends Error {}
