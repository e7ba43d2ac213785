/** What the tests ask of a client library, in the words of the protocol: each library has its own way to say it. */

export interface Sent {
  readonly exchange?: string;
  readonly routingKey: string;
  readonly body: Uint8Array | string;
  readonly mandatory?: boolean;
  /** In the standard's words, camelCase. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface Received {
  readonly body: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly deliveryTag: number;
  /** In the standard's words, camelCase; absent where they did not come. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Deliveries {
  next(): Promise<Received>;
  cancel(): Promise<void>;
}

export interface Transaction {
  publish(sent: Sent): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A connection of the library, with a channel that confirms. */
export interface Session {
  declare(queue: string, settings?: { arguments?: Record<string, unknown>; exclusive?: boolean }): Promise<string>;
  declareExchange(exchange: string, type: string): Promise<void>;
  deleteExchange(exchange: string): Promise<void>;
  bind(queue: string, exchange: string, routingKey: string, table?: Record<string, unknown>): Promise<void>;
  /** Answers what the broker decided. */
  publish(sent: Sent): Promise<"ack" | "nack">;
  /** What came back because nobody wanted it: the reply code, its text and the body. */
  returned(): Promise<{ replyCode: number; replyText: string; body: Uint8Array }>;
  consume(queue: string, settings?: { prefetch?: number; noAck?: boolean; tag?: string }): Promise<Deliveries>;
  ack(deliveryTag: number, multiple?: boolean): Promise<void>;
  nack(deliveryTag: number, settings: { requeue: boolean; multiple?: boolean }): Promise<void>;
  get(queue: string): Promise<Received | undefined>;
  purge(queue: string): Promise<number>;
  deleteQueue(queue: string): Promise<void>;
  transaction(): Promise<Transaction>;
  /** What the library tells when a broker refuses this on a channel of its own: the text of its error. */
  refusal(of: "missing queue" | "missing exchange" | "reserved name"): Promise<string>;
  close(): Promise<void>;
}

export interface ClientLibrary {
  readonly name: string;
  open(url: string): Promise<Session>;
  /** The text of the error where the login is refused. */
  refusedLogin(url: string): Promise<string>;
}

/** A list that somebody waits on. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  put(item: T): void {
    const wake = this.#waiting.shift();
    if (wake === undefined) this.#items.push(item);
    else wake(item);
  }

  next(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export const octets = (body: Uint8Array | string): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body;

/** The text of what a promise is rejected with; an error where it is not. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}

/** A record without what is absent. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
