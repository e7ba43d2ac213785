/** The inspector page. */
import type { ShownFrame } from "../src/inspector/batch.js";
import type { PageMessage, Second, ShownConnection } from "../src/inspector/messages.js";
import { ClientForm } from "./client-form.js";
import { byId } from "./element.js";
import { openFeed } from "./feed.js";
import { Filters } from "./filters.js";
import { FrameList } from "./frame-list.js";
import { frameView } from "./frame-view.js";
import { ListView } from "./list-view.js";
import { Tabs } from "./tabs.js";
import { TotalsView } from "./totals-view.js";
import { countText, sizeText } from "./value-text.js";

const list = new FrameList(() => changed());
const view = new ListView(byId("rows"), list);
const filters = new Filters();
const tabs = new Tabs();
const totals = new TotalsView();
const form = new ClientForm();
const connections = new Map<number, ShownConnection>();
/** Connections that are over are forgotten when there are more than these: frames of them may still be on the page. */
const MOST_CONNECTIONS = 500;
let framesPerSecond = Infinity;
let received = 0;
let sampled = false;

/** Said to those who cannot see it. */
function announce(text: string): void {
  byId("announcer").textContent = text;
}
form.announce = announce;

function changed(): void {
  view.update();
  const pause = byId("pause");
  pause.setAttribute("aria-pressed", String(list.paused));
  byId("pause-text").textContent = list.paused ? "Resume" : "Pause";
  byId("count").textContent = counted();
  byId("empty").hidden = list.visible.length > 0 || list.busy;
  byId("empty-filtered").hidden = !list.filtered || list.size === 0;
  byId("empty-waiting").hidden = list.filtered && list.size > 0;
  const newest = byId("newest");
  newest.hidden = view.following || list.visible.length === 0;
}

function counted(): string {
  const held = list.held > 0 ? `, ${countText(list.held)} new` : "";
  if (list.paused) return `Paused${held}`;
  if (!list.filtered) return "";
  return list.busy ? "…" : `${countText(list.visible.length)} of ${countText(list.size)}`;
}

function togglePause(): void {
  if (list.paused) list.resume();
  else list.pause();
  announce(list.paused ? "Paused" : "Goes on");
}

function status(state: "live" | "lost", text: string): void {
  const element = byId("status");
  if (element.dataset["state"] === state) return;
  element.dataset["state"] = state;
  byId("status-text").textContent = text;
}

function rates({ up, down, octetsUp, octetsDown }: Second): void {
  byId("rate-up").textContent = `${countText(up)}/s`;
  byId("rate-down").textContent = `${countText(down)}/s`;
  byId("rate-octets").textContent = `${sizeText(octetsUp + octetsDown)}/s`;
  const open = [...connections.values()].filter(({ closedAt }) => closedAt === undefined).length;
  byId("rate-connections").textContent = countText(open);
  sampling(up + down);
}

/** Says where frames are left out, and how many. */
function sampling(frames: number): void {
  const shown = received;
  received = 0;
  const now = frames > framesPerSecond;
  const notice = byId("sampling");
  notice.hidden = !now;
  if (now) {
    const part = Math.max(2, Math.round(frames / Math.max(1, Math.min(shown, frames))));
    notice.textContent = `${countText(frames)} frames a second: about 1 of ${part} is shown. The totals count all of them.`;
  }
  if (now !== sampled)
    announce(now ? "Too many frames to show them all: the list is a sample" : "All frames are shown again");
  sampled = now;
}

function connectionChanged(connection: ShownConnection): void {
  connections.set(connection.id, connection);
  for (const { id, closedAt } of connections.values()) {
    if (connections.size <= MOST_CONNECTIONS) break;
    if (closedAt !== undefined) connections.delete(id);
  }
  connectionsDue ??= setTimeout(() => {
    connectionsDue = undefined;
    filters.offerConnections(connections.values());
  }, 500);
}
let connectionsDue: ReturnType<typeof setTimeout> | undefined;

function message(said: PageMessage): void {
  switch (said.kind) {
    case "hello":
      list.clear();
      connections.clear();
      framesPerSecond = said.framesPerSecond;
      form.key = said.key;
      form.path = said.path;
      for (const connection of said.connections) connectionChanged(connection);
      filters.offerNames(Object.keys(said.totals.counts));
      totals.reset(said.seconds, said.totals);
      byId("bodies").hidden = said.showBodies;
      status("live", "live");
      break;
    case "connection":
      connectionChanged(said.connection);
      break;
    case "second":
      filters.offerNames(Object.keys(said.totals.counts));
      totals.add(said.second, said.totals);
      rates(said.second);
      break;
  }
}

function open(frame: ShownFrame): void {
  byId("frame-shown").replaceChildren(...frameView(frame, connections.get(frame.connection)));
  byId("frame-empty").hidden = true;
  tabs.show("frame");
  byId("frame").scrollTop = 0;
  if (tabs.narrow) byId("frame-title").focus();
}

let settled: ReturnType<typeof setTimeout> | undefined;
filters.onChange = (filter) => {
  list.filter(filter);
  clearTimeout(settled);
  settled = setTimeout(() => {
    announce(list.filtered ? `${countText(list.visible.length)} frames fit the filters` : "No filters");
  }, 1000);
};
view.onOpen = open;
view.onFollow = changed;
byId("pause").addEventListener("click", togglePause);
byId("newest").addEventListener("click", () => view.follow());
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  const types = target.closest("input, select, textarea, button, summary, pre, [contenteditable], [role=tab]") !== null;
  if (event.key !== " " || types || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  togglePause();
});
openFeed({
  frames: (frames) => {
    received += frames.length;
    list.add(frames);
  },
  message,
  lost: () => status("lost", "not connected"),
});
changed();
