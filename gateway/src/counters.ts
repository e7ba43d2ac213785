/** What went through the gateway since it started. */
export interface Traffic {
  /** Content headers: one for each message. */
  messages: number;
  frames: number;
  octets: number;
}

export interface Counters {
  /** From clients to the broker. */
  up: Traffic;
  /** From the broker to clients. */
  down: Traffic;
  /** Connections since the start, by how clients came. */
  tcp: number;
  webSocket: number;
  /** Connections that got as far as Open-Ok. */
  opened: number;
  /** Connections that are open. */
  connections: number;
  /** Connections that ended because the client broke a rule, by reply code. */
  refused: Map<number, number>;
  /** Those that were no AMQP 0-9-1 at all. */
  strangers: number;
  /** Connections over a limit, and WebSockets of a wrong origin or sub-protocol. */
  rejected: number;
  /** Connections that ended because of the broker: not reachable, gone, or sending nonsense. */
  upstreamFailures: number;
  /** How often a peer was held back because the other read too slowly. */
  heldBack: number;
}

export function newCounters(): Counters {
  const traffic = (): Traffic => ({ messages: 0, frames: 0, octets: 0 });
  return {
    up: traffic(),
    down: traffic(),
    tcp: 0,
    webSocket: 0,
    opened: 0,
    connections: 0,
    refused: new Map(),
    strangers: 0,
    rejected: 0,
    upstreamFailures: 0,
    heldBack: 0,
  };
}
