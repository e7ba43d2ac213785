/**
 * The writer: records of command words in, frames out, all records in one call. The host checks types, ranges and limits before it writes command words, and counts the octets; here are lengths, bits,
 * flags and envelopes.
 */
import * as Command from "./generated/commands";
import * as Failure from "./generated/encode-errors";
import * as State from "./generated/state";
import * as Type from "./generated/argument-types";
import { FRAME_END, FRAME_METHOD } from "./generated/constants";
import { BASIC_ACK_IDS, methodIds, signatures, signatureStarts } from "./generated/signatures";
import { command, setState } from "./memory";
import { Octets } from "./octets";
import { at, fail, full, goOn, lacks, moveTo, position, publishEnd, putLong, putOctet, putShort } from "./output";
import { next, putContainer, putValue, readFrom, word } from "./command-values";
import { payloadsAside, putContent, putLaidOut, putPayload } from "./content-writer";

function putArguments(method: u32): void {
  let signature = signatures + load<u16>(signatureStarts + ((<usize>method) << 1)) + 1;
  for (;;) {
    const type: u32 = load<u8>(signature);
    if (type == Type.END) return;
    signature += 1;
    putValue(type);
  }
}

function putMethod(method: u32, channel: u32): void {
  const frame = at;
  putOctet(FRAME_METHOD);
  putShort(channel);
  putLong(0);
  putLong(load<u32>(methodIds + ((<usize>method) << 2)));
  putArguments(method);
  putOctet(FRAME_END);
  if (!full) Octets.putLong(frame + 3, <u32>(at - frame) - 8);
}

/** Octets of the frame of a Basic.Ack. */
const ACK_OCTETS: u32 = 21;
/** More acks than any output holds. */
const MANY_ACKS: u32 = 0x0fffffff / ACK_OCTETS;

/** The acks from this record on; answers where the records end. */
function putAcks(from: usize, stop: usize): usize {
  let p = at;
  let w = from;
  for (; w < stop; w += 12) {
    const head = load<u32>(w);
    if ((head & 0xff) != Command.ACK) break;
    let tag = load<u32>(w, 4);
    const end = load<u32>(w, 8);
    if (end - tag > MANY_ACKS || lacks(p, (end - tag) * ACK_OCTETS)) {
      fail();
      return stop;
    }
    // The frame in three words, of which the last holds the tag, the bit and the frame-end.
    const first = bswap<u64>(
      ((<u64>FRAME_METHOD) << 56) | ((<u64>(head >>> 16)) << 40) | ((<u64>(ACK_OCTETS - 8)) << 8),
    );
    const second = bswap<u64>((<u64>BASIC_ACK_IDS) << 40);
    const last = (((head >>> 8) & 1) << 8) | FRAME_END;
    for (let left = end - tag; left != 0;) {
      // Up to the next tag whose last octet is 0 no other octet changes.
      const some = min(left, 0x100 - (tag & 0xff));
      let third = bswap<u64>(((<u64>tag) << 16) | last);
      tag += some;
      left -= some;
      for (const to = p + some * ACK_OCTETS; p != to; p += ACK_OCTETS) {
        store<u64>(p, first, 0, 1);
        store<u64>(p + 8, second, 0, 1);
        store<u64>(p + 13, third, 0, 1);
        third += (<u64>1) << 40;
      }
    }
  }
  goOn(p);
  return w;
}

function putOther(kind: u32, head: u32): bool {
  const argument = (head >>> 8) & 0xff;
  if (kind == Command.METHOD) putMethod(argument, head >>> 16);
  else if (kind == Command.ARGUMENTS) putArguments(argument);
  else if (kind == Command.PAYLOAD) {
    const size = next();
    const p: usize = lacks(at, 7) ? 0 : putPayload(at, argument, head >>> 16, size);
    if (p == 0) fail();
    else goOn(p);
  } else if (kind == Command.HEAD) {
    putOctet(argument);
    putShort(head >>> 16);
    putLong(next());
  } else if (kind == Command.END) {
    putOctet(FRAME_END);
  } else if (kind == Command.PROTOCOL_HEADER) {
    putLong(0x414d5150);
    putLong(next());
  } else if (kind == Command.VALUE) {
    if (argument == Type.FIELD) putField();
    else putValue(argument);
  } else {
    return false;
  }
  return true;
}

/** A type octet and its payload: an array of one without its length. */
function putField(): void {
  const start = at;
  putContainer(true);
  if (full) return;
  const octets = <u32>(at - start) - 4;
  memory.copy(start, start + 4, octets);
  goOn(start + octets);
}

/**
 * Writes the frames of all records from the begin of the command region to the address `stop`, from `start` on in the output region. Payloads that the host has put to their places stay;
 * where `aside` is not 0 they are taken from there: from a copy of the output whose begin would be at this address, made when texts turned out to be longer than the host had counted.
 *
 * Answers where the output ends, or FAILED; then the state has the error code, and what stands in the output from `start` on is void.
 */
export function write(stop: usize, start: u32, aside: usize): u32 {
  moveTo(start);
  readFrom(command);
  payloadsAside(aside);
  let code: u32 = 0;
  while (word < stop) {
    const head = load<u32>(word);
    const kind = head & 0xff;
    if (kind == Command.ACK) {
      readFrom(putAcks(word, stop));
    } else {
      readFrom(word + 4);
      if (kind == Command.CONTENT) {
        if (!putContent(head)) code = Failure.OTHER_OCTETS;
      } else if (kind == Command.LAYOUT) {
        if (!putLaidOut(head, stop)) code = Failure.OTHER_OCTETS;
      } else if (!putOther(kind, head)) code = Failure.UNKNOWN_COMMAND;
    }
    if (full) code = Failure.OUTPUT_FULL;
    if (code != 0) break;
  }
  setState(State.ERROR, code);
  if (code != 0) return Command.FAILED;
  publishEnd();
  return position();
}
