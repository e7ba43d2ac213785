/** What a broker makes of frames, as data. */
import type { PEERS, RuleName } from "./generated/verdicts.js";

/** Brokers that frames can be judged for: RabbitMQ 3.10, RabbitMQ 4, LavinMQ. */
export type JudgedPeer = keyof typeof PEERS;

/** What the connection is like that the frames stand on. */
export interface JudgeOptions {
  /** Frame-max that was agreed on, in octets: 0 to 4294967295; 0 for no limit. Defaults to 131072. Of a connection from its start it is what the broker offers. */
  frameMax?: number;
  /** Channel-max that was agreed on: 0 to 65535; 0 for no limit. Defaults to 2047. Of a connection from its start as above. */
  channelMax?: number;
  /** Channels that are open when the first frame comes, as `ChannelTracker.channels()` tells them: all others are closed. Where it is not given, any channel may be open. */
  channels?: Iterable<number>;
  /** The user that is logged in, for messages that name one; where it is not given they are passed by. */
  user?: string;
}

/** Something that a rule is about. */
export interface Finding {
  readonly rule: RuleName;
  /** What is wrong, in words. */
  readonly text: string;
  /** Which frame: 0 is the first. */
  readonly frame: number;
  /** Offset of that frame in the octets. */
  readonly offset: number;
  /** Channel of the frame; 0 where it was not read. */
  readonly channel: number;
  /** Whether a running broker did so, or its source says that it would. */
  readonly source: "measured" | "read";
}

/** What a broker would do. */
export type Judgement =
  | {
      readonly verdict: "accepted";
      /** What breaks a rule, but not for this peer. */
      readonly remarks: readonly Finding[];
      /** Octets at the end that are no whole frame yet. */
      readonly octetsLeft: number;
    }
  /** It closes the channel or the connection, and says why. */
  | (Finding & {
      readonly verdict: "close";
      readonly level: "channel" | "connection";
      readonly replyCode: number;
      readonly replyText: string;
    })
  /** The connection is gone, and no frame says why. */
  | (Finding & { readonly verdict: "abrupt close" });
