/** Content headers (section 4.2.6.1) from command words, with the method frame before them and the body frame behind them: what a message is made of, in one go and with what it needs in locals. */
import * as Command from "./generated/commands";
import * as Hole from "./generated/holes";
import * as Limit from "./generated/limits";
import * as Type from "./generated/argument-types";
import { FRAME_BODY, FRAME_END, FRAME_HEADER } from "./generated/constants";
import { propertyTypes } from "./generated/properties";
import { output, outputCapacity } from "./memory";
import { Octets } from "./octets";
import { beyond, putPlain } from "./plain-contents";
import { at, fail, full, goOn, lacks } from "./output";
import { isWithin, putField, putShaped, putTable, readFrom, word } from "./command-values";

/** The flags that say which properties there are. */
const PRESENT: u32 = 0xfffc;

/** Where the host's payloads stand, when texts turned out to be longer than it thought: the address that what it takes for the begin of the output was copied to. 0 where they are in their places. */
let aside: usize = 0;
/** Octets by which its places lie further on than ours. */
let drift: u32 = 0;

export function payloadsAside(address: usize): void {
  aside = address;
  drift = 0;
}

/** Whether the content header frame has as many octets as the host counted, or may differ. */
// @ts-ignore: decorator
@inline
function counted(octets: u32, expected: u32): bool {
  if (octets == expected) return true;
  drift += expected - octets;
  return aside != 0;
}

/** The octets before a frame's payload; answers where that begins. */
// @ts-ignore: decorator
@inline
function putHead(p: usize, type: u32, channel: u32, size: u32): usize {
  Octets.putOctet(p, type);
  Octets.putShort(p + 1, channel);
  Octets.putLong(p + 3, size);
  return p + 7;
}

/** A frame whose payload the host has put in its place, or aside. Answers its end, 0 where it has no room. */
// @ts-ignore: decorator
@inline
export function putPayload(p: usize, type: u32, channel: u32, size: u32): usize {
  p = putHead(p, type, channel, size);
  if (lacks(p, size)) return 0;
  if (aside != 0) memory.copy(p, aside + (p - output) + drift, size);
  Octets.putOctet(p + size, FRAME_END);
  return p + size + 1;
}

/** The rest of a message whose list ends at `p`. Answers false where the octets are not those that the host counted. */
// @ts-ignore: decorator
@inline
function finish(head: u32, header: usize, p: usize, expected: u32, bodySize: u32): bool {
  Octets.putOctet(p, FRAME_END);
  Octets.putLong(header + 3, <u32>(p - header) - 7);
  p += 1;
  if (!counted(<u32>(p - header), expected)) return false;
  if ((head >>> 8) & 1) p = putPayload(p, FRAME_BODY, head >>> 16, bodySize);
  if (p == 0) fail();
  else goOn(p);
  return true;
}

/** A method frame whose octets are kept, and how many they are before them. Answers where it ends, 0 where it has no room. */
// @ts-ignore: decorator
@inline
function putMethod(p: usize, method: usize, channel: u32): usize {
  const octets = load<u32>(method);
  if (lacks(p, octets)) return 0;
  Octets.copy(p, method + 4, octets);
  Octets.putShort(p + 1, channel);
  return p + octets;
}

/** A content, and the method frame before it where its octets are kept. */
export function putContent(head: u32): bool {
  let p = at;
  let w = word;
  const channel = head >>> 16;
  const expected = load<u32>(w);
  const method: usize = load<u32>(w, 4);
  const bodySize = load<u32>(w, 12);
  const flags = load<u32>(w, 16);
  if (method != 0 && (p = putMethod(p, method, channel)) == 0) return failed();
  if (lacks(p, 21)) return failed();
  const header = p;
  p = putHead(p, FRAME_HEADER, channel, 0);
  Octets.putLong(p, 60 << 16);
  Octets.putLong(p + 4, load<u32>(w, 8));
  Octets.putLong(p + 8, bodySize);
  Octets.putShort(p + 12, flags);
  p += 14;
  w += 20;
  for (let left = flags & PRESENT; left != 0;) {
    const i = clz(left) - 16;
    left ^= 0x8000 >> i;
    const type: u32 = load<u8>(propertyTypes + i);
    if (type == Type.TABLE) {
      readFrom(w);
      goOn(p);
      putTable();
      if (full) return true;
      p = at;
      w = word;
      continue;
    }
    const value = load<u32>(w);
    w += 4;
    if (type == Type.SHORTSTR) {
      if (value <= Command.MOST_SHORT) {
        Octets.putOctet(p, value);
        if (lacks(p + 1, value)) return failed();
        Octets.copy(p + 1, load<u32>(w), value);
        w += 4;
        p += value + 1;
      } else {
        const octets: u32 = load<u8>(value) + 1;
        if (lacks(p, octets)) return failed();
        Octets.copy(p, value, octets);
        p += octets;
      }
    } else if (type == Type.OCTET) {
      Octets.putOctet(p, value);
      p += 1;
    } else {
      Octets.putLong(p, value);
      Octets.putLong(p + 4, load<u32>(w));
      p += 8;
      w += 4;
    }
  }
  readFrom(w);
  return finish(head, header, p, expected, bodySize);
}

