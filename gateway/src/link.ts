/** What a connection looks like from inside the gateway, whether it is TCP, TLS, WebSocket or the embedded broker. */
export interface LinkEvents {
  /** The next octets. They are the receiver's: nobody writes over them. */
  octets(chunk: Uint8Array): void;
  /** What was written has gone to the operating system. */
  drained(): void;
  /** The other end will send nothing more; it may still read. */
  ended(): void;
  /** It is over, for good; told once. */
  closed(error?: Error): void;
}

export interface Link {
  /** Address and port of the other end, or what stands for them. */
  readonly peer: string;
  /** Octets that were written and are still held in this process. */
  readonly buffered: number;
  /** Whether each piece that is written has to be one frame. */
  readonly oneFrameAPiece: boolean;
  /** To be set before the first octet may come. */
  events: LinkEvents;
  /** Sends whole frames, in this order. `pieces` stay unchanged from now on. */
  write(pieces: readonly Uint8Array[]): void;
  /** No octets are told until `resume`: the other end is held back. */
  pause(): void;
  resume(): void;
  /** Says that nothing more will be sent, once all that was written has gone. `fault` where the other end broke the rules. */
  end(fault?: boolean): void;
  /** Ends at once. */
  destroy(): void;
}

/** For links that nobody listens to yet or any more. */
export const deaf: LinkEvents = {
  octets() {},
  drained() {},
  ended() {},
  closed() {},
};
