/** The frame that was opened: what it is, its body, its fields and octets. */
import { annotate } from "../src/inspector/annotate.js";
import type { ShownFrame } from "../src/inspector/batch.js";
import type { ShownConnection } from "../src/inspector/messages.js";
import { bodyForms, type BodyText } from "./body-text.js";
import { element } from "./element.js";
import { connectionText } from "./filters.js";
import { bodyOf, frameWords } from "./frame-text.js";
import { OctetsView } from "./octets-view.js";
import { countText, timeText } from "./value-text.js";

export function frameView(frame: ShownFrame, connection: ShownConnection | undefined): Node[] {
  const { name, channel, line, replyCode } = frameWords(frame);
  const way = frame.direction === "up" ? "client → broker" : "broker → client";
  const facts: [string, string][] = [
    ["Time", timeText(frame.time)],
    ["Channel", String(channel)],
    ["Number", countText(frame.number)],
    ["Size", `${countText(frame.size)} octets`],
    ["Direction", frame.own ? `${way}, made by the gateway` : way],
    ["Connection", connection === undefined ? `#${frame.connection}` : connectionText(connection)],
  ];
  const parts: Node[] = [
    element("h2", { class: replyCode === undefined ? "" : "error", tabindex: -1, id: "frame-title" }, name),
    element(
      "dl",
      { class: "facts" },
      ...facts.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]),
    ),
  ];
  if (replyCode !== undefined)
    parts.push(
      element("p", { class: "error" }, element("b", {}, String(replyCode)), ` ${frame.error?.message ?? line}`),
    );
  if (name === "ContentBody") parts.push(...bodyParts(frame));
  parts.push(element("h3", {}, "Fields and octets"), new OctetsView(frame.octets, annotate(frame.octets)).root);
  return parts;
}

function bodyParts(frame: ShownFrame): Node[] {
  const { octets, size, whole, hidden } = bodyOf(frame);
  const title = element("h3", {}, "Body");
  if (hidden) {
    const text = `${countText(size)} octets that the gateway keeps to itself. It shows the bodies of this page's own messages, and all where it was started with --show-bodies.`;
    return [title, element("p", { class: "note" }, text)];
  }
  const parts: Node[] = [title, bodyView(bodyForms(octets, whole), "Body of the frame")];
  if (!whole)
    parts.push(element("p", { class: "note" }, `The first ${countText(octets.length)} of ${countText(size)} octets.`));
  return parts;
}

/** A body with a button for each of its forms. */
export function bodyView(forms: readonly BodyText[], label: string): HTMLElement {
  const text = element("pre", { tabindex: 0, "aria-label": label });
  const buttons = forms.map(({ form, text: shown }) => {
    const button = element("button", { type: "button" }, form);
    button.addEventListener("click", () => choose(button, shown));
    return button;
  });
  const choose = (chosen: HTMLElement, shown: string): void => {
    text.textContent = shown;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
  };
  choose(buttons[0]!, forms[0]!.text);
  return element(
    "div",
    { class: "body" },
    element("div", { class: "forms", role: "group", "aria-label": "Shown as" }, ...buttons),
    text,
  );
}
