/**
 * The memory map: constants and state in the first page, regions in pages that are taken by growing the memory, so that whoever else uses
 * it is never touched. A region that becomes too small is left behind and a larger one is taken; sizes double, so what is
 * left behind stays below what is used.
 */
import * as Limit from "./generated/limits";
import * as State from "./generated/state";

const INPUT_OCTETS: u32 = 136 * 1024; // a frame of the usual frame-max (131072) with RabbitMQ's tolerance
const TAPE_WORDS: u32 = 64 * 1024;
const COMMAND_WORDS: u32 = 16 * 1024;
const STRINGS_OCTETS: u32 = 256 * 1024;
const KEPT_OCTETS: u32 = 64 * 1024;
const OUTPUT_OCTETS: u32 = 256 * 1024;
const LEVELS_OCTETS: u32 = (Limit.MAX_DEPTH + 1) * Limit.LEVEL_WORDS * 4;

const words: usize = memory.data(State.WORDS * 4, 16);

export let input: usize = 0;
export let inputCapacity: u32 = 0;
export let pool: usize = 0;
export let tape: usize = 0;
export let tapeCapacity: u32 = 0;
export let command: usize = 0;
let commandCapacity: u32 = 0;
let strings: usize = 0;
let stringsCapacity: u32 = 0;
export let output: usize = 0;
export let outputCapacity: u32 = 0;
export let levels: usize = 0;
export let tags: usize = 0;

let next: usize = 0;

/** Address of the state block. */
export function state(): usize {
  return words;
}

export function getState(index: u32): u32 {
  return load<u32>(words + (index << 2));
}

export function setState(index: u32, value: u32): void {
  store<u32>(words + (index << 2), value);
}

/** Fresh pages for so many octets, or 0 where the memory cannot grow. */
function pages(octets: u32): usize {
  const before = memory.grow(<i32>((octets + 0xffff) >> 16));
  return before < 0 ? 0 : (<usize>before) << 16;
}

function rounded(octets: u32): u32 {
  return (octets + Limit.SLACK + 15) & ~15;
}

function carve(octets: u32): usize {
  const at = next;
  next += rounded(octets);
  return at;
}

function publish(): void {
  setState(State.INPUT, <u32>input);
  setState(State.INPUT_CAPACITY, inputCapacity);
  setState(State.POOL, <u32>pool);
  setState(State.TAPE, <u32>tape);
  setState(State.TAPE_CAPACITY, tapeCapacity);
  setState(State.COMMAND, <u32>command);
  setState(State.COMMAND_CAPACITY, commandCapacity);
  setState(State.STRINGS, <u32>strings);
  setState(State.STRINGS_CAPACITY, stringsCapacity);
  setState(State.OUTPUT, <u32>output);
  setState(State.OUTPUT_CAPACITY, outputCapacity);
}

/** Takes all regions and `extra` octets for the intern table, whose address it answers; 0 where the memory cannot grow. */
export function takeRegions(extra: u32): usize {
  const total =
    rounded(INPUT_OCTETS) * 2 +
    rounded(TAPE_WORDS * 4) +
    rounded(COMMAND_WORDS * 4) +
    rounded(STRINGS_OCTETS) +
    rounded(KEPT_OCTETS) +
    rounded(OUTPUT_OCTETS) +
    rounded(LEVELS_OCTETS) +
    rounded(Limit.TAGS_OCTETS) +
    rounded(extra);
  next = pages(total);
  if (next == 0) return 0;
  inputCapacity = INPUT_OCTETS;
  tapeCapacity = TAPE_WORDS;
  outputCapacity = OUTPUT_OCTETS;
  input = carve(INPUT_OCTETS);
  pool = carve(INPUT_OCTETS);
  tape = carve(TAPE_WORDS * 4);
  command = carve(COMMAND_WORDS * 4);
  commandCapacity = COMMAND_WORDS;
  strings = carve(STRINGS_OCTETS);
  stringsCapacity = STRINGS_OCTETS;
  setState(State.KEPT, <u32>carve(KEPT_OCTETS));
  setState(State.KEPT_CAPACITY, KEPT_OCTETS);
  output = carve(OUTPUT_OCTETS);
  levels = carve(LEVELS_OCTETS);
  setState(State.LEVELS, <u32>levels);
  tags = carve(Limit.TAGS_OCTETS);
  publish();
  return carve(extra);
}

/** Doubles `capacity` until it holds `wanted`; 0 where that passes what 32 bits of addresses can hold. */
function doubled(capacity: u32, wanted: u32): u32 {
  while (capacity < wanted) {
    if (capacity > 0x3fffffff) return 0;
    capacity <<= 1;
  }
  return capacity;
}

/** Makes the input region (and the pool, which holds copies of it) hold `octets`. Its content is lost. Answers 0 where it cannot. */
export function growInput(octets: u32): u32 {
  const capacity = doubled(inputCapacity, octets);
  if (capacity == 0) return 0;
  if (capacity == inputCapacity) return 1;
  const at = pages(rounded(capacity) * 2);
  if (at == 0) return 0;
  input = at;
  pool = at + rounded(capacity);
  inputCapacity = capacity;
  publish();
  return 1;
}

/** Doubles the tape. Its content is lost. Answers 0 where it cannot. */
export function growTape(): u32 {
  const capacity = doubled(tapeCapacity, tapeCapacity + 1);
  if (capacity == 0 || capacity > 0x3fffffff) return 0;
  const at = pages(rounded(capacity << 2));
  if (at == 0) return 0;
  tape = at;
  tapeCapacity = capacity;
  publish();
  return 1;
}

/** Makes the output region hold `octets`. Its content is lost: take it first. Answers 0 where it cannot. */
export function growOutput(octets: u32): u32 {
  const capacity = doubled(outputCapacity, octets);
  if (capacity == 0) return 0;
  if (capacity == outputCapacity) return 1;
  const at = pages(rounded(capacity));
  if (at == 0) return 0;
  output = at;
  outputCapacity = capacity;
  publish();
  return 1;
}

/** Makes the command region hold `wanted` words and the string region `octets`. Their content is lost. Answers 0 where it cannot. */
export function growCommand(wanted: u32, octets: u32): u32 {
  const words = doubled(commandCapacity, wanted);
  const size = doubled(stringsCapacity, octets);
  if (words == 0 || words > 0x0fffffff || size == 0) return 0;
  if (words != commandCapacity) {
    const at = pages(rounded(words << 2));
    if (at == 0) return 0;
    command = at;
    commandCapacity = words;
  }
  if (size != stringsCapacity) {
    const at = pages(rounded(size));
    if (at == 0) return 0;
    strings = at;
    stringsCapacity = size;
  }
  publish();
  return 1;
}
