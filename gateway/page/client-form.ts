/** Publishing and consuming from the page: the client of examples/client.ts, over a WebSocket through this gateway. */
import type { Message } from "amqp-wasm";
import { Client, type ClientChannel } from "../../examples/client.js";
import { webSocket } from "../../examples/transport.js";
import { PAGE_PRODUCT } from "../src/inspector/messages.js";
import { bodyForms } from "./body-text.js";
import { byId, element } from "./element.js";
import { bodyView } from "./frame-view.js";
import { timeText, valueText } from "./value-text.js";

/** Messages that stay on the page. */
const MOST = 50;

export class ClientForm {
  /** What this page names itself by to the gateway. */
  key = "";
  /** Where the gateway takes AMQP over WebSocket. */
  path = "/";
  /** Called with what a person who cannot see the page should hear. */
  announce: (text: string) => void = () => undefined;
  #client: Promise<Client> | undefined;
  #publisher: Promise<ClientChannel> | undefined;
  #consumer: ClientChannel | undefined;
  readonly #login = byId<HTMLFormElement>("login");
  readonly #publish = byId<HTMLFormElement>("publish");
  readonly #consume = byId<HTMLFormElement>("consume");
  readonly #messages = byId("messages");

  constructor() {
    const run = (form: HTMLFormElement, work: () => Promise<string>): void => {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const output = form.querySelector("output")!;
        output.className = "";
        output.textContent = "…";
        work().then(
          (text) => (output.textContent = text),
          (error: Error) => {
            output.className = "error";
            output.textContent = `${error.name}: ${error.message}`;
          },
        );
      });
    };
    run(this.#login, () => this.#toggleConnection());
    run(this.#publish, () => this.#send());
    run(this.#consume, () => this.#toggleConsumer());
  }

  #connect(): Promise<Client> {
    return (this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    }));
  }

  async #open(): Promise<Client> {
    const value = valuesOf(this.#login);
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const [user, password, virtualHost] = [value("user"), value("password"), value("virtual-host")];
    const clientProperties = { product: PAGE_PRODUCT, version: this.key };
    const client = await Client.connect(await webSocket(url.href), { user, password, virtualHost, clientProperties });
    client.onClosed = (error) => this.#closed(error);
    this.#state(true, `connected as ${user}`);
    return client;
  }

  #closed(error: Error | undefined): void {
    this.#client = this.#publisher = this.#consumer = undefined;
    this.#state(false, error === undefined ? "closed" : `${error.name}: ${error.message}`, error !== undefined);
    this.#consuming(false);
  }

  #state(connected: boolean, text: string, wrong = false): void {
    this.#login.querySelector("button")!.textContent = connected ? "Disconnect" : "Connect";
    const output = this.#login.querySelector("output")!;
    output.textContent = text;
    output.className = wrong ? "error" : "";
  }

  async #toggleConnection(): Promise<string> {
    if (this.#client === undefined) {
      await this.#connect();
      return `connected as ${valuesOf(this.#login)("user")}`;
    }
    await (await this.#client).close();
    return "closed";
  }

  async #send(): Promise<string> {
    const value = valuesOf(this.#publish);
    const headers = headersOf(value("headers"));
    const channel = await this.#channel();
    const began = performance.now();
    await channel.publish(
      { exchange: value("exchange"), routingKey: value("routing-key"), mandatory: true },
      {
        contentType: value("content-type") || undefined,
        deliveryMode: value("persistent") === "on" ? 2 : 1,
        timestamp: new Date(),
        headers,
      },
      new TextEncoder().encode(value("body")),
    );
    return `the broker has it, after ${(performance.now() - began).toFixed(1)} ms`;
  }

  /** One channel for all publishes; another where the broker closed it. */
  #channel(): Promise<ClientChannel> {
    return (this.#publisher ??= this.#newChannel());
  }

  async #newChannel(): Promise<ClientChannel> {
    try {
      const channel = await (await this.#connect()).openChannel();
      channel.onClosed = () => (this.#publisher = undefined);
      return channel;
    } catch (error) {
      this.#publisher = undefined;
      throw error;
    }
  }

  async #toggleConsumer(): Promise<string> {
    if (this.#consumer !== undefined) {
      await this.#consumer.close();
      return "stopped";
    }
    const field = this.#consume.elements.namedItem("queue") as HTMLInputElement;
    const channel = await (await this.#connect()).openChannel();
    channel.onClosed = () => {
      this.#consumer = undefined;
      this.#consuming(false);
    };
    let queue = field.value.trim();
    if (queue === "") {
      queue = String((await channel.declare({ exclusive: true })).queue);
      const key = this.#publish.elements.namedItem("routing-key") as HTMLInputElement;
      if (key.value === "") key.value = queue;
    }
    await channel.consume(queue, (message) => {
      this.#show(message);
      channel.ack(message);
    });
    this.#consumer = channel;
    this.#consuming(true);
    return `consuming ${queue}`;
  }

  #consuming(on: boolean): void {
    this.#consume.querySelector("button")!.textContent = on ? "Stop" : "Consume";
    if (!on && this.#consume.querySelector("output")!.textContent?.startsWith("consuming"))
      this.#consume.querySelector("output")!.textContent = "stopped";
  }

  #show(message: Message): void {
    const { method, properties, body } = message;
    if (method.name !== "Basic.Deliver") return;
    const said = [...properties]
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${valueText(value)}`);
    const exchange = method.exchange === "" ? "" : `${String(method.exchange)} · `;
    const item = element(
      "li",
      {},
      element("p", {}, element("b", {}, `${exchange}${String(method.routingKey)}`), ` ${timeText(Date.now())}`),
      element("p", { class: "note" }, said.join("  ")),
      bodyView(bodyForms(body, true), "Body of the message"),
    );
    this.#messages.prepend(item);
    while (this.#messages.childElementCount > MOST) this.#messages.lastElementChild!.remove();
    byId("messages-empty").hidden = true;
    this.announce("a message arrived");
  }
}

/** The values of a form's fields by name. */
function valuesOf(form: HTMLFormElement): (name: string) => string {
  const values = new FormData(form);
  return (name) => {
    const value = values.get(name);
    return typeof value === "string" ? value : "";
  };
}

function headersOf(text: string): { [name: string]: never } {
  if (text.trim() === "") return {};
  let headers: unknown;
  try {
    headers = JSON.parse(text);
  } catch (error) {
    throw new Error(`the headers are no JSON (${(error as Error).message})`, { cause: error });
  }
  if (typeof headers !== "object" || headers === null || Array.isArray(headers))
    throw new Error("the headers have to be a JSON object");
  return headers as { [name: string]: never };
}
