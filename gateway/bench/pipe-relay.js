// The floor: every octet goes on as it came, unlooked at. node pipe-relay.js UPSTREAM-PORT
import { connect, createServer } from "node:net";
import { announce } from "./announce.js";

const upstream = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (client) => {
  const broker = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
  client.pipe(broker).pipe(client);
  client.on("error", () => broker.destroy());
  broker.on("error", () => client.destroy());
});
server.listen(0, "127.0.0.1", () => announce(server.address().port));
