import { Connection as ConnectionClass, type Frame } from "amqp-wasm";
import type { Connection } from "./connection.js";
import { accessRefused, commandInvalid, notAllowed } from "./refusal.js";
import { asKey } from "./routing-key.js";
import { credentialsOf, MECHANISMS } from "./sasl.js";

/** What the broker can do beside the standard, in RabbitMQ's words. */
const CAPABILITIES = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  "basic.nack": true,
  consumer_cancel_notify: true,
  "connection.blocked": true,
  consumer_priorities: true,
  authentication_failure_close: true,
  per_consumer_qos: true,
  direct_reply_to: true,
};

export const PRODUCT = "amqp-wasm-gateway embedded broker";
export const VERSION = "0.1.0";

type Step = "start" | "tune" | "open" | "done";

/** How a connection comes to be open (section 2.2.4): each method at its time. */
export class Handshake {
  readonly #connection: Connection;
  #step: Step = "start";

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isDone(): boolean {
    return this.#step === "done";
  }

  /** Whether the client has said who it is: before that, an error gets no answer but the end. */
  get isAuthenticated(): boolean {
    return this.#step !== "start";
  }

  begin(): void {
    this.#connection.send(
      new ConnectionClass.Start({
        versionMajor: 0,
        versionMinor: 9,
        serverProperties: {
          product: PRODUCT,
          version: VERSION,
          platform: "JavaScript",
          information: "Keeps nothing: messages and everything else are gone when it ends",
          capabilities: CAPABILITIES,
        },
        mechanisms: MECHANISMS,
        locales: "en_US",
      }),
      0,
    );
  }

  /** @throws Refusal */
  take(frame: Frame): void {
    const name = frame.name;
    if (this.#step === "start" && name === "Connection.StartOk") this.#startOk(frame);
    else if (this.#step === "tune" && name === "Connection.TuneOk") this.#tuneOk(frame);
    else if (this.#step === "open" && name === "Connection.Open") this.#open(frame);
    else throw commandInvalid(`unexpected method ${name} in connection state ${this.#step}`);
  }

  #startOk(method: ConnectionClass.StartOk): void {
    const { mechanism } = method;
    const connection = this.#connection;
    if (!MECHANISMS.split(" ").includes(mechanism)) {
      throw commandInvalid(`unknown authentication mechanism '${mechanism}'`);
    }
    connection.takeClientProperties(method.clientProperties);
    const credentials = credentialsOf(mechanism, method.response);
    const { broker } = connection;
    if (credentials === undefined || !broker.knows(credentials)) {
      connection.log(`login of user '${credentials?.user ?? ""}' refused`);
      throw accessRefused(
        `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
        true,
      );
    }
    connection.user = credentials.user;
    const { maxChannels: channelMax, frameMax, heartbeat } = broker.limits;
    connection.send(new ConnectionClass.Tune({ channelMax, frameMax, heartbeat }), 0);
    this.#step = "tune";
  }

  #tuneOk({ channelMax, frameMax, heartbeat }: ConnectionClass.TuneOk): void {
    const { limits } = this.#connection.broker;
    negotiated("frame_max", frameMax, 4096, limits.frameMax);
    negotiated("channel_max", channelMax, 1, limits.maxChannels);
    this.#connection.tune(channelMax, frameMax, heartbeat);
    this.#step = "open";
  }

  #open({ virtualHost }: ConnectionClass.Open): void {
    const name = asKey(virtualHost);
    const host = this.#connection.broker.host(name);
    if (host === undefined) throw notAllowed(`vhost ${name} not found`);
    this.#connection.host = host;
    this.#step = "done";
    this.#connection.send(new ConnectionClass.OpenOk(), 0);
  }
}

/** What a client wants of what it was offered. @throws Refusal 530 where that is too much or too little. */
function negotiated(name: string, wanted: number, least: number, most: number): void {
  if (wanted !== 0 && wanted < least) {
    throw notAllowed(`negotiated ${name} = ${wanted} is lower than the minimum allowed value (${least})`);
  }
  if (wanted === 0 || wanted > most) {
    throw notAllowed(`negotiated ${name} = ${wanted} is higher than the maximum allowed value (${most})`);
  }
}
