/** What both examples do with the client: a queue, three messages with confirms, and an acknowledgement for each. */
import type { Client } from "./client.js";

export async function session(client: Client, print: (line: string) => void): Promise<void> {
  const channel = await client.openChannel();
  const { queue } = await channel.declare({ exclusive: true });
  print(`declared ${String(queue)}`);

  const texts = ["one", "two", "drei 🐇"];
  const all = new Promise<void>((resolve, reject) => {
    let received = 0;
    channel.onClosed = reject;
    const consuming = channel.consume(String(queue), (message) => {
      print(`received "${new TextDecoder().decode(message.body)}", ${String(message.properties.contentType)}`);
      channel.ack(message);
      if ((received += 1) === texts.length) resolve();
    });
    consuming.catch(reject);
  });

  for (const text of texts) {
    const properties = { contentType: "text/plain", headers: { length: text.length } };
    await channel.publish({ routingKey: String(queue), mandatory: true }, properties, new TextEncoder().encode(text));
    print(`the broker has "${text}"`);
  }
  await all;

  // A message that no queue wants comes back, and an error of the broker is an error of the call.
  const lost = channel.publish({ routingKey: "no such queue", mandatory: true }, {}, new Uint8Array(1));
  await lost.catch((error: Error) => print(`not delivered: ${error.message}`));
  await channel
    .declare({ queue: "no such queue", passive: true })
    .catch((error: Error) => print(`refused: ${error.message}`));

  await client.close();
  print("closed");
}
