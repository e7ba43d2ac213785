// What stands in for a broker where the relay alone is to be measured: does the handshake, then sends deliveries as fast as they are taken. node replay.js BODY-OCTETS MEGABYTES
import { createServer } from "node:net";
import { Basic, Channel, Connection, FrameReader, FrameWriter, marshal } from "amqp-wasm";
import { announce } from "./announce.js";

const [bodyOctets, megabytes] = process.argv.slice(2).map(Number);
const writer = new FrameWriter();
const headers = { "x-trace": "4bf92f3577b34da6", attempt: 1, source: "bench" };
const properties = { contentType: "application/json", deliveryMode: 2, headers, messageId: "m-1234" };
let deliveryTag = 0;
do {
  const method = new Basic.Deliver({
    consumerTag: "ctag-1",
    deliveryTag: ++deliveryTag,
    exchange: "events",
    routingKey: "orders.created",
  });
  writer.publish(1, method, properties, new Uint8Array(bodyOctets).fill(120));
} while (writer.bytesPending < 1_000_000);
const chunk = writer.flush();
const rounds = Math.ceil((megabytes * 1e6) / chunk.length);

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new FrameReader();
  const send = (frame, channel = 0) => socket.write(marshal(frame, channel));
  socket.on("error", () => {});
  socket.on("data", (octets) => {
    for (const { name } of reader.push(octets)) {
      if (name === "ProtocolHeader")
        send(
          new Connection.Start({
            versionMajor: 0,
            versionMinor: 9,
            serverProperties: {},
            mechanisms: "PLAIN",
            locales: "en_US",
          }),
        );
      else if (name === "Connection.StartOk")
        send(new Connection.Tune({ channelMax: 2047, frameMax: 131072, heartbeat: 0 }));
      else if (name === "Connection.Open") send(new Connection.OpenOk());
      else if (name === "Channel.Open") send(new Channel.OpenOk(), 1);
      else if (name === "Basic.Consume") flood(socket);
      else if (name === "Connection.Close") socket.end(marshal(new Connection.CloseOk(), 0));
    }
  });
});

function flood(socket) {
  let round = 0;
  const more = () => {
    while (round < rounds) {
      round += 1;
      if (!socket.write(chunk)) return void socket.once("drain", more);
    }
  };
  more();
}

server.listen(0, "127.0.0.1", () => announce(server.address().port));
process.send?.({ messages: rounds * deliveryTag, octets: rounds * chunk.length });
