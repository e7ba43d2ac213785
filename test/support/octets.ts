/** Octets as tests write and compare them. */

export function hexOf(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}

export function octetsOf(hex: string): Uint8Array {
  const octets = new Uint8Array(hex.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** The octets in pieces that end at the cuts. */
export function cutAt(octets: Uint8Array, cuts: Iterable<number>): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const to of [...cuts, octets.length]) {
    pieces.push(octets.subarray(from, to));
    from = to;
  }
  return pieces;
}

export async function sha256(octets: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(octets))));
}

/** How many frames stand one behind the other: counted without the codec, for tests in which nobody may touch the core meanwhile. */
export function framesIn({ buffer, byteOffset, length }: Uint8Array): number {
  const view = new DataView(buffer, byteOffset, length);
  let frames = 0;
  for (let at = 0; at < length; at += 8 + view.getUint32(at + 3)) frames++;
  return frames;
}