// @ts-ignore: decorator
@inline
function failed(): bool {
  fail();
  return true;
}

/** Contents whose header is known but for what stands in the gaps and holes of their layout, as many as there are, and the method frame before each, which may be the begin of its first piece. */
export function putLaidOut(head: u32, stop: usize): bool {
  const end = output + outputCapacity + Limit.SLACK;
  // As it goes out.
  const channel: u32 = bswap<u16>(<u16>(head >>> 16));
  const layout: usize = load<u32>(word);
  let inside = load<u32>(word, 4);
  let method: usize = 0;
  let methodOctets: u32 = 0;
  if (inside > Command.MOST_LAID) {
    methodOctets = load<u32>(inside);
    method = inside + 4;
    inside = 0;
  }
  readFrom(word + 8);
  if (aside == 0) putPlain(channel, layout, inside, method, methodOctets, stop);
  let p = at;
  let w = word;
  let alike: u32 = 0;
  while (w < stop) {
    const what = load<u32>(w);
    const kind = what & 0xff;
    if (kind != Command.LAID_OUT && kind != Command.LAID_ALIKE) break;
    const bodySize = what >>> 16;
    const expected = load<u32>(w, 4);
    w += 8;
    if (method != 0) {
      if (beyond(p, end, methodOctets)) return failed();
      Octets.copy(p, method, methodOctets);
      store<u16>(p, channel, 1, 1);
      p += methodOctets;
    }
    const first = p;
    let piece = layout;
    let table: usize = 0;
    for (;;) {
      const what = load<u32>(piece, 0, 1);
      const octets = what & 0xffff;
      const hole = (what >>> 16) & 0xff;
      if (beyond(p, end, octets)) return failed();
      if (octets != 0) {
        Octets.copy(p, piece + 4, octets);
        piece += octets;
        for (let gaps = what >>> 24; gaps != 0; gaps--) {
          Octets.putOctet(p + load<u16>(piece, 4, 1), load<u32>(w));
          piece += 2;
          w += 4;
        }
        p += octets;
      }
      if (hole == Hole.END) break;
      piece += 4;
      if (hole == Hole.SHORTSTR) {
        const text = load<u32>(w);
        if (text <= Command.MOST_SHORT) {
          Octets.putOctet(p, text);
          p += 1;
          if (beyond(p, end, text)) return failed();
          Octets.copy(p, load<u32>(w, 4), text);
          p += text;
          w += 8;
        } else {
          const kept: u32 = load<u8>(text) + 1;
          if (beyond(p, end, kept)) return failed();
          Octets.copy(p, text, kept);
          p += kept;
          w += 4;
        }
      } else if (hole == Hole.LONGLONG) {
        Octets.putLong(p, load<u32>(w));
        Octets.putLong(p + 4, load<u32>(w, 4));
        p += 8;
        w += 8;
      } else if (hole == Hole.FIELD) {
        const first = load<u32>(w);
        const second = load<u32>(w, 4);
        w += 8;
        if (isWithin(first)) {
          Octets.putOctet(p, first >>> 8);
          p = putShaped(p + 1, second);
        } else {
          p = putField(p, first, second);
        }
        if (p == 0) return failed();
      } else if (hole == Hole.TABLE) {
        table = p;
        p += 4;
      } else {
        Octets.putLong(table, <u32>(p - table) - 4);
      }
    }
    if (inside != 0) store<u16>(first, channel, 1, 1);
    const header = first + inside;
    // Of 16 bits, in the last two of four or eight octets.
    const size = (<u32>bswap<u16>(<u16>bodySize)) << 16;
    store<u16>(header, channel, 1, 1);
    store<u32>(header, size, 15, 1);
    Octets.putOctet(p, FRAME_END);
    Octets.putLong(header + 3, <u32>(p - header) - 7);
    p += 1;
    if (kind == Command.LAID_ALIKE) {
      // Once more, if there is another.
      alike += 1;
      if (alike < expected) w -= 8;
      else alike = 0;
    } else if (!counted(<u32>(p - header), expected)) return false;
    if (bodySize != 0) {
      store<u32>(p, FRAME_BODY | (channel << 8), 0, 1);
      store<u32>(p, size, 3, 1);
      p += 7;
      if (beyond(p, end, bodySize)) return failed();
      if (aside != 0) memory.copy(p, aside + (p - output) + drift, bodySize);
      p += bodySize;
      Octets.putOctet(p, FRAME_END);
      p += 1;
    }
  }
  readFrom(w);
  goOn(p);
  return true;
}
