/** Which channels of a connection are open, and whose frames still count (sections 1.5.2 of the reference and 2.2.4 of the specification). */
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";

/** The two ends of a connection. */
export type Peer = "client" | "server";

/** Where a channel stands: `opening` until the server has answered, `closing` until every close has its close-ok. */
export type ChannelState = "closed" | "opening" | "open" | "closing";

/** What is to be done with a frame. */
export type ChannelVerdict =
  /** It is in order: pass it on. */
  | { readonly action: "pass"; readonly state: ChannelState }
  /** It was on its way when the channel or the connection was being closed: drop it. Nobody must answer. */
  | { readonly action: "discard"; readonly state: ChannelState }
  /** It may not stand there: close the connection with this. The tracker is as it was before. */
  | {
      readonly action: "refuse";
      readonly state: ChannelState;
      readonly replyCode: 503 | 504 | 505 | 530;
      readonly replyText: string;
    };

/** Options of a `ChannelTracker`. */
export interface ChannelTrackerOptions {
  /** Most channels that may be open at once, and the highest number of one, as agreed on: 0 to 65535; 0, the default, for 65535. */
  channelMax?: number;
}

// What is kept of a channel, as bits of one number.
const KNOWN = 1;
const OPENED = 2;
const CLIENT_CLOSE = 4;
const SERVER_CLOSE = 8;
const CLOSING = CLIENT_CLOSE | SERVER_CLOSE;

const CONTENT = new Set(["ContentHeader", "ContentBody"]);

/**
 * Keeps the book of one connection's channels, from the frames of both its directions, and says of each frame whether to pass it on. For gateways, which must not let one tenant's frames reach
 * another's channel, and for whatever else stands between two peers. A number is all that it keeps of a channel.
 *
 *     const tracker = new ChannelTracker({ channelMax: 2047 });
 *     const { action } = tracker.take("client", frame);
 *
 * Once a peer has sent a close, what the other had sent before it knew is dropped until its close-ok; where both have sent one, both wait for theirs. The same goes for the
 * whole connection. The handshake is not followed: methods of the connection may come at any time.
 */
export class ChannelTracker {
  #channelMax = 0xffff;
  readonly #channels = new Map<number, number>();
  /** Bits of the connection, as a channel has them. */
  #connection = KNOWN | OPENED;

  /** @throws EncodeError where an option is out of range. */
  constructor({ channelMax = 0 }: ChannelTrackerOptions = {}) {
    this.channelMax = channelMax;
  }

  /** Most channels at once, and the highest number; to be set when the peers have agreed on it. 0 stands for 65535. */
  get channelMax(): number {
    return this.#channelMax;
  }

  set channelMax(value: number) {
    this.#channelMax = optionInRange("channelMax", value, 0, 0xffff) || 0xffff;
  }

  /** How many channels are not closed. */
  get size(): number {
    return this.#channels.size;
  }

