import type { Broker, BrokerEnd } from "./broker/index.js";
import { deaf, type Link, type LinkEvents } from "./link.js";
import type { Upstream } from "./upstream.js";

/** What the embedded broker may have sent and we not yet taken, in octets, before it is asked to wait. */
const WAITING = 65_536;

/** The embedded broker as an upstream. */
export function embedded(broker: Broker): Upstream {
  return {
    name: "the embedded broker",
    dial(connected) {
      const link = new BrokerLink(broker);
      queueMicrotask(connected);
      return link;
    },
    close: () => broker.shutDown(),
  };
}

/** A link to the embedded broker, without a socket. What it tells comes in a turn of its own, never within a call of ours. */
class BrokerLink implements Link {
  readonly peer = "embedded";
  readonly oneFrameAPiece = false;
  events: LinkEvents = deaf;
  readonly #end: BrokerEnd;
  #incoming: Uint8Array[] = [];
  #incomingOctets = 0;
  /** What the broker has not taken, because it asked us to wait. */
  #outgoing: Uint8Array[] = [];
  #outgoingOctets = 0;
  #waits = false;
  #brokerWaits = false;
  #paused = false;
  #scheduled = false;
  #ended = false;
  #closed = false;

  constructor(broker: Broker) {
    this.#end = broker.connect({
      name: "gateway",
      write: (octets) => {
        this.#incoming.push(octets);
        this.#incomingOctets += octets.length;
        this.#schedule();
        this.#brokerWaits = this.#incomingOctets > WAITING;
        return !this.#brokerWaits;
      },
      end: () => {
        this.#ended = true;
        this.#schedule();
      },
      resume: () => this.#resumed(),
    });
  }

  get buffered(): number {
    return this.#outgoingOctets;
  }

  write(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (this.#waits) {
        this.#outgoing.push(piece);
        this.#outgoingOctets += piece.length;
      } else this.#waits = !this.#end.push(piece);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  end(): void {
    for (const piece of this.#outgoing.splice(0)) this.#end.push(piece);
    this.#outgoingOctets = 0;
    this.destroy();
  }

  destroy(): void {
    this.#end.close();
    this.#ended = true;
    this.#paused = false;
    this.#schedule();
  }

  #resumed(): void {
    this.#waits = false;
    while (this.#outgoing.length > 0 && !this.#waits) {
      const piece = this.#outgoing.shift()!;
      this.#outgoingOctets -= piece.length;
      this.#waits = !this.#end.push(piece);
    }
    if (!this.#waits) queueMicrotask(() => this.events.drained());
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    this.#scheduled = false;
    while (!this.#paused && this.#incoming.length > 0) {
      const chunk = this.#incoming.shift()!;
      this.#incomingOctets -= chunk.length;
      this.events.octets(chunk);
    }
    if (this.#paused) return;
    if (this.#brokerWaits) {
      this.#brokerWaits = false;
      this.#end.drained();
    }
    if (!this.#ended || this.#closed || this.#incoming.length > 0) return;
    this.#closed = true;
    this.events.ended();
    this.events.closed();
  }
}
