/** The one room that knows WebAssembly: compiling, instantiating, views of the memory and their renewal when it grew. */
import { instantiateSync } from "@assemblyscript/loader";
import { coreBase64 } from "./core-binary.js";
import { MEMORY_PAGES } from "./generated/limits.js";
import * as State from "./generated/state.js";

type Exports = Awaited<ReturnType<(typeof import("../build/core.js"))["instantiate"]>>;

/** Bytes of a module, a compiled module, or a response that brings one. */
export type CoreSource = WebAssembly.Module | Uint8Array | ArrayBuffer | Response;

/** Where a core lives. */
export interface CoreOptions {
  /**
   * Memory to live in, of at least one page and not shared. The core uses the first page and the pages that it adds by growing; what lies between is the caller's.
   * Defaults to a memory of its own.
   */
  memory?: WebAssembly.Memory;
}

/** Memories that a core lives in: a second would write over the first, because both have their state in the first page. */
const inUse = new WeakSet<WebAssembly.Memory>();

/** Who has octets in the input region that are still wanted. */
export interface InputOwner {
  /** Called before they are written over. */
  release(): void;
}

/** One instance of the core, with views of its memory. Readers and writers of one program share it. */
export class Core {
  readonly exports: Exports;
  readonly #memory: WebAssembly.Memory;
  /** Whether others may grow the memory. */
  readonly foreign: boolean;
  /** The whole memory, by octets and by words. Void once the memory grew: `refresh` renews them. */
  octets!: Uint8Array;
  words!: Int32Array;
  view!: DataView;
  /** To ask a view for it is a call. */
  buffer!: ArrayBuffer;
  /** Addresses of the regions, in octets; `tape` and `command` in words. */
  input = 0;
  inputCapacity = 0;
  tape = 0;
  tapeCapacity = 0;
  pool = 0;
  command = 0;
  commandCapacity = 0;
  strings = 0;
  stringsCapacity = 0;
  kept = 0;
  keptCapacity = 0;
  output = 0;
  outputCapacity = 0;
  levels = 0;
  /** In words. */
  passing = 0;
  internedEntries = 0;
  /** Whoever counts on finding in the input region what it put there. */
  inputOwner: InputOwner | undefined;
  #state = 0;

