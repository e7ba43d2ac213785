/** The handshake as the gateway sees it: watched, and changed in Tune and Tune-Ok alone. */
import { FieldTable, type Connection, type FrameCursor, type Tuning } from "amqp-wasm";
import { Fault } from "./fault.js";
import type { TapConnection } from "./frame-tap.js";
import { stepAfter, waitingFor, type From, type Step } from "./handshake.js";
import type { Limits } from "./limits.js";
import type { Side } from "./side.js";
import { agreed, answer, offer } from "./tuning.js";

/** Where nobody has a limit. */
const MOST_CHANNELS = 65_535;

export class Negotiation {
  /** `greeting`: the client's protocol header is awaited; `dialling`: the broker is not there yet. */
  step: Step | "greeting" | "dialling" = "greeting";
  /** Highest channel number that the client may use; 0 before it is negotiated. */
  channelMax = 0;
  readonly #connection: TapConnection;
  readonly #limits: Limits;
  #tune: Tuning | undefined;
  #offered: Connection.Tune | undefined;

  constructor(connection: TapConnection, limits: Limits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  get running(): boolean {
    return this.step === "running";
  }

  /** Whether the broker has seen enough of us to understand a close. */
  get introduced(): boolean {
    return !["greeting", "dialling", "start", "startOk"].includes(this.step);
  }

  /** Whose turn it is. */
  get waitingFor(): From {
    if (this.step === "greeting") return "client";
    if (this.step === "dialling") return "upstream";
    return waitingFor(this.step) ?? "client";
  }

  /** A method of channel 0 other than a close. Answers whether it goes on as it came. @throws Fault where it may not stand here. */
  method(from: From, name: string, cursor: FrameCursor, client: Side, upstream: Side | undefined): boolean {
    if (this.step === "greeting" || this.step === "dialling" || upstream === undefined) {
      throw new Fault(503, `${name} before Connection.Start`);
    }
    const step = stepAfter(this.step, from, name);
    if (step === undefined) throw new Fault(503, `${name} from the ${from} where it may not stand`);
    this.step = step;
    switch (name) {
      case "Connection.StartOk":
        this.#introduce(cursor.frame() as Connection.StartOk);
        return true;
      case "Connection.Tune":
        this.#tune = cursor.frame() as Connection.Tune;
        this.#offered = offer(this.#tune, this.#limits, this.#connection.transport === "websocket");
        client.send(this.#offered);
        return false;
      case "Connection.TuneOk":
        this.#agree(cursor.frame() as Connection.TuneOk, client, upstream);
        return false;
      case "Connection.Open": {
        const { virtualHost } = cursor.frame() as Connection.Open;
        if (typeof virtualHost === "string") this.#connection.virtualHost = virtualHost;
        return true;
      }
      default:
        return true;
    }
  }

  /** The password is not looked at. */
  #introduce({ clientProperties, mechanism, response }: Connection.StartOk): void {
    const connection = this.#connection;
    const properties: Record<string, unknown> =
      clientProperties instanceof FieldTable ? clientProperties.toObject() : (clientProperties ?? {});
    const { product, version } = properties;
    if (typeof product === "string")
      connection.product = typeof version === "string" ? `${product} ${version}` : product;
    // Authorization id, user and password, with a zero octet before the last two (RFC 4616).
    const text = typeof response === "string" ? response : "";
    const user = mechanism === "PLAIN" ? text.split("\0")[1] : undefined;
    if (user !== undefined) connection.user = user;
  }

  #agree(tuneOk: Connection.TuneOk, client: Side, upstream: Side): void {
    const ours = agreed(this.#offered!, tuneOk);
    const theirs = answer(this.#tune!, ours.channelMax, this.#limits);
    this.channelMax = theirs.channelMax === 0 ? MOST_CHANNELS : theirs.channelMax;
    const { frameMax } = theirs;
    upstream.send(theirs);
    client.agree(ours.frameMax, ours.heartbeat);
    upstream.agree(frameMax, theirs.heartbeat);
    this.#connection.frameMax = { client: ours.frameMax, upstream: frameMax };
  }
}
