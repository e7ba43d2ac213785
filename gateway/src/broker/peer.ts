/** The client's end of a connection, as the broker sees it: a socket, a WebSocket, or whatever carries octets. */
export interface Peer {
  /** How the client is called in the log. */
  readonly name?: string;
  /** Takes octets for the client. `false` means that it is slow: the broker stops delivering to it until `drained` is called. */
  write(octets: Uint8Array): boolean | undefined;
  /** The connection has ended: what was written is to be sent, then the line closed. */
  end(): void;
  /** After `push` has answered false: more is welcome again. */
  resume?(): void;
}

/** The broker's end of a connection, as whoever carries the octets sees it. */
export interface BrokerEnd {
  /** Takes octets from the client, cut as they like. `false` asks to keep further ones back until `resume` is called; what comes all the same is taken. */
  push(chunk: Uint8Array): boolean;
  /** After `write` has answered false: the client takes octets again. */
  drained(): void;
  /** The line is gone. */
  close(): void;
}
