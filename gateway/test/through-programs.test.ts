/** Clients in other languages through the gateway: pika in Python and the tools of rabbitmq-c. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { behindTheGateway } from "./support/behind.js";

const run = promisify(execFile);
const works = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

/** Debian's own Python, where python3-pika is; any other that has it will do. */
const python = ["/usr/bin/python3", "python3"].find((program) => works(program, "-c", "import pika"));
const tools = works("amqp-publish", "--help");

const program = `
import sys, pika
port = int(sys.argv[1])
connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port, heartbeat=30))
channel = connection.channel()
channel.confirm_delivery()
queue = channel.queue_declare("", exclusive=True).method.queue
dead = channel.queue_declare("", exclusive=True).method.queue
source = channel.queue_declare("", exclusive=True, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}).method.queue
headers = {"text": "\\u00fc", "number": 5, "big": 2**40, "yes": True, "nothing": None, "list": [1, "two", {"three": 3}], "octets": b"\\x00\\xff"}
properties = pika.BasicProperties(content_type="text/plain", headers=headers, delivery_mode=2, priority=1, correlation_id="c",
    reply_to="r", expiration="60000", message_id="m", timestamp=1700000000, type="t", user_id="guest", app_id="a")
channel.basic_publish("", queue, b"body", properties, mandatory=True)
method, got, body = channel.basic_get(queue, auto_ack=True)
assert body == b"body", body
for name in ("content_type", "delivery_mode", "priority", "correlation_id", "reply_to", "expiration", "message_id", "timestamp", "type", "user_id", "app_id"):
    assert getattr(got, name) == getattr(properties, name), name
assert got.headers == headers, got.headers
large = bytes(range(256)) * 4096
channel.basic_publish("", queue, large)
assert channel.basic_get(queue, auto_ack=True)[2] == large
try:
    channel.basic_publish("", "nobody takes this", b"back", mandatory=True)
    raise SystemExit("not returned")
except pika.exceptions.UnroutableError as error:
    assert error.messages[0].body == b"back"
for number in range(1000):
    channel.basic_publish("", queue, b"%d" % number)
count = 0
for method, _, body in channel.consume(queue):
    assert body == b"%d" % count, body
    channel.basic_ack(method.delivery_tag)
    count += 1
    if count == 1000: break
channel.cancel()
channel.basic_publish("", source, b"poor thing")
method, _, _ = channel.basic_get(source)
channel.basic_reject(method.delivery_tag, requeue=False)
for _, letter, body in channel.consume(dead, auto_ack=True):
    death = letter.headers["x-death"][0]
    assert (body, death["count"], death["queue"], death["reason"]) == (b"poor thing", 1, source, "rejected"), death
    break
channel.cancel()
other = connection.channel()
other.tx_select()
other.basic_publish("", queue, b"rolled back")
other.tx_rollback()
other.basic_publish("", queue, b"committed")
other.tx_commit()
assert channel.basic_get(queue, auto_ack=True)[2] == b"committed"
try:
    other.queue_declare("there is no such queue", passive=True)
    raise SystemExit("not closed")
except pika.exceptions.ChannelClosedByBroker as error:
    assert error.reply_code == 404
connection.close()
print("done")
`;

behindTheGateway("programs", (behind) => {
  test.skipIf(python === undefined)(
    `pika: declare, confirms, properties, 1 MiB, returns, acks, dead letters, transactions, a channel's error${python === undefined ? " (no pika: skipped)" : ""}`,
    async () => {
      const { stdout } = await run(python!, ["-c", program, String(behind.port)]);
      expect(stdout.trim()).toBe("done");
    },
  );

  describe.skipIf(!tools)(`amqp-tools${tools ? "" : " (not installed: skipped)"}`, () => {
    const call = async (name: string, ...args: string[]): Promise<string> => {
      const place = ["--server=127.0.0.1", `--port=${behind.port}`, "--username=guest", "--password=guest"];
      const { stdout } = await run(name, [...place, ...args]);
      return stdout;
    };

    test("declare, publish, get, consume, delete", async () => {
      const queue = `amqp-wasm.gateway.tools.${process.pid}`;
      expect((await call("amqp-declare-queue", `--queue=${queue}`)).trim()).toBe(queue);
      await call("amqp-publish", `--routing-key=${queue}`, "--body=one", "--content-type=text/plain");
      await call("amqp-publish", `--routing-key=${queue}`, "--body=two");
      expect(await call("amqp-get", `--queue=${queue}`)).toBe("one");
      expect(await call("amqp-consume", `--queue=${queue}`, "--count=1", "cat")).toBe("two");
      expect((await call("amqp-delete-queue", `--queue=${queue}`)).trim()).toBe("0");
    });
  });
});
