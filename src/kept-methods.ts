/** Method frames that are written again and again, kept in linear memory as they go out: those of Basic.Publish. */
import type { CommandTape } from "./command-tape.js";
import { EncodeError } from "./errors.js";
import { Publish, type Deliver, type GetOk, type Return } from "./generated/basic.js";
import { methodFrame } from "./methods.js";

/** A method that carries content. */
export type ContentMethod = Publish | Deliver | GetOk | Return;

/** More than the bits of any method that is kept. */
export const NO_BIT = 4;
/** Routing keys that are remembered, kept or not. */
const MOST = 1024;

/** A method frame that is kept, but for its channel. */
export interface KeptMethod {
  readonly address: number;
  readonly octets: number;
}

class KeptPublish implements KeptMethod {
  declare readonly exchange: unknown;
  declare readonly routingKey: unknown;
  // Fields of a class begin as undefined, and an engine then never takes them for numbers alone.
  declare readonly bits: number;
  declare readonly address: number;
  declare readonly octets: number;

  constructor(exchange: string, routingKey: string, bits: number, address: number, octets: number) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.bits = bits;
    this.address = address;
    this.octets = octets;
  }
}

const BRAND = Symbol("publish");
Object.defineProperty(Publish.prototype, BRAND, { value: true });

/** Whether a value is a Basic.Publish: quicker than `instanceof`, and than what is asked of all methods. */
function isPublish(value: ContentMethod | null | undefined): value is Publish {
  return value !== null && value !== undefined && (value as { [BRAND]?: unknown })[BRAND] === true;
}

/** The bits of a method as a number; `NO_BIT` or more where it is none that is kept. Each is compared with a constant: an engine does that itself. */
export function bitsOf(method: ContentMethod | null | undefined): number {
  if (!isPublish(method) || method.ticket !== 0) return NO_BIT;
  const { mandatory, immediate } = method;
  const first = mandatory === true ? 1 : mandatory === false ? 0 : NO_BIT;
  return first | (immediate === true ? 2 : immediate === false ? 0 : NO_BIT);
}

export class KeptMethods {
  readonly #tape: CommandTape;
  /** By routing key: the last of those with another exchange or other bits; none where it came once. */
  #known = new Map<string, KeptPublish | undefined>();
  #last: KeptPublish | undefined;

  /** That which was found last. */
  get last(): KeptMethod | undefined {
    return this.#last;
  }

  constructor(tape: CommandTape) {
    this.#tape = tape;
    tape.kept.onClear(() => this.#forget());
  }

  #forget(): void {
    this.#known.clear();
    this.#last = undefined;
  }

  /** The kept frame of the method with these arguments, and `undefined` where there is none. What is kept keeps all rules: there is nothing to be validated. */
  find(exchange: unknown, routingKey: unknown, bits: number): KeptMethod | undefined {
    return this.known(exchange, routingKey, bits) ?? this.#meet(exchange, routingKey, bits);
  }

  /** As `find`, where nothing is learned. */
  known(exchange: unknown, routingKey: unknown, bits: number): KeptMethod | undefined {
    const last = this.#last;
    if (last !== undefined && routingKey === last.routingKey && exchange === last.exchange && bits === last.bits)
      return last;
    const known = this.#known.get(routingKey as string);
    if (known === undefined || known.exchange !== exchange || known.bits !== bits) return undefined;
    return (this.#last = known);
  }

  /** A method that is not kept, or not with this exchange and these bits: it will be where its routing key comes for the second time. */
  #meet(exchange: unknown, routingKey: unknown, bits: number): KeptMethod | undefined {
    if (typeof exchange !== "string" || typeof routingKey !== "string") return undefined;
    if (!this.#known.has(routingKey)) {
      if (this.#known.size >= MOST) this.#known.clear();
      this.#known.set(routingKey, undefined);
      return undefined;
    }
    return this.#keep(exchange, routingKey, bits);
  }

  #keep(exchange: string, routingKey: string, bits: number): KeptMethod | undefined {
    const tape = this.#tape;
    let octets;
    try {
      // Not the rules that this writer or the program's method was told, but the narrowest: who comes next may have others.
      const method = new Publish({ exchange, routingKey, mandatory: (bits & 1) !== 0, immediate: (bits & 2) !== 0 });
      octets = methodFrame(tape, method, {});
    } catch (error) {
      if (error instanceof EncodeError) return undefined;
      throw error;
    }
    const address = tape.kept.room(4 + octets.length);
    if (address === 0) return undefined;
    tape.core.words[address >>> 2] = octets.length;
    tape.core.octets.set(octets, address + 4);
    const kept = new KeptPublish(exchange, routingKey, bits, address, octets.length);
    this.#known.set(routingKey, kept);
    return (this.#last = kept);
  }
}
