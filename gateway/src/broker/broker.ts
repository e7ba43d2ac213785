import { systemClock, type Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { brokerLimits, type BrokerLimits, type BrokerOptions } from "./limits.js";
import { Memory } from "./memory.js";
import type { BrokerEnd, Peer } from "./peer.js";
import type { Credentials } from "./sasl.js";
import { Turns } from "./turns.js";
import { VirtualHost } from "./virtual-host.js";

/** From this part of the limit on there is room again. */
const ROOM = 0.8;

/** An AMQP 0-9-1 broker in memory, without a socket of its own. It keeps nothing: what it holds is gone when it ends. */
export class Broker {
  readonly limits: BrokerLimits;
  readonly clock: Clock;
  readonly memory = new Memory();
  readonly #users: ReadonlyMap<string, string>;
  readonly #hosts: ReadonlyMap<string, VirtualHost>;
  readonly #log: (line: string) => void;
  readonly #turns = new Turns(() => this.#endTurn());
  readonly #connections = new Set<Connection>();
  readonly #toFlush = new Set<Connection>();
  readonly #paused = new Set<Connection>();
  #isFull = false;
  #closing = false;

  /** @throws RangeError where an option is out of range. */
  constructor(options: BrokerOptions = {}) {
    this.limits = brokerLimits(options);
    this.#log = options.log ?? ((line) => console.error(line));
    this.#users = new Map(Object.entries(options.users ?? { guest: "guest" }));
    const clock = options.clock ?? systemClock;
    // A timer that fires is a turn like any other.
    this.clock = {
      now: () => clock.now(),
      after: (milliseconds, call) => clock.after(milliseconds, () => this.#turns.run(call)),
    };
    const names = options.virtualHosts ?? ["/"];
    this.#hosts = new Map(names.map((name) => [name, new VirtualHost(name, this.clock, this.memory)]));
    this.log("embedded broker: keeps everything in memory and nothing beyond; for production run RabbitMQ or LavinMQ");
  }

  /** Connections that are there. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Octets of the messages that are stored, about. */
  get storedOctets(): number {
    return this.memory.octets;
  }

  /** Whether publishers have to wait for room. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Attaches a client. Where there are too many, its line is ended at once. */
  connect(peer: Peer): BrokerEnd {
    if (this.#closing || this.#connections.size >= this.limits.maxConnections) {
      this.log(`${peer.name ?? "connection"}: refused, there are ${this.#connections.size} connections`);
      peer.end();
      return { push: () => true, drained: () => undefined, close: () => undefined };
    }
    const connection = new Connection(this, peer);
    this.#connections.add(connection);
    return {
      push: (chunk) => {
        this.#turns.run(() => connection.push(chunk));
        return !connection.isPaused;
      },
      drained: () => this.#turns.run(() => connection.drained()),
      close: () => this.#turns.run(() => connection.end()),
    };
  }

  /** Tells all clients that the broker ends. */
  shutDown(): void {
    this.#closing = true;
    this.#turns.run(() => {
      for (const connection of [...this.#connections]) connection.shutDown();
    });
  }

  /** Ends what connections are left. */
  endAll(): void {
    this.#turns.run(() => {
      for (const connection of [...this.#connections]) connection.end();
    });
  }

  log(line: string): void {
    this.#log(line);
  }

  knows({ user, password }: Credentials): boolean {
    return this.#users.get(user) === password;
  }

  host(name: string): VirtualHost | undefined {
    return this.#hosts.get(name);
  }

  needsFlush(connection: Connection): void {
    this.#toFlush.add(connection);
  }

  paused(connection: Connection, isPaused: boolean): void {
    if (isPaused) this.#paused.add(connection);
    else this.#paused.delete(connection);
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
    this.#toFlush.delete(connection);
    this.#paused.delete(connection);
  }

  #endTurn(): void {
    do {
      for (const host of this.#hosts.values()) host.publishDeadLetters();
      const connections = [...this.#toFlush];
      this.#toFlush.clear();
      this.#isFull = this.memory.octets > this.limits.maxStoredOctets * (this.#isFull ? ROOM : 1);
      for (const connection of connections) connection.flush();
    } while (this.#toFlush.size > 0);
    if (!this.#isFull) for (const connection of this.#paused) connection.checkPause();
  }
}
