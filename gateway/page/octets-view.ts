/** A frame's fields beside its octets: whichever of the two one points at, the other lights up. */
import { leaves, type AnnotatedField } from "../src/inspector/annotate.js";
import { element } from "./element.js";
import { valueText } from "./value-text.js";

/** More octets are not drawn. */
const MOST = 4096;
const MOST_FIELDS = 1000;
const VALUE = 300;

interface FieldRow {
  readonly field: AnnotatedField;
  readonly depth: number;
  readonly root: HTMLElement;
}

export class OctetsView {
  readonly #fields = element("div", {
    class: "fields",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Fields, in the order of their octets",
  });
  readonly #octets = element("div", { class: "octets", "aria-label": "Octets in hex" });
  readonly root = element("div", { class: "annotated" }, this.#fields, this.#octets);
  readonly #rows: FieldRow[] = [];
  readonly #marks: HTMLElement[] = [];
  #lit: FieldRow | undefined;
  /** Stays lit when the pointer goes. */
  #chosen: FieldRow | undefined;

  constructor(octets: Uint8Array, fields: readonly AnnotatedField[]) {
    this.#addFields(fields, 0);
    this.#addOctets(octets, leaves(fields));
    this.#fields.addEventListener("pointerover", (event) => this.#light(this.#rowAt(event.target), false));
    this.#octets.addEventListener("pointerover", (event) => this.#light(this.#octetAt(event.target), false));
    this.root.addEventListener("pointerleave", () => this.#light(this.#chosen, false));
    this.#fields.addEventListener("click", (event) => this.#choose(this.#rowAt(event.target)));
    this.#octets.addEventListener("click", (event) => this.#choose(this.#octetAt(event.target)));
    this.#fields.addEventListener("keydown", (event) => this.#key(event));
    this.#fields.addEventListener("focus", () => {
      if (this.#chosen === undefined && this.#fields.matches(":focus-visible")) this.#choose(this.#rows[0]);
    });
  }

  #addFields(fields: readonly AnnotatedField[], depth: number): void {
    for (const field of fields) {
      if (this.#rows.length >= MOST_FIELDS) return;
      const root = element("div", {
        role: "option",
        class: `field${field.wrong === true ? " wrong" : ""}`,
        id: `field-${this.#rows.length}`,
      });
      root.style.setProperty("--depth", String(depth));
      root.append(
        element("span", { class: "place" }, String(field.start)),
        element("span", { class: "label" }, field.label),
        element("span", { class: "type" }, field.type),
        element("span", { class: "value" }, ...fieldWords(field)),
      );
      this.#fields.append(root);
      this.#rows.push({ field, depth, root });
      if (field.parts !== undefined) this.#addFields(field.parts, depth + 1);
    }
  }

  /** Sixteen in a line, with the offset of the first before them. */
  #addOctets(octets: Uint8Array, parts: readonly AnnotatedField[]): void {
    const count = Math.min(octets.length, MOST);
    let leaf = 0;
    for (let line = 0; line < count; line += 16) {
      const marks = element("span", { class: "line" });
      let text = "";
      for (let at = line; at < Math.min(line + 16, count); at++) {
        while (parts[leaf] !== undefined && at >= parts[leaf]!.end) leaf += 1;
        const field = parts[leaf];
        const octet = octets[at]!;
        const length = field?.prefix !== undefined && at < field.start + field.prefix;
        const mark = element(
          "span",
          { class: `octet ${leaf % 2 === 0 ? "even" : "odd"}${length ? " length" : ""}` },
          octet.toString(16).padStart(2, "0"),
        );
        if (field?.wrong === true) mark.classList.add("wrong");
        this.#marks.push(mark);
        marks.append(mark);
        text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "·";
      }
      const offset = element("span", { class: "offset", "aria-hidden": "true" }, line.toString(16).padStart(4, "0"));
      this.#octets.append(offset, marks, element("span", { class: "text", "aria-hidden": "true" }, text));
    }
    if (octets.length > count)
      this.#octets.append(element("p", { class: "more" }, `${octets.length - count} more octets`));
  }

  #rowAt(target: EventTarget | null): FieldRow | undefined {
    const root = (target as Element).closest(".field");
    return this.#rows.find((row) => row.root === root);
  }

  /** The innermost field that has the octet. */
  #octetAt(target: EventTarget | null): FieldRow | undefined {
    const at = this.#marks.indexOf(target as HTMLElement);
    if (at < 0) return undefined;
    return this.#rows.find(({ field }) => field.parts === undefined && field.start <= at && at < field.end);
  }

  #choose(row: FieldRow | undefined): void {
    this.#chosen = row;
    this.#light(row, true);
  }

  #light(row: FieldRow | undefined, scroll: boolean): void {
    if (row === undefined && !scroll && this.#chosen === undefined && this.#lit === undefined) return;
    this.#lit?.root.setAttribute("aria-selected", "false");
    this.#lit = row;
    const { start, end } = row?.field ?? { start: 0, end: 0 };
    this.#marks.forEach((mark, at) => mark.classList.toggle("lit", at >= start && at < end));
    if (row === undefined) {
      this.#fields.removeAttribute("aria-activedescendant");
      return;
    }
    row.root.setAttribute("aria-selected", "true");
    this.#fields.setAttribute("aria-activedescendant", row.root.id);
    if (!scroll) return;
    row.root.scrollIntoView({ block: "nearest" });
    this.#marks[start]?.scrollIntoView({ block: "nearest" });
  }

  #key(event: KeyboardEvent): void {
    const at = this.#chosen === undefined ? -1 : this.#rows.indexOf(this.#chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.#rows.length - 1 }[event.key];
    if (to === undefined) return;
    this.#choose(this.#rows[Math.min(Math.max(to, 0), this.#rows.length - 1)]);
    event.preventDefault();
  }
}

function fieldWords(field: AnnotatedField): (Node | string)[] {
  const words: (Node | string)[] = [shorten(fieldText(field))];
  if (field.note !== undefined) words.push(" ", element("i", {}, field.note));
  return words;
}

function fieldText({ value, type, parts }: AnnotatedField): string {
  if (parts !== undefined && type !== "entry") {
    const count = parts.filter((part) => part.type === "entry").length;
    return `${count} ${count === 1 ? "entry" : "entries"}`;
  }
  if (value === undefined) return "";
  if (type === "bits")
    return Object.values(value as object)
      .map((bit) => (bit === true ? "1" : "0"))
      .join(" ");
  // A type octet is a letter, and no text.
  return type === "octet" && typeof value === "string" ? value : valueText(value);
}

function shorten(text: string): string {
  return text.length > VALUE ? `${text.slice(0, VALUE)}…` : text;
}
