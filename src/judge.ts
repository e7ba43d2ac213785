/** What a broker would do with the frames of a client, before it gets them. */
import type { ContentHeader } from "./content.js";
import { currentCore } from "./core.js";
import { DecodeError, EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { contentMethods } from "./generated/commands.js";
import {
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_HEADER_SIZE,
  FRAME_MAX_SIZE,
  FRAME_METHOD,
  REPLY_CODES,
} from "./generated/constants.js";
import { METHODS_OF_SERVER } from "./generated/directions.js";
import { PEERS, RULES, type RuleName } from "./generated/verdicts.js";
import { identify } from "./identify.js";
import { asOctets, load } from "./input.js";
import { BODY_SIZE, judgeProperties, LENIENT, methodHasNonFinite } from "./judge-properties.js";
import type { Finding, JudgedPeer, JudgeOptions, Judgement } from "./judgement.js";
import { kind } from "./kind.js";
import { ENVELOPE, FRAME_MAX_LIMIT, optionInRange } from "./limits.js";
import { marshal, unmarshal } from "./marshal.js";
import { factsOf, Method } from "./methods.js";
import { checkTuneOk } from "./negotiation.js";
import { latin1 } from "./strings.js";

/**
 * Says what a broker does with frames that a client sends: whether it takes them, closes the channel or the connection, with which reply code, or drops the connection. A gateway asks before it
 * puts a tenant's frames on a connection that others share. What breaks the protocol is judged, not what brokers refuse for reasons of their own, such as a queue that is not
 * there; the table behind it is `spec/verdicts.js`.
 *
 * The judgement is about the first frame that is not taken. Octets that begin with a protocol header are a connection from its start, others stand on one that is open, and
 * its channels may be open too.
 *
 *     judge(octets, "rabbitmq-4")   // { verdict: "close", level: "connection", replyCode: 505, rule: "method-in-content", frame: 2, … }
 *
 * @param frames octets of one direction, client to server, in one piece or in several; frames as objects are encoded
 * @throws EncodeError for an unknown peer, an option out of range, or a frame that cannot be encoded. Wrong octets never throw.
 */
export function judge(
  frames: Uint8Array | Iterable<Uint8Array | Frame>,
  peer: JudgedPeer,
  options: JudgeOptions = {},
): Judgement {
  if (!Object.hasOwn(PEERS, peer)) {
    const names = Object.keys(PEERS).join(", ");
    throw new EncodeError(
      `unknown peer ${typeof peer === "string" ? JSON.stringify(peer) : kind(peer)}; they are ${names}`,
      "peer",
    );
  }
  return new Judge(joined(frames), peer, options).run();
}

function joined(frames: Uint8Array | Iterable<Uint8Array | Frame>): Uint8Array {
  if (ArrayBuffer.isView(frames)) return asOctets(frames);
  if (typeof frames !== "object" || frames === null || !(Symbol.iterator in frames)) {
    throw new EncodeError(`octets or frames required, received ${kind(frames)}`, "frames");
  }
  const parts = Array.from(frames, (frame) => (ArrayBuffer.isView(frame) ? asOctets(frame) : marshal(frame)));
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** Where a connection stands: what of the handshake is still to come. */
type Phase = "start" | "tune" | "open" | "running" | "closed";

/** How far what breaks a rule is answered. */
type Level = "none" | "channel" | "connection" | "abrupt";

/** Content that a channel waits for. */
interface Content {
  /** Octets of the body to come; `undefined` while the header is. */
  left: bigint | undefined;
  size: bigint;
}

/** Ends the walk: the frame is not taken. */
class Refused extends Error {
  readonly judgement: Judgement;

  constructor(judgement: Judgement) {
    super(judgement.verdict);
    this.judgement = judgement;
  }
}

/** Acknowledgements, which LavinMQ drops silently where the channel is not open, as it does content. */
const DROPPED = new Set(["Basic.Publish", "Basic.Ack", "Basic.Nack", "Basic.Reject"]);
/** Class access, methods request and request-ok: of AMQP 0-9, and RabbitMQ still has them. */
const ACCESS = new Set([0x001e000a, 0x001e000b]);

const LETTER_A = 0x41;

class Judge {
  readonly #octets: Uint8Array;
  readonly #peer: JudgedPeer;
  #frameMax: number;
  #channelMax: number;
  readonly #user: string | undefined;
  readonly #remarks: Finding[] = [];
  readonly #contents = new Map<number, Content>();
  /** Channels that the octets opened (true) or closed (false); of others on a connection that was open already nobody knows. */
  readonly #channels = new Map<number, boolean>();
  #open = 0;
  #phase: Phase = "running";
  /** Whether a channel that is not in the map is closed. */
  #allKnown = false;
  #frame = 0;
  #at = 0;
  #channel = 0;

  constructor(octets: Uint8Array, peer: JudgedPeer, options: JudgeOptions) {
    this.#octets = octets;
    this.#peer = peer;
    this.#frameMax = optionInRange("frameMax", options.frameMax ?? FRAME_MAX_SIZE, 0, 0xffffffff);
    this.#channelMax = optionInRange("channelMax", options.channelMax ?? 2047, 0, 0xffff);
    this.#user = options.user;
    if (options.channels === undefined) return;
    this.#allKnown = true;
    for (const channel of options.channels) this.#channels.set(channel, true);
    this.#open = this.#channels.size;
  }

  run(): Judgement {
    try {
      while (this.#at < this.#octets.length && this.#phase !== "closed") {
        const octets = this.#next();
        if (octets === 0) break;
        this.#at += octets;
        this.#frame += 1;
      }
    } catch (refused) {
      if (refused instanceof Refused) return refused.judgement;
      throw refused;
    }
    const octetsLeft = this.#phase === "closed" ? 0 : this.#octets.length - this.#at;
    return { verdict: "accepted", remarks: this.#remarks, octetsLeft };
  }

  /** Applies a rule to the current frame, or to another. */
  #breaks(rule: RuleName): void {
    const row = RULES.find((row) => row.startsWith(`${rule}|`))!;
    const [, text, ...verdicts] = row.split("|") as [RuleName, string, ...string[]];
    const verdict = verdicts[Object.keys(PEERS).indexOf(this.#peer)]!;
    // Nobody looked what this peer does.
    if (verdict === "") return;
    const [level, number, source] = verdict.split(" ") as [Level, string, Finding["source"]];
    const code = Number(number);
    const finding: Finding = { rule, text, frame: this.#frame, offset: this.#at, channel: this.#channel, source };
    if (level === "none") {
      this.#remarks.push(finding);
      return;
    }
    // Before it knows who speaks a broker says nothing, and of the tuning only what the table says.
    const isMute = this.#phase === "start" || (this.#phase === "tune" && rule !== "tune-ok");
    if (level === "abrupt" || isMute) {
      throw new Refused({ verdict: "abrupt close", ...finding });
    }
    const name = REPLY_CODES.find((row) => row.code === code)!.name;
    // There is no channel 0 that could be closed.
    const scope = this.#channel === 0 ? "connection" : level;
    throw new Refused({ verdict: "close", level: scope, replyCode: code, replyText: `${name} - ${text}`, ...finding });
  }

  /** Judges the frame at the current place; answers its octets, 0 where it is not all there. */
  #next(): number {
    const octets = this.#octets.subarray(this.#at);
    this.#channel = 0;
    if (this.#at === 0 && octets[0] === LETTER_A) return this.#protocolHeader(octets);
    if (octets[0] === LETTER_A)
      this.#breaks("AMQP".startsWith(latin1(octets.subarray(0, 4))) ? "protocol-header" : "frame-type");
    const core = currentCore();
    load(core, octets.subarray(0, FRAME_HEADER_SIZE));
    const type = core.exports.octetAt(0);
    const size = core.exports.longAt(3) >>> 0;
    const isHead = octets.length >= FRAME_HEADER_SIZE;
    if (isHead) this.#channel = core.exports.shortAt(1);
    let frame: Frame | undefined;
    let error: DecodeError | undefined;
    try {
      frame = unmarshal(octets, { ...LENIENT, frameMax: this.#payloadMax() })?.frame;
      if (frame === undefined) return 0;
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      error = thrown;
    }
    if (error !== undefined) this.#envelope(error);
    if (type === FRAME_METHOD) this.#method(frame, error);
    else if (type === FRAME_HEADER || type === FRAME_BODY) this.#content(type, frame, error, octets, size);
    return size + ENVELOPE;
  }

  /** As peers do not count a frame's own eight octets, the payload may have them all. Before the tuning the smallest frame-max is in force, which no frame of a handshake comes near. */
  #payloadMax(): number {
    return this.#frameMax === 0 || this.#frameMax > FRAME_MAX_LIMIT ? 0 : Math.max(this.#frameMax, 9);
  }

  #protocolHeader(octets: Uint8Array): number {
    const identity = identify(octets);
    if (identity.protocol === "incomplete") return 0;
    if (identity.protocol !== "amqp") {
      this.#breaks("frame-type");
      return octets.length;
    }
    const versions: readonly (string | undefined)[] = PEERS[this.#peer].versions;
    this.#allKnown = true;
    this.#phase = "start";
    if (!versions.includes(identity.version)) this.#breaks("protocol-version");
    return identity.octets;
  }

  /** Faults that are told before anybody looks what kind of frame it is. */
  #envelope({ code }: DecodeError): void {
    switch (code) {
      case "frame-type":
      case "frame-size":
      case "frame-end":
      case "method-cut":
      case "header-cut":
      case "heartbeat-channel":
      case "heartbeat-payload":
        this.#breaks(code);
    }
  }

  #method(frame: Frame | undefined, error: DecodeError | undefined): void {
    const channel = this.#channel;
    if (error?.code === "method-unknown") {
      this.#breaks(ACCESS.has((error.classId << 16) | error.methodId) ? "access-request" : "method-unknown");
      return;
    }
    const classId = error === undefined ? factsOf(frame as Method).index >>> 16 : error.classId;
    const name = frame?.name ?? "";
    if (channel === 0) {
      if (classId !== 10) return this.#breaks("channel-0-method");
      this.#arguments(error);
      return this.#handshake(frame as Frame);
    }
    if (this.#phase !== "running") return this.#breaks("before-open");
    // Brokers ask the state of a content before they look at the arguments.
    if (this.#contents.has(channel)) {
      this.#overSize(channel);
      this.#contents.delete(channel);
      return this.#breaks("method-in-content");
    }
    this.#arguments(error);
    if (classId === 10) return this.#breaks("connection-on-channel");
    if (!this.#onChannel(name, channel)) return;
    if (frame === undefined) return;
    if (METHODS_OF_SERVER.includes(name)) this.#breaks("method-of-server");
    if (methodHasNonFinite(frame as Method, this.#octets.subarray(this.#at))) this.#breaks("method-nan");
    if (frame.name === "Basic.Publish" && frame.immediate) this.#breaks("immediate");
    if (contentMethods.has(factsOf(frame as Method).dense)) this.#contents.set(channel, { left: undefined, size: 0n });
  }

  /** Follows the handshake, as far as one direction shows it. */
  #handshake(frame: Frame): void {
    if (frame instanceof Method && methodHasNonFinite(frame, this.#octets.subarray(this.#at)))
      this.#breaks("method-nan");
    switch (frame.name) {
      case "Connection.StartOk":
        if (this.#phase !== "start") return this.#breaks("connection-state");
        this.#phase = "tune";
        return;
      case "Connection.SecureOk":
        if (this.#phase !== "tune") this.#breaks("connection-state");
        return;
      case "Connection.TuneOk": {
        if (this.#phase !== "tune") return this.#breaks("connection-state");
        const offered = { channelMax: this.#channelMax, frameMax: this.#frameMax, heartbeat: 0 };
        if (!checkTuneOk(offered, frame, { minimum: PEERS[this.#peer].minimum }).accepted) this.#breaks("tune-ok");
        this.#frameMax = frame.frameMax;
        this.#channelMax = frame.channelMax;
        this.#phase = "open";
        return;
      }
      case "Connection.Open":
        if (this.#phase !== "open") return this.#breaks("connection-state");
        this.#phase = "running";
        return;
      case "Connection.Close":
      case "Connection.CloseOk":
        this.#phase = "closed";
    }
  }

  /** What is wrong with the arguments of a method. */
  #arguments(error: DecodeError | undefined): void {
    switch (error?.code) {
      case "value-cut":
      case "string-length":
      case "table-length":
        return this.#breaks("arguments-cut");
      case "octets-left":
        return this.#breaks("arguments-left");
      case "string-utf8":
        return this.#breaks("method-utf8");
      case "field-name":
      case "field-type":
      case "field-cut":
      case "field-length":
        return this.#breaks("method-table");
    }
  }

  /** Follows the channels; answers whether the method counts. */
  #onChannel(name: string, channel: number): boolean {
    const known = this.#channels.get(channel) ?? (this.#allKnown ? false : undefined);
    if (name === "Channel.Open") {
      if (known === true) this.#breaks("channel-opened-twice");
      else {
        this.#open += 1;
        if (this.#channelMax !== 0 && this.#open > this.#channelMax) this.#breaks("channel-max");
        this.#channels.set(channel, true);
      }
      return true;
    }
    if (name === "Channel.Close" || name === "Channel.CloseOk") {
      if (known === true) this.#open -= 1;
      this.#channels.set(channel, false);
      return true;
    }
    // On a channel that was closed what comes late is dropped.
    if (known !== false || this.#channels.has(channel)) return true;
    this.#breaks(DROPPED.has(name) ? "channel-not-open-content" : "channel-not-open");
    return name === "Basic.Publish";
  }

  #content(
    type: number,
    frame: Frame | undefined,
    error: DecodeError | undefined,
    octets: Uint8Array,
    size: number,
  ): void {
    const channel = this.#channel;
    if (channel === 0) return this.#breaks("channel-0-content");
    if (this.#phase !== "running") return this.#breaks("before-open");
    const content = this.#contents.get(channel);
    if (content === undefined) {
      // Frames that were on their way to a channel when it was closed are dropped.
      if (this.#channels.get(channel) === false) return;
      return this.#breaks("content-without-method");
    }
    if (type === FRAME_BODY) return this.#body(content, size);
    if (content.left !== undefined) {
      this.#overSize(channel);
      return this.#breaks("header-in-content");
    }
    if (error?.code === "header-class" || error?.code === "header-weight") this.#breaks(error.code);
    this.#header(content, frame, error, octets.subarray(0, size + ENVELOPE));
  }

  #header(content: Content, frame: Frame | undefined, error: DecodeError | undefined, octets: Uint8Array): void {
    const { maxBodySize, maxMessageSize, sizeAtHeader } = PEERS[this.#peer];
    // Whoever takes a header without a body size expects no body.
    if (octets.length < BODY_SIZE + 8 + 1) {
      this.#contents.delete(this.#channel);
      return;
    }
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    content.size = content.left = view.getBigUint64(BODY_SIZE);
    if (maxBodySize !== 0 && content.size > maxBodySize) this.#breaks("body-size");
    if (sizeAtHeader && content.size > maxMessageSize) this.#breaks("message-size");
    judgeProperties(frame as ContentHeader | undefined, error, octets, this.#user, (rule) => this.#breaks(rule));
    if (content.left === 0n) this.#complete(content);
  }

  #body(content: Content, size: number): void {
    if (content.left === undefined) return this.#breaks("body-without-header");
    content.left -= BigInt(size);
    if (content.left < 0n && !PEERS[this.#peer].lateOverSize) this.#breaks("body-over-size");
    if (content.left === 0n) this.#complete(content);
  }

  #complete({ size }: Content): void {
    const { maxMessageSize, sizeAtHeader } = PEERS[this.#peer];
    this.#contents.delete(this.#channel);
    if (!sizeAtHeader && size > maxMessageSize) this.#breaks("message-size");
  }

  /** Some notice too large a content when a frame comes that is no body. */
  #overSize(channel: number): void {
    if ((this.#contents.get(channel)!.left ?? 0n) < 0n) this.#breaks("body-over-size");
  }
}
