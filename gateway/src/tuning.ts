/** Each side has its own frame-max, channel-max and heartbeat; the gateway negotiates both. */
import { Connection } from "amqp-wasm";
import { Fault } from "./fault.js";
import { lower, SMALLEST_FRAME_MAX, type Limits } from "./limits.js";

export interface Tuning {
  channelMax: number;
  frameMax: number;
  heartbeat: number;
}

/** What a client is offered, whatever frames the broker takes: bodies are split again between them. Channels are not: their numbers are the same on both sides. */
export function offer(upstream: Tuning, limits: Limits, webSocket: boolean): Connection.Tune {
  return new Connection.Tune({
    channelMax: lower(upstream.channelMax, limits.maxChannels),
    frameMax: webSocket ? limits.webSocketFrameMax : limits.frameMax,
    heartbeat: limits.heartbeat,
  });
}

/** What holds on the client's side after its Tune-Ok. @throws Fault where it asks for more than it was offered. */
export function agreed(offered: Tuning, answer: Tuning): Tuning {
  const frameMax = lower(offered.frameMax, answer.frameMax);
  if (frameMax < SMALLEST_FRAME_MAX) {
    throw new Fault(530, `frame-max ${frameMax}, where at least ${SMALLEST_FRAME_MAX} is required`);
  }
  if (answer.frameMax > offered.frameMax) {
    throw new Fault(530, `frame-max ${answer.frameMax}, where ${offered.frameMax} was offered`);
  }
  const channelMax = lower(offered.channelMax, answer.channelMax);
  if (offered.channelMax !== 0 && answer.channelMax > offered.channelMax) {
    throw new Fault(530, `channel-max ${answer.channelMax}, where ${offered.channelMax} was offered`);
  }
  // The interval is the client's to choose: section 4.2.7 has it answer with what it wants.
  return { channelMax: channelMax === 0 ? 65_535 : channelMax, frameMax, heartbeat: answer.heartbeat };
}

/** What the broker is answered. */
export function answer(upstream: Tuning, channelMax: number, limits: Limits): Connection.TuneOk {
  return new Connection.TuneOk({
    channelMax: lower(upstream.channelMax, channelMax),
    frameMax: lower(upstream.frameMax, limits.upstreamFrameMax),
    heartbeat: upstream.heartbeat === 0 ? 0 : lower(upstream.heartbeat, limits.upstreamHeartbeat),
  });
}
