/** Clients of other languages, where they are installed: pika (python3-pika) and amqp-tools. Bodies and headers of every type on the wire, octet by octet. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { Basic, Decimal, Field, FieldTable, FrameReader, FrameWriter, Queue, Timestamp, float32 } from "amqp-wasm";
import { expect, test } from "vitest";
import { forEachBroker } from "./support/brokers.js";
import { RawClient } from "./support/raw-client.js";

const run = promisify(execFile);
const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const python = ["/usr/bin/python3", "python3"].find((command) => succeeds(command, "-c", "import pika"));
const tools = succeeds("amqp-publish", "--help");
const unlessThere = (isThere: boolean, what: string): string => (isThere ? "" : ` (${what} is not installed: skipped)`);

const PIKA = `
import sys, json, pika, datetime
connection = pika.BlockingConnection(pika.ConnectionParameters(sys.argv[1], int(sys.argv[2])))
channel = connection.channel()
seen = []
dead = channel.queue_declare("", exclusive=True).method.queue
queue = channel.queue_declare("", exclusive=True, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}).method.queue
channel.confirm_delivery()
headers = {"text": "h\\u00e4llo", "yes": True, "number": 7, "large": 5000000000, "nothing": None, "list": [1, "two"], "table": {"x": 15}}
properties = pika.BasicProperties(content_type="text/plain", content_encoding="utf-8", headers=headers, delivery_mode=2, priority=1, correlation_id="c", reply_to="r", expiration="60000", message_id="m", timestamp=1790000000, type="t", user_id="guest", app_id="a")
channel.basic_publish("", queue, b"x" * 300000, properties, mandatory=True)
method, got, body = channel.basic_get(queue)
seen.append([len(body), method.redelivered, got.headers == headers, got == properties])
channel.basic_nack(method.delivery_tag, requeue=True)
for method, got, body in channel.consume(queue):
    seen.append([len(body), method.redelivered])
    channel.basic_reject(method.delivery_tag, requeue=False)
    break
channel.cancel()
method, got, body = channel.basic_get(dead)
death = got.headers["x-death"][0]
seen.append([death["reason"], death["count"], death["queue"] == queue, isinstance(death["time"], datetime.datetime), death["routing-keys"] == [queue]])
channel.basic_ack(method.delivery_tag)
try:
    channel.basic_publish("", "nobody is there", b"lost", mandatory=True)
except pika.exceptions.UnroutableError as error:
    seen.append([error.messages[0].method.reply_code, error.messages[0].method.reply_text])
transactional = connection.channel()
transactional.tx_select()
transactional.basic_publish("", queue, b"rolled back")
transactional.tx_rollback()
transactional.basic_publish("", queue, b"committed")
transactional.tx_commit()
seen.append(channel.basic_get(queue, auto_ack=True)[2].decode())
try:
    channel.queue_declare("not there", passive=True)
except pika.exceptions.ChannelClosedByBroker as error:
    seen.append([error.reply_code, error.reply_text])
connection.close()
try:
    pika.BlockingConnection(pika.ConnectionParameters(sys.argv[1], int(sys.argv[2]), credentials=pika.PlainCredentials("guest", "wrong")))
except pika.exceptions.ProbableAuthenticationError as error:
    seen.append("login refused")
print(json.dumps(seen))
`;

forEachBroker("other clients", (target) => {
  test.skipIf(python === undefined)(`pika${unlessThere(python !== undefined, "python3-pika")}`, async () => {
    const { stdout } = await run(python!, ["-c", PIKA, target.host, String(target.port)]);
    expect(JSON.parse(stdout)).toEqual([
      [300_000, false, true, true],
      [300_000, true],
      ["rejected", 1, true, true, true],
      [312, "NO_ROUTE"],
      "committed",
      [404, "NOT_FOUND - no queue 'not there' in vhost '/'"],
      "login refused",
    ]);
  });

  test.skipIf(!tools)(`amqp-tools${unlessThere(tools, "amqp-tools")}`, async () => {
    const queue = "gateway-test-tools";
    const at = ["-s", target.host, `--port=${target.port}`];
    const declared = await run("amqp-declare-queue", [...at, "-q", queue]);
    expect(declared.stdout.trim()).toBe(queue);
    for (const body of ["one", "two"]) {
      await run("amqp-publish", [...at, "-r", queue, "-b", body, "-p", "-C", "text/plain", "-H", "mine: yes"]);
    }
    expect((await run("amqp-get", [...at, "-q", queue])).stdout).toBe("one");
    const consumed = await run("amqp-consume", [...at, "-q", queue, "-c", "1", "cat"]);
    expect(consumed.stdout).toBe("two");
    // Nothing is left: exit code 2.
    await expect(run("amqp-get", [...at, "-q", queue])).rejects.toMatchObject({ code: 2 });
    expect((await run("amqp-delete-queue", [...at, "-q", queue])).stdout.trim()).toBe("0");
    await expect(run("amqp-get", [...at, "-q", queue])).rejects.toMatchObject({
      stderr: expect.stringContaining("NOT_FOUND - no queue") as string,
    });
  });

  test("headers of every type, and every property, come out octet for octet", async () => {
    const client = await RawClient.open(target);
    await client.call(new Queue.Declare({ queue: "octets", exclusive: true }));
    const every = new Map<string, unknown>([
      ["z comes first", true],
      ["b", new Field("b", -1)],
      ["B", new Field("B", 200)],
      ["s", new Field("s", -300)],
      ["u", new Field("u", 60_000)],
      ["I", new Field("I", -70_000)],
      ["i", new Field("i", 4_000_000_000)],
      ["l", new Field("l", -(2n ** 62n))],
      ["f", float32(1.5)],
      ["d", Math.PI],
      ["D", new Decimal({ scale: 2, unscaled: -314 })],
      ["S", "hällo"],
      ["S, no UTF-8", new Field("S", Uint8Array.of(0xff, 0xfe))],
      ["x", Uint8Array.of(0, 1, 2)],
      ["A", [1, "two", [3, null], { four: 4 }]],
      ["T", new Timestamp(1_790_000_000)],
      ["T, far away", new Timestamp(2n ** 63n)],
      ["F", { inner: { deeper: true }, __proto__: null }],
      ["V", null],
    ]);
    const headers = FieldTable.from(every as never, { keyOrder: "insertion" });
    const properties = {
      contentType: "text/plain",
      contentEncoding: "identity",
      headers,
      deliveryMode: 1,
      priority: 200,
      correlationId: "c".repeat(255),
      replyTo: "r",
      expiration: "60000",
      messageId: "m",
      timestamp: new Timestamp(2n ** 40n),
      type: "t",
      userId: "guest",
      appId: "a",
    };
    const sent = new FrameWriter().publish(1, new Basic.Publish({ routingKey: "octets" }), properties).flush();
    client.sendOctets(sent);
    const received: Buffer[] = [];
    client.socket.on("data", (chunk) => received.push(chunk));
    await client.call(new Basic.Get({ queue: "octets", noAck: true }));
    // The content header frame is the last of the publish, and the last that came.
    const spans: [offset: number, length: number][] = [];
    new FrameReader({ onFrame: (_, offset, length) => spans.push([offset, length]) }).push(sent);
    const header = Buffer.from(sent.subarray(spans.at(-1)![0]));
    const came = Buffer.concat(received);
    expect(came.subarray(came.length - header.length).toString("hex")).toBe(header.toString("hex"));
    await client.close();
  });
});
