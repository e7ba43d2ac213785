/** Room for octets that are kept: of its own where they are many, a piece of one that several share where they are few. */

/** What several share; whoever keeps a piece keeps all of it alive. */
const SHARED = 8192;
/** Pieces up to this size are taken from it: a buffer of their own would take longer to make than to fill. */
const SMALL = 1024;

interface Allocator {
  allocUnsafeSlow(octets: number): Uint8Array;
}

// Node's Buffer gives room that is not cleared: nobody sees of it what was not written. Elsewhere there is none.
const allocator = (globalThis as unknown as { Buffer?: Partial<Allocator> }).Buffer;

// Called so, and of a view made so, it takes less: an engine need not look for them in a chain of four prototypes.
// eslint-disable-next-line @typescript-eslint/unbound-method -- that is the point
const { set } = Uint8Array.prototype;

/** Of a core: all of its octets, and what they stand in. */
interface Source {
  readonly octets: Uint8Array;
  readonly buffer: ArrayBuffer;
}

let shared = new ArrayBuffer(0);
let used = 0;

/** Room for so many octets, with anything in it. */
export function roomFor(octets: number): Uint8Array {
  if (octets > SMALL) {
    if (allocator?.allocUnsafeSlow === undefined) return new Uint8Array(octets);
    return new Uint8Array(allocator.allocUnsafeSlow(octets).buffer);
  }
  if (octets > shared.byteLength - used) {
    shared = new ArrayBuffer(SHARED);
    used = 0;
  }
  const at = used;
  used += octets;
  return new Uint8Array(shared, at, octets);
}

/** As `roomFor`, in a buffer of its own: who gets it may give the buffer away, which must not take other octets along. */
export function ownRoomFor(octets: number): Uint8Array {
  return octets > SMALL ? roomFor(octets) : new Uint8Array(octets);
}

/** Octets of a core's memory in a buffer of their own. */
export function ownCopyOf(core: Source, from: number, to: number): Uint8Array {
  return to - from > SMALL ? copyOf(core, from, to) : core.octets.slice(from, to);
}

/** As `ownCopyOf`, in `roomFor` so many: for octets that no program sees. */
export function copyOf({ buffer }: Source, from: number, to: number): Uint8Array {
  const copy = roomFor(to - from);
  set.call(copy, new Uint8Array(buffer, from, to - from));
  return copy;
}
