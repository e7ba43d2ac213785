import type { Clock, Timer } from "./clock.js";

/** What heartbeats need of a connection. */
export interface Beating {
  /** Whether we keep the peer from being read: its silence means nothing then. */
  readonly isPaused: boolean;
  sendHeartbeat(): void;
  /** Nothing came for two intervals. */
  peerIsGone(): void;
}

/** Sends a heartbeat where nothing else was sent for half an interval, and notices a peer that has fallen silent (section 4.2.7). */
export class HeartbeatTimer {
  readonly #connection: Beating;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #sent = false;
  #silentTicks = 0;

  constructor(connection: Beating, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** @param interval seconds; 0 for no heartbeats. */
  start(interval: number): void {
    if (interval === 0) return;
    const tick = (): void => {
      this.#timer = this.#clock.after(interval * 500, tick);
      if (!this.#sent) this.#connection.sendHeartbeat();
      this.#sent = false;
      this.#silentTicks = this.#connection.isPaused ? 0 : this.#silentTicks + 1;
      if (this.#silentTicks > 4) this.#connection.peerIsGone();
    };
    this.#timer = this.#clock.after(interval * 500, tick);
  }

  stop(): void {
    this.#timer?.stop();
  }

  /** Something was sent, which is as good as a heartbeat. */
  sent(): void {
    this.#sent = true;
  }

  /** Something came, which is as good as a heartbeat. */
  received(): void {
    this.#silentTicks = 0;
  }
}
