/** The filters above the list. */
import type { ShownConnection } from "../src/inspector/messages.js";
import { byId, element } from "./element.js";
import type { Filter } from "./frame-list.js";

export class Filters {
  onChange: (filter: Filter) => void = () => undefined;
  readonly #form = byId<HTMLFormElement>("filters");
  readonly #connection = byId<HTMLSelectElement>("filter-connection");
  readonly #channel = byId<HTMLInputElement>("filter-channel");
  readonly #name = byId<HTMLInputElement>("filter-name");
  readonly #text = byId<HTMLInputElement>("filter-text");
  readonly #names = byId("names");
  readonly #known = new Set<string>();

  constructor() {
    this.#form.addEventListener("input", () => this.onChange(this.value));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("reset", () => setTimeout(() => this.onChange(this.value)));
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#form.reset();
    });
  }

  get value(): Filter {
    const connection = Number(this.#connection.value);
    const channel =
      this.#channel.value === "" || !this.#channel.validity.valid ? undefined : Number(this.#channel.value);
    return {
      name: this.#name.value.trim().toLowerCase(),
      text: this.#text.value.trim().toLowerCase(),
      ...(connection === 0 ? {} : { connection }),
      ...(channel === undefined ? {} : { channel }),
    };
  }

  /** Names that can be picked. */
  offerNames(names: Iterable<string>): void {
    for (const name of names) {
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      this.#names.append(element("option", { value: name }));
    }
  }

  offerConnections(connections: Iterable<ShownConnection>): void {
    // A list that changes while it is open closes under the pointer.
    if (document.activeElement === this.#connection) {
      this.#connection.onblur = () => this.offerConnections(connections);
      return;
    }
    this.#connection.onblur = null;
    const chosen = this.#connection.value;
    const options = [...connections].map((connection) =>
      element("option", { value: connection.id }, connectionText(connection)),
    );
    this.#connection.replaceChildren(element("option", { value: "" }, "All"), ...options);
    this.#connection.value = chosen;
    if (this.#connection.selectedIndex < 0) this.#connection.selectedIndex = 0;
  }
}

export function connectionText({ id, transport, peer, user, product, mine, closedAt }: ShownConnection): string {
  const who = mine ? "this page" : (product ?? peer);
  const by = transport === "websocket" ? "WebSocket" : "TCP";
  return `#${id} ${who}, ${user === undefined ? "" : `${user}, `}${by}${closedAt === undefined ? "" : ", closed"}`;
}
