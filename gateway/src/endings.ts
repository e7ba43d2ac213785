/** Which of the two sides is told what when the other goes, and why it ended. */
import { Connection } from "amqp-wasm";
import type { Counters } from "./counters.js";
import { replyText as asReplyText } from "./fault.js";
import type { From } from "./handshake.js";
import type { LogFields, LogLevel } from "./log.js";
import type { Negotiation } from "./negotiation.js";
import type { Side } from "./side.js";

/** The two ends of a session; the broker's is there once it is dialled. */
export interface Sides {
  readonly negotiation: Negotiation;
  readonly client: Side;
  readonly upstream: Side | undefined;
}

export class Endings {
  /** Why it ended: the first cause that is known. */
  reason: string | undefined;
  readonly #sides: Sides;
  readonly #counters: Counters;
  readonly #log: (level: LogLevel, event: string, text: string, fields?: LogFields) => void;

  constructor(
    sides: Sides,
    counters: Counters,
    log: (level: LogLevel, event: string, text: string, fields?: LogFields) => void,
  ) {
    this.#sides = sides;
    this.#counters = counters;
    this.#log = log;
  }

  /** Closes both sides in an orderly way. */
  end(replyCode: number, text: string): void {
    this.reason ??= text;
    if (this.#sides.negotiation.step === "greeting") this.#sides.client.end();
    else this.#sides.client.close(replyCode, asReplyText(replyCode, text));
    this.closeUpstream(text);
  }

  /** The broker has to answer first: what the client sent before its close has been done then. */
  closedByClient({ replyCode, replyText, classId, methodId }: Connection.Close): void {
    const { client, upstream } = this.#sides;
    const text = String(replyText);
    this.reason ??= replyCode === 200 ? "closed by the client" : `closed by the client: ${replyCode} ${text}`;
    client.state = "leaving";
    if (upstream?.state === "open" && this.#sides.negotiation.introduced)
      upstream.close(replyCode, text, classId, methodId);
    else {
      upstream?.end();
      this.letClientGo();
    }
  }

  closedByUpstream({ replyCode, replyText, classId, methodId }: Connection.Close): void {
    const { client, upstream } = this.#sides;
    const text = String(replyText);
    this.reason ??= `closed by the broker: ${replyCode} ${text}`;
    this.#log("warning", "closed-by-broker", "the broker closes the connection", { replyCode, replyText: text });
    client.flush();
    client.close(replyCode, text, classId, methodId);
    upstream!.send(new Connection.CloseOk());
    upstream!.end();
    this.letClientGo();
  }

  /** A client that sent a close and waits for the answer gets it. */
  letClientGo(): void {
    const { client } = this.#sides;
    if (client.state !== "leaving") return;
    client.send(new Connection.CloseOk());
    client.end();
  }

  /** What comes behind a close. */
  whileClosing(from: From, side: Side, name: string): void {
    if (side.state !== "closing") return;
    if (name === "Connection.Close") side.send(new Connection.CloseOk());
    else if (name !== "Connection.CloseOk") return;
    side.end();
    if (from === "upstream") this.letClientGo();
  }

  /** What stands in a chunk behind a frame that was refused: the answer to the close, perhaps. */
  passRest(from: From, side: Side): void {
    const { cursor } = side;
    try {
      while (cursor.error === undefined && cursor.next()) this.whileClosing(from, side, cursor.name);
    } catch {
      side.end(true);
    }
  }

  /** As soon as the broker knows us it is told that we go. */
  closeUpstream(text: string): void {
    const { upstream } = this.#sides;
    if (upstream === undefined) return;
    if (!this.#sides.negotiation.introduced) upstream.link.destroy();
    else upstream.close(320, asReplyText(320, text));
  }

  clientGone(text: string): void {
    const { client } = this.#sides;
    if (client.state === "closed") return;
    if (client.state === "open") {
      this.reason ??= text;
      client.end();
      this.closeUpstream(text);
    } else if (client.state === "closing") client.end();
  }

  upstreamGone(text: string, forClient = text): void {
    const { upstream, client } = this.#sides;
    const { state } = upstream!;
    if (state === "closed") return;
    if (state === "open") {
      this.#counters.upstreamFailures += 1;
      this.reason ??= text;
      this.#log("error", "upstream-gone", text);
      client.flush();
      client.close(320, asReplyText(320, forClient));
    }
    upstream!.end();
    this.letClientGo();
  }
}
