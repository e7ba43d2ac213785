import { defaultLimits as limits } from "./limits.js";

/** What `--help` prints. */
export const help = `amqp-wasm-gateway: an AMQP 0-9-1 gateway for TCP and WebSocket

  amqp-wasm-gateway [options]

Where clients come in
  --tcp HOST:PORT            AMQP over TCP (127.0.0.1:5673)         --no-tcp  none
  --ws HOST:PORT             HTTP: page, /metrics, /healthz and AMQP over WebSocket,
                             sub-protocols amqp and amqp091 (127.0.0.1:15673)  --no-ws  none
  --path PATH                of the WebSocket (/)
  --origin ORIGIN            pages that may open one, beside our own; may be repeated; * for all
  --one-frame-a-message      each frame in a WebSocket message of its own

Where they go
  --upstream URL             amqp://host:port or amqps://host:port; also AMQP_URL in the environment.
                             Without it: a broker inside this process that keeps nothing, for trying out
  --upstream-ca FILE         certificates that the broker's may be signed by (PEM)
  --upstream-cert FILE       our certificate, and --upstream-key FILE its key
  --upstream-server-name N   name that the broker's certificate has to be for (the host)
  --upstream-insecure        any certificate will do

Limits
  --max-connections N        clients at the same time (${limits.maxConnections})
  --max-channels N           channels of a connection (${limits.maxChannels})
  --frame-max OCTETS         frame of a TCP client (${limits.frameMax}), envelope included
  --ws-frame-max OCTETS      frame of a WebSocket client (${limits.webSocketFrameMax})
  --upstream-frame-max N     frame of the broker (${limits.upstreamFrameMax}, or less if it says so)
  --max-body OCTETS          content of a message (${limits.maxBodySize})
  --max-message OCTETS       WebSocket message, which need not be one frame (${limits.maxWebSocketMessage})
  --max-buffered OCTETS      held for a slow peer before the other is held back (${limits.maxBuffered})
  --handshake-time SECONDS   until the connection is open (${limits.handshakeTime})
  --close-time SECONDS       for the answer to a close (${limits.closeTime})
  --stall-time SECONDS       a peer that takes nothing is dropped after this; 0: never (${limits.stallTime})
  --heartbeat SECONDS        offered to clients; 0: none (${limits.heartbeat})
  --upstream-heartbeat S     with the broker, or less if it says so (${limits.upstreamHeartbeat})

The rest
  --demo                     a small load of our own, so that there is something to see
  --seconds N                ends by itself, with a summary
  --json                     log lines for machines          --quiet  warnings and errors only
  --show-bodies              the page shows what messages hold
  --help, --version
`;
