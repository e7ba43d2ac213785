/** Method frames that are written again and again, kept in linear memory as they go out: those of Basic.Publish. */
import type { CommandTape } from "./command-tape.js";
import { EncodeError } from "./errors.js";
import { Publish, type Deliver, type GetOk, type Return } from "./generated/basic.js";
import { methodFrame } from "./methods.js";
import { exchangeName } from "./validation.js";

/** A method that carries content. */
export type ContentMethod = Publish | Deliver | GetOk | Return;

const NO_BIT = 4;
/** Routing keys that are remembered, kept or not. */
const MOST = 1024;

/** A method frame that is kept, but for its channel. */
export interface KeptMethod {
  readonly address: number;
  readonly octets: number;
}

class KeptPublish implements KeptMethod {
  readonly exchange: unknown;
  readonly routingKey: unknown;
  readonly bits: number;
  readonly address: number;
  readonly octets: number;

  constructor(method: Publish, address: number, octets: number) {
    this.exchange = method.exchange;
    this.routingKey = method.routingKey;
    this.bits = bitsOf(method);
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

/** The bits of a method as a number; more than 3 where one is no boolean. Each is compared with a constant: an engine does that itself. */
function bitsOf({ mandatory, immediate }: Publish): number {
  const first = mandatory === true ? 1 : mandatory === false ? 0 : NO_BIT;
  return first | (immediate === true ? 2 : immediate === false ? 0 : NO_BIT);
}

export class KeptMethods {
  readonly #tape: CommandTape;
  /** By routing key: the last of those with another exchange or other bits; none where it came once. */
  #known = new Map<string, KeptPublish | undefined>();
  #last: KeptPublish | undefined;

  constructor(tape: CommandTape) {
    this.#tape = tape;
    tape.kept.onClear(() => this.#forget());
  }

  #forget(): void {
    this.#known.clear();
    this.#last = undefined;
  }

  /** The kept frame of a method, and `undefined` where there is none. What is kept keeps all rules: there is nothing to be validated. */
  find(method: ContentMethod | null | undefined): KeptMethod | undefined {
    if (!isPublish(method) || method.ticket !== 0) return undefined;
    return this.#isLast(method) ? this.#last : this.#lookUp(method);
  }

  /** As `find`, if it is the last one. */
  last(method: ContentMethod | null | undefined): KeptMethod | undefined {
    return isPublish(method) && method.ticket === 0 && this.#isLast(method) ? this.#last : undefined;
  }

  /** As `find`, where nothing is learned. */
  known(method: ContentMethod | null | undefined): KeptMethod | undefined {
    if (!isPublish(method) || method.ticket !== 0) return undefined;
    if (this.#isLast(method)) return this.#last;
    const known = this.#known.get(method.routingKey as string);
    if (known === undefined || known.exchange !== method.exchange || known.bits !== bitsOf(method)) return undefined;
    return (this.#last = known);
  }

  #isLast(method: Publish): boolean {
    const last = this.#last;
    return (
      last !== undefined &&
      method.routingKey === last.routingKey &&
      method.exchange === last.exchange &&
      bitsOf(method) === last.bits
    );
  }

  #lookUp(method: Publish): KeptMethod | undefined {
    const { exchange, routingKey } = method;
    if (typeof exchange !== "string" || typeof routingKey !== "string") return undefined;
    const known = this.#known.get(routingKey);
    if (known !== undefined && known.exchange === exchange && known.bits === bitsOf(method))
      return (this.#last = known);
    if (known === undefined && !this.#known.has(routingKey)) {
      if (this.#known.size >= MOST) this.#known.clear();
      this.#known.set(routingKey, undefined);
      return undefined;
    }
    return this.#keep(method, routingKey);
  }

  #keep(method: Publish, routingKey: string): KeptMethod | undefined {
    const tape = this.#tape;
    let octets;
    try {
      // Not the rules that this writer or this method was told, but the narrowest: who comes next may have others.
      exchangeName(method.exchange, "exchange", "exchange", "pamqp");
      octets = methodFrame(tape, method, {});
    } catch (error) {
      if (error instanceof EncodeError) return undefined;
      throw error;
    }
    const address = tape.kept.room(4 + octets.length);
    if (address === 0) return undefined;
    tape.core.words[address >>> 2] = octets.length;
    tape.core.octets.set(octets, address + 4);
    const kept = new KeptPublish(method, address, octets.length);
    this.#known.set(routingKey, kept);
    return (this.#last = kept);
  }
}
