/** Messages of a layout as they nearly always are, in a loop that calls nothing. */
import { Copy } from "./copy";
import * as Command from "./generated/commands";
import { FRAME_BODY, FRAME_END } from "./generated/constants";
import * as Hole from "./generated/holes";
import * as Limit from "./generated/limits";
import { word, readFrom } from "./command-values";
import { output, outputCapacity } from "./memory";
import { Octets } from "./octets";
import { at, goOn } from "./output";

/** Octets of a frame beside its payload. */
const ENVELOPE: u32 = 8;

/** Whether `octets` do not fit at an address, which may have passed the region's end by part of its slack, whose end this is: as `lacks`, for who has that in a local. */
// @ts-ignore: decorator
@inline
export function beyond(p: usize, slackEnd: usize, octets: u32): bool {
  return <u32>(slackEnd - p) < octets + Limit.SLACK;
}

/**
 * As `putLaidOut`, of what its record says (the channel as it goes out), for layouts without fields that may be anything, where all payloads are in their places: nothing is called here, so that an engine keeps in registers what it needs. Stops in front
 * of the first message that is not of this kind, and looks at nothing that it does not write.
 */
export function putPlain(
  channel: u32,
  layout: usize,
  inside: u32,
  method: usize,
  methodOctets: u32,
  stop: usize,
): void {
  const end = output + outputCapacity + Limit.SLACK;
  let begin = at;
  let record = word;
  while (record < stop) {
    const what = load<u32>(record);
    const kind = what & 0xff;
    if (kind != Command.LAID_OUT && kind != Command.LAID_ALIKE) break;
    const told = load<u32>(record, 4);
    let w = record + 8;
    let p = begin;
    if (method != 0) {
      if (beyond(p, end, methodOctets)) break;
      Copy.exactly(p, method, methodOctets);
      store<u16>(p, channel, 1, 1);
      p += methodOctets;
    }
    const first = p;
    let piece = layout;
    let hole: u32;
    let textAt: usize = 0;
    let textOctets: u32 = 0;
    let timeAt: usize = 0;
    for (;;) {
      const what = load<u32>(piece, 0, 1);
      const octets = what & 0xffff;
      hole = (what >>> 16) & 0xff;
      if (beyond(p, end, octets)) break;
      piece += 4;
      if (octets != 0) {
        Copy.exactly(p, piece, octets);
        piece += octets;
        for (let gaps = what >>> 24; gaps != 0; gaps--) {
          Octets.putOctet(p + load<u16>(piece, 0, 1), load<u32>(w));
          piece += 2;
          w += 4;
        }
        p += octets;
      }
      if (hole == Hole.LONGLONG) {
        Octets.putLong(p, load<u32>(w));
        Octets.putLong(p + 4, load<u32>(w, 4));
        timeAt = p - begin;
        p += 8;
        w += 8;
      } else if (hole == Hole.SHORTSTR) {
        const text = load<u32>(w);
        textAt = p + 1 - begin;
        textOctets = text;
        // One at an address is for the general way.
        if (text > Command.MOST_SHORT || beyond(p, end, text + 1)) break;
        Octets.putOctet(p, text);
        Copy.exactly(p + 1, load<u32>(w, 4), text);
        p += text + 1;
        w += 8;
      } else break;
    }
    if (hole != Hole.END) break;
    const header = first + inside;
    const octets = <u32>(p - header) + 1;
    const bodySize = what >>> 16;
    if ((kind == Command.LAID_OUT && octets != told) || beyond(p, end, bodySize + ENVELOPE)) break;
    if (inside != 0) store<u16>(first, channel, 1, 1);
    const size = (<u32>bswap<u16>(<u16>bodySize)) << 16;
    store<u16>(header, channel, 1, 1);
    Octets.putLong(header + 3, octets - ENVELOPE);
    // Of 16 bits, in the last two of four or eight octets.
    store<u32>(header, size, 15, 1);
    Octets.putOctet(p, FRAME_END);
    p += 1;
    if (bodySize != 0) {
      store<u32>(p, FRAME_BODY | (channel << 8), 0, 1);
      store<u32>(p, size, 3, 1);
      p += bodySize + ENVELOPE;
      Octets.putOctet(p - 1, FRAME_END);
    }
    if (kind == Command.LAID_ALIKE) {
      const whole = <u32>(p - begin);
      const before = bodySize == 0 ? whole : whole - bodySize - 1;
      let left = told - 1;
      if (<u64>left * whole + Limit.SLACK > <u64>(end - p)) break;
      for (; left != 0; left--) {
        Copy.exactly(p, begin, before);
        p += whole;
        Octets.putOctet(p - 1, FRAME_END);
      }
    }
    const gaps = (load<u32>(layout, 0, 1) >>> 24) << 2;
    const values = gaps + (textAt == 0 ? 0 : 8) + (timeAt == 0 ? 0 : 8);
    // Up to the body's octets.
    const sample = <u32>(p - begin) - bodySize - 1;
    const whole = <u32>(w - record) == values + 8 && bodySize != 0 && kind == Command.LAID_OUT;
    record = w;
    if (whole && sample >= Copy.MANY && (textAt == 0 || textOctets >= Copy.SOME)) {
      // All values are known: those of gaps in the first piece, a text, a time. What follows with a header of as many octets differs in them and in its body alone.
      const sizeAt = header - begin + 15;
      const firstGap = layout + 4 + (load<u32>(layout, 0, 1) & 0xffff);
      const gapsAt = first - begin;
      while (record < stop) {
        const what = load<u32>(record);
        if (load<u32>(record, 4) != told || (what & 0xff) != Command.LAID_OUT) break;
        let w = record + 8 + gaps;
        const bodySize = what >>> 16;
        if (bodySize == 0) break;
        if (textAt != 0 && load<u32>(w) != textOctets) break;
        if (beyond(p, end, sample + bodySize + 1)) break;
        Copy.many(p, begin, sample);
        if (gaps != 0) {
          let value = record + 8;
          for (let gap = firstGap; value != w; gap += 2) {
            Octets.putOctet(p + gapsAt + load<u16>(gap, 0, 1), load<u32>(value));
            value += 4;
          }
        }
        if (textAt != 0) {
          Copy.some(p + textAt, load<u32>(w, 4), textOctets);
          w += 8;
        }
        if (timeAt != 0) {
          Octets.putLong(p + timeAt, load<u32>(w));
          Octets.putLong(p + timeAt + 4, load<u32>(w, 4));
          w += 8;
        }
        const size = (<u32>bswap<u16>(<u16>bodySize)) << 16;
        store<u32>(p + sizeAt, size, 0, 1);
        p += sample;
        store<u32>(p - 4, size, 0, 1);
        p += bodySize + 1;
        Octets.putOctet(p - 1, FRAME_END);
        record = w;
      }
    }
    begin = p;
  }
  goOn(begin);
  readFrom(record);
}
