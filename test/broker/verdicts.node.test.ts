/** A running RabbitMQ does with wrong frames what `judge` says that it does. */
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import {
  Channel,
  Connection,
  DecodeError,
  FrameReader,
  judge,
  marshal,
  ProtocolHeader,
  Queue,
  unmarshal,
  type Frame,
  type Judgement,
} from "../../src/index.js";
import { concat, sameOctets } from "../support/octets.js";
import { handshakes, violations, type Violation } from "../support/violations.js";
import { integer, methodFrame } from "../support/wire.js";

const address = process.env["AMQP_WASM_BROKER"];
const [host = "127.0.0.1", port = "5672"] = (address ?? "").split(":");
const suite = address ? "RabbitMQ and its verdicts" : "RabbitMQ and its verdicts (needs AMQP_WASM_BROKER=host:port)";

/** How often channel 1 has to answer more than once before the octets are taken to be accepted. */
const MORE_PROBES = 20;

interface Outcome {
  verdict: "accepted" | "close" | "abrupt close" | "no answer";
  level?: "channel" | "connection";
  replyCode?: number;
  /** In the broker's own words. */
  replyText?: string;
  product?: string;
}

/** Its answer to the octets, which were sent once the channel was open, or at once. */
function ask(octets: Uint8Array, atOnce: boolean): Promise<Outcome> {
  let received: Uint8Array = new Uint8Array(0);
  const socket = connect({ host, port: Number(port) });
  const send = (frame: Frame, channel = 0) => socket.write(marshal(frame, channel));
  let product: string | undefined;
  return new Promise((resolve) => {
    const end = (outcome: Outcome): void => {
      clearTimeout(patience);
      resolve({ ...outcome, ...(product === undefined ? {} : { product }) });
      socket.destroy();
    };
    // RabbitMQ waits for three seconds before it drops a connection without a word.
    const patience = setTimeout(() => end({ verdict: "no answer" }), 15_000);
    const closed = (frame: Channel.Close | Connection.Close, level: "channel" | "connection"): void =>
      end({ verdict: "close", level, replyCode: frame.replyCode, replyText: String(frame.replyText) });
    /** Whether channel 1 still answers, and whatever it was told to do is done. */
    const probe = (): void => {
      // A queue that is declared behind a message is declared after the message is dealt with.
      send(new Queue.Declare({ exclusive: true }), 1);
    };
    const take = (frame: Frame): void => {
      switch (frame.name) {
        case "Connection.Start":
          product = String((frame.serverProperties as Record<string, unknown>)["product"]);
          if (atOnce) return;
          send(new Connection.StartOk({ response: "\0guest\0guest" }));
          return;
        case "Connection.Tune":
          if (atOnce) return;
          send(new Connection.TuneOk({ channelMax: 2047, frameMax: 131072, heartbeat: 0 }));
          send(new Connection.Open());
          return;
        case "Connection.OpenOk":
          if (!atOnce) send(new Channel.Open(), 1);
          return;
        case "Channel.OpenOk":
          if (atOnce || frame.channel !== 1) return;
          socket.write(octets);
          probe();
          return;
        case "Queue.DeclareOk":
          if (frame.channel !== 1 || ++declared < probes) return;
          // Channels are processes of their own: the fault of another one may come to light later.
          if (declared < probes + MORE_PROBES) probe();
          else end({ verdict: "accepted" });
          return;
        case "Connection.CloseOk":
          end({ verdict: "accepted" });
          return;
        case "Channel.Close":
          closed(frame, "channel");
          return;
        case "Connection.Close":
          closed(frame, "connection");
      }
    };
    // What it is asked to declare among the octets is answered too.
    const probes = atOnce ? Infinity : 1 + countDeclares(octets);
    let declared = 0;
    socket.on("connect", () => {
      if (atOnce) socket.write(octets);
      else send(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }));
    });
    socket.on("data", (chunk) => {
      received = concat([received, chunk]);
      for (;;) {
        const next = first(received);
        if (next === undefined) return;
        received = received.slice(next.consumed);
        if (next.frame !== undefined) take(next.frame);
      }
    });
    socket.on("error", () => end({ verdict: "abrupt close" }));
    socket.on("close", () => end({ verdict: "abrupt close" }));
  });
}

/** access.request-ok, up to its ticket: RabbitMQ has it, AMQP 0-9-1 has not. */
const accessRequestOk = methodFrame(1, 30, 11, integer(1, 2)).subarray(0, 11);

/** The first frame that is there whole. */
function first(octets: Uint8Array): { consumed: number; frame?: Frame } | undefined {
  const isAccess = octets.length >= 14 && sameOctets(octets.subarray(0, accessRequestOk.length), accessRequestOk);
  return isAccess ? { consumed: 14 } : unmarshal(octets);
}

function countDeclares(octets: Uint8Array): number {
  try {
    return new FrameReader().push(octets).filter(({ name }) => name === "Queue.Declare").length;
  } catch (error) {
    if (error instanceof DecodeError) return 0;
    throw error;
  }
}

/** What of a judgement the broker shows. */
function shown(judgement: Judgement | Outcome): Outcome {
  if (judgement.verdict !== "close") return { verdict: judgement.verdict };
  const { verdict, level, replyCode } = judgement;
  return { verdict, level, replyCode } as Outcome;
}

const openChannel = marshal(new Channel.Open(), 1);

describe.skipIf(!address)(suite, () => {
  const all = async (list: Violation[], atOnce: boolean): Promise<void> => {
    const expected = list.map(({ name, octets }) => {
      const judged = atOnce ? octets : concat([openChannel, octets]);
      const judgement = judge(judged, "rabbitmq-3", { user: "guest", ...(atOnce ? {} : { channels: [] }) });
      return [name, shown(judgement)] as const;
    });
    const outcomes = await Promise.all(
      list.map(async ({ octets }, i) => {
        const outcome = await ask(octets, atOnce);
        // A reset that overtakes the close method takes it away from us: then the broker is asked once more.
        return outcome.verdict === "abrupt close" && expected[i]![1].verdict === "close"
          ? ask(octets, atOnce)
          : outcome;
      }),
    );
    const found = outcomes.map((outcome, i) => [list[i]!.name, shown(outcome)]);
    expect(found).toEqual(expected);
    const { product } = outcomes.find((outcome) => outcome.product !== undefined)!;
    expect(product).toBe("RabbitMQ");
  };

  test("of frames on an open channel", () => all(violations, false), 60_000);

  test("of whole connections", () => all(handshakes, true), 30_000);

  test("a protocol header in mid-stream is what 1342177289 in its log means", async () => {
    const { replyText } = await ask(marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 })), false);
    expect(replyText).toContain("{frame_too_large,1342177289,");
  });
});