  /** Numbers of the channels that are not closed, in the order in which they were opened. */
  channels(): number[] {
    return [...this.#channels.keys()];
  }

  /** Where a channel stands; channel 0 tells of the connection. */
  state(channel: number): ChannelState {
    return stateOf(channel === 0 ? this.#connection : this.#channels.get(channel));
  }

  /** Forgets all channels, and that the connection was closed. */
  reset(): void {
    this.#channels.clear();
    this.#connection = KNOWN | OPENED;
  }

  /**
   * Takes the next frame that a peer sent, in its order, and says what is to be done with it.
   *
   * @param from who sent it
   * @param frame the frame; or its name, such as `"Channel.Open"`, with the channel
   * @throws EncodeError for what is no peer, no frame or no channel
   */
  take(from: Peer, frame: Frame): ChannelVerdict;
  take(from: Peer, name: string, channel: number): ChannelVerdict;
  take(from: Peer, frame: Frame | string, number?: number): ChannelVerdict {
    if (from !== "client" && from !== "server") {
      throw new EncodeError(`"client" or "server" required, received ${kind(from)}`, "from");
    }
    const name = typeof frame === "string" ? frame : frame?.name;
    if (typeof name !== "string") throw new EncodeError(`a frame required, received ${kind(frame)}`, "frame");
    const channel = optionInRange("channel", number ?? (frame as Frame).channel, 0, 0xffff);
    return channel === 0 ? this.#onConnection(from, name) : this.#onChannel(from, name, channel);
  }

  #onConnection(from: Peer, name: string): ChannelVerdict {
    const before = this.#connection;
    if (name === "Connection.Close" || name === "Connection.CloseOk") {
      const after = closed(before, from, name === "Connection.CloseOk");
      if (after === before) return { action: "discard", state: stateOf(before) };
      this.#connection = after;
      if (after === 0) this.#channels.clear();
      return { action: "pass", state: stateOf(after) };
    }
    const state = stateOf(before);
    if (state !== "open") return { action: "discard", state };
    if (name.startsWith("Connection.") || name === "Heartbeat" || name === "ProtocolHeader")
      return { action: "pass", state };
    if (CONTENT.has(name)) return refuse(state, 505, `UNEXPECTED_FRAME - ${name} on channel 0`);
    return refuse(state, 504, `CHANNEL_ERROR - ${name} on channel 0`);
  }

  #onChannel(from: Peer, name: string, channel: number): ChannelVerdict {
    const before = this.#channels.get(channel) ?? 0;
    const state = stateOf(before);
    if (stateOf(this.#connection) !== "open") return { action: "discard", state };
    if (name.startsWith("Connection.")) return refuse(state, 503, `COMMAND_INVALID - ${name} on channel ${channel}`);
    if (name === "Heartbeat") return refuse(state, 505, `UNEXPECTED_FRAME - Heartbeat on channel ${channel}`);
    if (name === "Channel.Close" || name === "Channel.CloseOk") {
      // A close-ok that nobody waits for, and a close of what is closed, can be of a time before: they do no harm, and none is answered.
      const after = before === 0 ? before : closed(before, from, name === "Channel.CloseOk");
      if (after === before) return { action: "discard", state };
      if (after === 0) this.#channels.delete(channel);
      else this.#channels.set(channel, after);
      return { action: "pass", state: stateOf(after) };
    }
    if (state === "closing") return { action: "discard", state };
    if (name === "Channel.Open" && from === "client") return this.#open(channel, state);
    if (state === "closed")
      return refuse(state, 504, `CHANNEL_ERROR - ${name} on channel ${channel}, which is not open`);
    if (name === "Channel.OpenOk" && from === "server") {
      this.#channels.set(channel, before | OPENED);
      return { action: "pass", state: "open" };
    }
    return { action: "pass", state };
  }

  #open(channel: number, state: ChannelState): ChannelVerdict {
    if (state !== "closed") return refuse(state, 504, `CHANNEL_ERROR - second Channel.Open on channel ${channel}`);
    if (channel > this.#channelMax || this.#channels.size >= this.#channelMax) {
      return refuse(
        state,
        530,
        `NOT_ALLOWED - channel ${channel} is over the limit of ${this.#channelMax} (channel-max)`,
      );
    }
    this.#channels.set(channel, KNOWN);
    return { action: "pass", state: "opening" };
  }
}

function stateOf(bits = 0): ChannelState {
  if (bits === 0) return "closed";
  if ((bits & CLOSING) !== 0) return "closing";
  return (bits & OPENED) !== 0 ? "open" : "opening";
}

/** The bits after a close, or a close-ok, from this peer: 0 where all is closed, the same where it is one too many. */
function closed(bits: number, from: Peer, ok: boolean): number {
  const [own, other] = from === "client" ? [CLIENT_CLOSE, SERVER_CLOSE] : [SERVER_CLOSE, CLIENT_CLOSE];
  if (!ok) return bits === 0 ? 0 : bits | own;
  if ((bits & other) === 0) return bits;
  const left = bits & ~other;
  return (left & CLOSING) === 0 ? 0 : left;
}

function refuse(state: ChannelState, replyCode: 503 | 504 | 505 | 530, replyText: string): ChannelVerdict {
  return { action: "refuse", state, replyCode, replyText };
}
