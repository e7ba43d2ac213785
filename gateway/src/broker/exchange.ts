import type { FieldTable } from "amqp-wasm";
import type { Binding, Bindings } from "./bindings.js";
import { DirectBindings } from "./direct-bindings.js";
import { FanoutBindings } from "./fanout-bindings.js";
import { HeadersBindings } from "./headers-bindings.js";
import { TopicBindings } from "./topic-bindings.js";

const kinds = {
  direct: DirectBindings,
  fanout: FanoutBindings,
  topic: TopicBindings,
  headers: HeadersBindings,
} as const;

/** The four kinds of exchange. */
export type ExchangeKind = keyof typeof kinds;

export function isExchangeKind(type: string): type is ExchangeKind {
  return Object.hasOwn(kinds, type);
}

/** What an exchange was declared with. */
export interface ExchangeSettings {
  readonly kind: ExchangeKind;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: FieldTable;
}

/** Takes messages and finds out by its bindings where they go. */
export class Exchange {
  readonly name: string;
  readonly settings: ExchangeSettings;
  /** Name of the exchange that gets what no binding wants. */
  readonly alternate: string | undefined;
  readonly bindings: Bindings;
  /** All bindings from here, and all that lead here from other exchanges. */
  readonly outgoing = new Map<string, Binding>();
  readonly incoming = new Set<Binding>();
  deleted = false;

  constructor(name: string, settings: ExchangeSettings) {
    this.name = name;
    this.settings = settings;
    const alternate = settings.arguments.get("alternate-exchange");
    this.alternate = typeof alternate === "string" ? alternate : undefined;
    this.bindings = new kinds[settings.kind]();
  }
}
