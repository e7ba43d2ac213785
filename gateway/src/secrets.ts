/** Overwrites what nobody but the broker may read: the answers to SASL challenges and new secrets. */
const CONNECTION = 10;
const START_OK = 11;
const SECURE = 20;
const SECURE_OK = 21;
const UPDATE_SECRET = 70;
const METHOD_FRAME = 1;
const ARGUMENTS = 11;
const STAR = 0x2a;

/** Writes `*` over the secrets of a method frame, in place; every length stays. Answers the same octets. */
export function hideSecrets(octets: Uint8Array): Uint8Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets.length < ARGUMENTS || octets[0] !== METHOD_FRAME || view.getUint16(7) !== CONNECTION) return octets;
  switch (view.getUint16(9)) {
    case START_OK: {
      const mechanism = behindLong(view, ARGUMENTS);
      overwriteLong(octets, view, mechanism + 1 + (octets[mechanism] ?? 0));
      break;
    }
    case SECURE:
    case SECURE_OK:
    case UPDATE_SECRET:
      overwriteLong(octets, view, ARGUMENTS);
  }
  return octets;
}

/** The position behind something that begins with its length in four octets. */
function behindLong(view: DataView, at: number): number {
  return at + 4 > view.byteLength ? view.byteLength : at + 4 + view.getUint32(at);
}

/** Octets that end too early are overwritten as far as they go: they may be part of a refused frame. */
function overwriteLong(octets: Uint8Array, view: DataView, at: number): void {
  if (at < octets.length)
    octets.fill(STAR, Math.min(at + 4, octets.length), Math.min(behindLong(view, at), octets.length));
}
