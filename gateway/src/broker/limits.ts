import type { Clock } from "./clock.js";

/** How a broker is set up. */
export interface BrokerOptions {
  /** User names and their passwords. Defaults to guest with the password guest. */
  users?: Readonly<Record<string, string>>;
  /** Names of the virtual hosts. Defaults to `/` alone. */
  virtualHosts?: readonly string[];
  /** Connections at a time. Defaults to 10000. */
  maxConnections?: number;
  /** Channels of a connection, 1 to 65535: the channel-max that is offered. Defaults to 2047. */
  maxChannels?: number;
  /** Largest frame in octets, 4096 to 2147483647: the frame-max that is offered. Defaults to 131072. */
  frameMax?: number;
  /** Largest body of a message in octets. Defaults to 134217728 (128 MiB), RabbitMQ's own limit. */
  maxBodySize?: number;
  /** Heartbeat interval that is offered, in seconds; 0 for none. Defaults to 60. */
  heartbeat?: number;
  /** How long a connection may take until it is open, in milliseconds. Defaults to 10000. */
  handshakeTimeout?: number;
  /** Octets of messages that the broker stores, from which on it reads no more from connections that publish until there is room again. Defaults to 536870912 (512 MiB). */
  maxStoredOctets?: number;
  /** Octets of replies that may wait for a client that does not read, from which on the broker reads no more from it. Defaults to 1048576 (1 MiB). */
  maxWaitingOctets?: number;
  /** Queues and exchanges of a virtual host. Defaults to 100000 each. */
  maxQueues?: number;
  maxExchanges?: number;
  /** Takes what the broker has to say, a line at a time. Defaults to standard error; `() => undefined` silences it. */
  log?: (line: string) => void;
  /** Time; for tests. */
  clock?: Clock;
}

/** Limits of a broker with all defaults in place. */
export interface BrokerLimits {
  readonly maxConnections: number;
  readonly maxChannels: number;
  readonly frameMax: number;
  readonly maxBodySize: number;
  readonly heartbeat: number;
  readonly handshakeTimeout: number;
  readonly maxStoredOctets: number;
  readonly maxWaitingOctets: number;
  readonly maxQueues: number;
  readonly maxExchanges: number;
}

const MOST = Number.MAX_SAFE_INTEGER;
const ranges: Record<keyof BrokerLimits, readonly [byDefault: number, least: number, most: number]> = {
  maxConnections: [10_000, 1, MOST],
  maxChannels: [2047, 1, 65535],
  frameMax: [131_072, 4096, 0x7fffffff],
  maxBodySize: [134_217_728, 0, MOST],
  heartbeat: [60, 0, 65535],
  handshakeTimeout: [10_000, 1, 0x7fffffff],
  maxStoredOctets: [536_870_912, 0, MOST],
  maxWaitingOctets: [1_048_576, 0, MOST],
  maxQueues: [100_000, 1, MOST],
  maxExchanges: [100_000, 6, MOST],
};

/** @throws RangeError that names the option and its range. */
export function brokerLimits(options: BrokerOptions): BrokerLimits {
  const limits = Object.entries(ranges).map(([name, [byDefault, least, most]]) => {
    const value = options[name as keyof BrokerLimits] ?? byDefault;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name}: integer of ${least} to ${most} required, received ${String(value)}`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(limits) as Record<keyof BrokerLimits, number>;
}
