/** What the two peers of a connection agree on when they tune it (section 1.4.2.5 and 1.4.2.6 of the reference). */
import { EncodeError } from "./errors.js";
import { FRAME_MIN_SIZE } from "./generated/constants.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";

/** What a peer proposes, or what was agreed on; a `Connection.Tune` or `Connection.TuneOk` is one. 0 stands for no limit, and as a heartbeat for none. */
export interface Tuning {
  /** Highest channel number: 0 to 65535. */
  readonly channelMax: number;
  /** Largest frame in octets: 0 to 4294967295. */
  readonly frameMax: number;
  /** Seconds between heartbeats: 0 to 65535. */
  readonly heartbeat: number;
}

/** Options of `negotiateTune` and `checkTuneOk`. */
export interface NegotiateOptions {
  /** Smallest frame-max that is taken, in octets: 0 to 4294967295. Defaults to 4096, the standard's; RabbitMQ from 4.1 on wants 8192. */
  minimum?: number;
}

/** An agreement, or the refusal to be sent as a `Connection.Close`. */
export type Negotiation =
  | ({ readonly accepted: true } & Tuning)
  | {
      readonly accepted: false;
      /** 530, not allowed. */
      readonly replyCode: 530;
      readonly replyText: string;
      /** What was refused, the value, and the range that it is out of; 0 as the most stands for no limit. */
      readonly argument: "channelMax" | "frameMax";
      readonly value: number;
      readonly least: number;
      readonly most: number;
    };

const CHANNEL_MAX = 0xffff;
const FRAME_MAX = 0xffffffff;
const HEARTBEAT = 0xffff;

/**
 * Agrees on the tuning of a connection from what its two sides want: the smaller value of each, where 0 says that a side has no limit of its own. Heartbeats go by the same rule, as RabbitMQ's clients
 * have it: a side that says 0 leaves the interval to the other, and only two zeros mean that there are none.
 *
 * @returns what to send in `Connection.TuneOk`; or the refusal where frame-max would be below `minimum`, with reply code 530
 * @throws EncodeError where a value is out of its range
 */
export function negotiateTune(client: Tuning, server: Tuning, options: NegotiateOptions = {}): Negotiation {
  const minimum = minimumOf(options);
  const [ours, theirs] = [tuning(client, "client"), tuning(server, "server")];
  const frameMax = smaller(ours.frameMax, theirs.frameMax);
  if (frameMax !== 0 && frameMax < minimum) return refused("frameMax", frameMax, minimum, 0);
  return {
    accepted: true,
    channelMax: smaller(ours.channelMax, theirs.channelMax),
    frameMax,
    heartbeat: smaller(ours.heartbeat, theirs.heartbeat),
  };
}

/**
 * Checks the `Connection.TuneOk` that answers a `Connection.Tune`, as brokers do: a client may ask for less than it was offered but not for more, and 0 is more than any limit. Its heartbeat is its own to choose.
 *
 * @param offered what the tune said
 * @param answered what the tune-ok says
 * @throws EncodeError where a value is out of its range
 */
export function checkTuneOk(offered: Tuning, answered: Tuning, options: NegotiateOptions = {}): Negotiation {
  const minimum = minimumOf(options);
  const [limits, { channelMax, frameMax, heartbeat }] = [tuning(offered, "offered"), tuning(answered, "answered")];
  if (isMore(channelMax, limits.channelMax)) return refused("channelMax", channelMax, 1, limits.channelMax);
  if (isMore(frameMax, limits.frameMax) || (frameMax !== 0 && frameMax < minimum)) {
    return refused("frameMax", frameMax, minimum, limits.frameMax);
  }
  return { accepted: true, channelMax, frameMax, heartbeat };
}

/** The smaller of two limits, where 0 is none. */
function smaller(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}

/** Whether a limit allows more than another, where 0 is none. */
function isMore(value: number, limit: number): boolean {
  return limit !== 0 && (value === 0 || value > limit);
}

function refused(argument: "channelMax" | "frameMax", value: number, least: number, most: number): Negotiation {
  const name = argument === "frameMax" ? "frame_max" : "channel_max";
  const what = value === 0 ? `${name} of 0 (no limit)` : `${name} of ${value}`;
  const wanted = most === 0 ? `at least ${least}` : `${least} to ${most}`;
  const replyText = `NOT_ALLOWED - ${what}, expected ${wanted}`;
  return { accepted: false, replyCode: 530, replyText, argument, value, least, most };
}

function minimumOf({ minimum = FRAME_MIN_SIZE }: NegotiateOptions): number {
  return optionInRange("minimum", minimum, 0, FRAME_MAX);
}

function tuning(side: Tuning, name: string): Tuning {
  if (typeof side !== "object" || side === null) {
    throw new EncodeError(`channelMax, frameMax and heartbeat required, received ${kind(side)}`, name);
  }
  const { channelMax, frameMax, heartbeat } = side;
  return {
    channelMax: optionInRange(`${name}.channelMax`, channelMax, 0, CHANNEL_MAX),
    frameMax: optionInRange(`${name}.frameMax`, frameMax, 0, FRAME_MAX),
    heartbeat: optionInRange(`${name}.heartbeat`, heartbeat, 0, HEARTBEAT),
  };
}
