/** What one client, and all of them together, may take. Octets and seconds. */
export interface Limits {
  /** Clients at the same time. */
  maxConnections: number;
  /** Channels of one connection: what is offered to clients as channel-max, and to the broker. */
  maxChannels: number;
  /** Largest frame on a TCP client's side, envelope included, as offered to it. */
  frameMax: number;
  /** The same for WebSocket clients. */
  webSocketFrameMax: number;
  /** Largest frame on the broker's side, if the broker allows as much. */
  upstreamFrameMax: number;
  /** Largest content of one message. */
  maxBodySize: number;
  /** Largest WebSocket message; it need not be one frame. */
  maxWebSocketMessage: number;
  /** From the first octet to Open-Ok. */
  handshakeTime: number;
  /** How long a peer has to answer a close, and all of them when the gateway stops. */
  closeTime: number;
  /** How long a peer may take nothing while there is something for it. 0: as long as it likes. */
  stallTime: number;
  /** Octets that are held for one peer which reads too slowly, before the other is held back. */
  maxBuffered: number;
  /** Interval of heartbeats that clients are offered; 0: none. */
  heartbeat: number;
  /** The same, for the broker: the smaller of this and what the broker offers. */
  upstreamHeartbeat: number;
}

export const defaultLimits: Limits = {
  maxConnections: 10_000,
  maxChannels: 2047,
  frameMax: 131_072,
  webSocketFrameMax: 131_072,
  upstreamFrameMax: 131_072,
  maxBodySize: 536_870_912,
  maxWebSocketMessage: 4_194_304,
  handshakeTime: 10,
  closeTime: 5,
  stallTime: 0,
  maxBuffered: 1_048_576,
  heartbeat: 60,
  upstreamHeartbeat: 60,
};

/** The smallest frame-max that a peer may ask for (section 4.2.3). */
export const SMALLEST_FRAME_MAX = 4096;

/** Of two limits of which 0 means none, the one that holds. */
export function lower(one: number, other: number): number {
  if (one === 0) return other;
  return other === 0 ? one : Math.min(one, other);
}
