/** What carries a client's octets. The client sets `received` and `closed`; until then nothing comes in, because the client speaks first. */
export interface Transport {
  send(octets: Uint8Array): void;
  close(): void;
  received: (octets: Uint8Array) => void;
  closed: (reason: string) => void;
}

/** AMQP over a WebSocket, in browsers and in Node 22 and newer: `amqp` is the sub-protocol that gateways and brokers know. */
export function webSocket(url: string): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ["amqp"]);
    socket.binaryType = "arraybuffer";
    const transport: Transport = {
      send: (octets) => socket.send(octets as Uint8Array<ArrayBuffer>),
      close: () => socket.close(),
      received: () => undefined,
      closed: () => undefined,
    };
    socket.onopen = () => resolve(transport);
    socket.onerror = () => reject(new Error(`no connection to ${url}`));
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => transport.received(new Uint8Array(data));
    socket.onclose = ({ code, reason }) => transport.closed(`the WebSocket was closed: ${code} ${reason}`.trimEnd());
  });
}
