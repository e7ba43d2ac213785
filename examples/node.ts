/** The client of client.ts in Node, over TCP: `node node.js amqp://guest:guest@127.0.0.1:5673/` */
import { Client } from "./client.js";
import { session } from "./session.js";
import { tcp } from "./socket.js";

const url = new URL(process.argv[2] ?? "amqp://guest:guest@127.0.0.1:5673/");
try {
  const client = await Client.connect(await tcp(Number(url.port || 5672), url.hostname), {
    user: decodeURIComponent(url.username || "guest"),
    password: decodeURIComponent(url.password || "guest"),
    virtualHost: decodeURIComponent(url.pathname.slice(1)) || "/",
  });
  await session(client, console.log);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
