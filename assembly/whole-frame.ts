/** Single frames that somebody hands in whole. */
import * as Failure from "./generated/decode-errors";
import * as State from "./generated/state";
import { FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { input, setState } from "./memory";
import { methodIndex } from "./methods";
import { Octets } from "./octets";

const ENVELOPE: u32 = 8;
const PAYLOAD: usize = 7;
const BASIC: u32 = 60;

/** What the frame is, for the state block. */
let channel: u32 = 0;
export let method: i32 = -1;
let ids: u32 = 0;

/** Tells the host of an error; answers 0. */
export function fail(code: u32, at: usize, index: i32, depth: u32): u32 {
  setState(State.ERROR, code);
  setState(State.ERROR_OFFSET, <u32>(at - input));
  setState(State.ERROR_INDEX, <u32>index);
  setState(State.ERROR_METHOD, <u32>method);
  setState(State.ERROR_CLASS_ID, ids >> 16);
  setState(State.ERROR_METHOD_ID, ids & 0xffff);
  setState(State.ERROR_CHANNEL, channel);
  setState(State.ERROR_DEPTH, depth);
  return 0;
}

/** Whether the input is one whole frame of this type: answers its octets, 0 after an error. */
export function checkFrame(octets: u32, type: u32): u32 {
  channel = 0;
  method = -1;
  ids = 0;
  setState(State.ERROR, 0);
  if (octets < ENVELOPE) return fail(Failure.FRAME_CUT, input, -1, 0);
  const there = Octets.octet(input);
  if (there != type) return fail(Failure.FRAME_KIND, input, -1, 0);
  channel = Octets.short(input + 1);
  const size = Octets.long(input + 3);
  if (size > octets - ENVELOPE) return fail(Failure.FRAME_CUT, input + 3, -1, 0);
  const end = input + PAYLOAD + size;
  if (Octets.octet(end) != FRAME_END) return fail(Failure.FRAME_END, end, -1, 0);
  if (size != octets - ENVELOPE) return fail(Failure.OCTETS_LEFT, end + 1, -1, 0);
  if (type == FRAME_HEADER) ids = BASIC << 16;
  return octets;
}

/** Dense index of the method whose frame the input is; -1 after an error. */
export function frameMethod(octets: u32): i32 {
  if (checkFrame(octets, FRAME_METHOD) == 0) return -1;
  if (octets - ENVELOPE < 4) {
    fail(Failure.METHOD_CUT, input + PAYLOAD, -1, 0);
    return -1;
  }
  ids = Octets.long(input + PAYLOAD);
  method = methodIndex(ids);
  if (method < 0) fail(Failure.METHOD_UNKNOWN, input + PAYLOAD, -1, 0);
  return method;
}
