/** Each side has its own frame-max, channel-max and heartbeat; the gateway negotiates both. */
import { checkTuneOk, Connection, negotiateTune, type Tuning } from "amqp-wasm";
import { Fault } from "./fault.js";
import { lower, type Limits } from "./limits.js";

/**
 * What a client is offered: frames no larger than the broker's, so that what it sends need not be split and what it gets need not be put together. It may ask for smaller ones: bodies are
 * split for it. Channel numbers are the same on both sides.
 */
export function offer(upstream: Tuning, limits: Limits, webSocket: boolean): Connection.Tune {
  return new Connection.Tune({
    channelMax: lower(upstream.channelMax, limits.maxChannels),
    frameMax: lower(
      upstream.frameMax,
      Math.min(webSocket ? limits.webSocketFrameMax : limits.frameMax, limits.upstreamFrameMax),
    ),
    heartbeat: limits.heartbeat,
  });
}

/** What holds on the client's side after its Tune-Ok; 0 takes what was offered. @throws Fault where it asks for more, or for too little. */
export function agreed(offered: Tuning, answered: Tuning): Tuning {
  const verdict = checkTuneOk(offered, {
    channelMax: answered.channelMax || offered.channelMax,
    frameMax: answered.frameMax || offered.frameMax,
    heartbeat: answered.heartbeat,
  });
  if (!verdict.accepted) throw new Fault(verdict.replyCode, verdict.replyText.replace(/^NOT_ALLOWED - /, ""));
  return verdict;
}

/** What the broker is answered. @throws Fault where it takes no frames of the standard's least size. */
export function answer(upstream: Tuning, channelMax: number, limits: Limits): Connection.TuneOk {
  const ours = { channelMax, frameMax: limits.upstreamFrameMax, heartbeat: limits.upstreamHeartbeat };
  const verdict = negotiateTune(ours, upstream);
  if (!verdict.accepted) throw new Fault(verdict.replyCode, verdict.replyText.replace(/^NOT_ALLOWED - /, ""));
  const { frameMax } = verdict;
  // A side that wants no heartbeats has none, whatever the other says.
  const heartbeat = ours.heartbeat === 0 || upstream.heartbeat === 0 ? 0 : verdict.heartbeat;
  return new Connection.TuneOk({ channelMax: verdict.channelMax, frameMax, heartbeat });
}