  constructor(source: WebAssembly.Module | Uint8Array | ArrayBuffer, { memory }: CoreOptions = {}) {
    this.foreign = memory !== undefined;
    // All that the core takes at first, so that it need not grow: once a memory grew, engines distrust each view of any buffer of the program.
    this.#memory = memory ?? new WebAssembly.Memory({ initial: MEMORY_PAGES });
    if (inUse.has(this.#memory)) throw new Error("a core lives in this memory already");
    // The loader wraps each export; what it hands out below is the bare function.
    const { instance } = instantiateSync<Record<string, unknown>>(source, {
      env: { memory: this.#memory },
    });
    // Copied: an instance's exports are kept in a way that makes each look-up a search.
    this.exports = { ...(instance.exports as unknown as Exports) };
    if (this.exports.initialize(memory === undefined ? 1 : 0) === 0) throw new Error("the core's memory cannot grow");
    inUse.add(this.#memory);
    this.refresh();
  }

  /** Whether somebody grew the memory since the views were made. Nobody else can where it is the core's own: to ask a view costs as much as a short string. */
  get stale(): boolean {
    return this.foreign && this.octets.length === 0;
  }

  /** The core itself, with new views where somebody else grew the memory since they were made: what every call from outside begins with. */
  fresh(): this {
    if (this.stale) this.refresh();
    return this;
  }

  /** Renews views and addresses. */
  refresh(): void {
    const { buffer } = this.#memory;
    this.buffer = buffer;
    this.octets = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
    this.#state = this.exports.state() >>> 2;
    this.input = this.state(State.INPUT);
    this.inputCapacity = this.state(State.INPUT_CAPACITY);
    this.tape = this.state(State.TAPE) >>> 2;
    this.tapeCapacity = this.state(State.TAPE_CAPACITY);
    this.pool = this.state(State.POOL);
    this.command = this.state(State.COMMAND) >>> 2;
    this.commandCapacity = this.state(State.COMMAND_CAPACITY);
    this.strings = this.state(State.STRINGS);
    this.stringsCapacity = this.state(State.STRINGS_CAPACITY);
    this.kept = this.state(State.KEPT);
    this.keptCapacity = this.state(State.KEPT_CAPACITY);
    this.output = this.state(State.OUTPUT);
    this.outputCapacity = this.state(State.OUTPUT_CAPACITY);
    this.levels = this.state(State.LEVELS) >>> 2;
    this.passing = this.state(State.PASSING) >>> 2;
    this.internedEntries = this.exports.internedEntries() >>> 2;
  }

  /** A word of the state block, unsigned. */
  state(index: number): number {
    return this.words[this.#state + index]! >>> 0;
  }

  /** Makes the input region hold so many octets. */
  growInput(octets: number): void {
    this.releaseInput();
    this.#grew(this.exports.growInput(octets));
  }

  /** To be called before other octets go into the input region. */
  releaseInput(): void {
    const owner = this.inputOwner;
    if (owner === undefined) return;
    // It may refuse: then the octets stay.
    owner.release();
    this.inputOwner = undefined;
  }

  growTape(): void {
    this.#grew(this.exports.growTape());
  }

  growCommand(words: number, octets: number): void {
    this.#grew(this.exports.growCommand(words, octets));
  }

  growOutput(octets: number): void {
    this.#grew(this.exports.growOutput(octets));
  }

  #grew(done: number): void {
    if (done === 0) throw new Error("the core's memory cannot grow");
    this.refresh();
  }
}

// In a process that just began each of these takes a few times as long as the one before it.
const { Buffer: NodeBuffer } = globalThis as { Buffer?: { from?: (text: string, encoding: string) => Uint8Array } };
const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array };

function embedded(): Uint8Array {
  if (NodeBuffer?.from !== undefined) return NodeBuffer.from(coreBase64, "base64");
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, coreBase64);
  const text = atob(coreBase64);
  // A loop: to map a text's characters by a function takes milliseconds, in a process that just began.
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < octets.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}

/** A core from what the caller has, or from the bytes that the package embeds. */
export function makeCore(source?: WebAssembly.Module | Uint8Array | ArrayBuffer, options?: CoreOptions): Core {
  return new Core(source ?? embedded(), options);
}

/** Compiles what is not compiled yet. */
export async function compileCore(source: CoreSource | Promise<CoreSource>): Promise<WebAssembly.Module> {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (typeof Response !== "undefined" && given instanceof Response) {
    if (!given.ok) throw new Error(`the core could not be fetched: ${given.status} ${given.statusText}`);
    // Not streamed: servers that send no "application/wasm" would fail, and so small a module gains nothing.
    return WebAssembly.compile(await given.arrayBuffer());
  }
  return WebAssembly.compile(given as BufferSource);
}

export function isCompiled(source: unknown): source is WebAssembly.Module {
  return source instanceof WebAssembly.Module;
}

let shared: Core | undefined;
let current: Core | undefined;

/** The core that what is constructed now belongs to: the shared one, made on first use, or that of the codec whose constructor runs. */
export function currentCore(): Core {
  return (current ?? (shared ??= makeCore())).fresh();
}

/** Whether it is the one that lives as long as the program. */
export function isShared(core: Core): boolean {
  return core === shared;
}

/** Sets the shared core. @throws Error where one is in use already. */
export function shareCore(core: Core): void {
  if (shared !== undefined) throw new Error("the core is in use already: call initialize() before anything else");
  shared = core;
}

/** Runs `make` with `core` as the current one. */
export function withCore<T>(core: Core, make: () => T): T {
  const before = current;
  current = core;
  try {
    return make();
  } finally {
    current = before;
  }
}
