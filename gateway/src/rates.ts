/** What goes through, in a line a second. */
import type { Counters, Traffic } from "./counters.js";
import type { LogFields } from "./log.js";

const units = ["B", "kB", "MB", "GB", "TB"];

/** Octets for people. */
export function size(octets: number): string {
  let unit = 0;
  while (Math.round(octets) >= 1000 && unit < units.length - 1) {
    octets /= 1000;
    unit += 1;
  }
  return `${octets < 9.95 && unit > 0 ? octets.toFixed(1) : Math.round(octets)} ${units[unit]}`;
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Compares with the last time it was asked. */
export class Rates {
  readonly #counters: Counters;
  #up: Traffic;
  #down: Traffic;
  #at: number;

  constructor(counters: Counters, now: number) {
    this.#counters = counters;
    this.#up = { ...counters.up };
    this.#down = { ...counters.down };
    this.#at = now;
  }

  line(now: number): string {
    const { up, down, connections } = this.#counters;
    const seconds = Math.max(0.001, (now - this.#at) / 1000);
    const part = (arrow: string, is: Traffic, was: Traffic): string =>
      `${arrow} ${count((is.messages - was.messages) / seconds)} msg/s ${count((is.frames - was.frames) / seconds)} frames/s ${size((is.octets - was.octets) / seconds)}/s`;
    const line = `${part("up", up, this.#up)}   ${part("down", down, this.#down)}   ${connections} connection${connections === 1 ? "" : "s"}`;
    this.#up = { ...up };
    this.#down = { ...down };
    this.#at = now;
    return line;
  }
}

/** Everything since the start, in three lines. */
export function summary(counters: Counters, seconds: number): string {
  const part = ({ messages, frames, octets }: Traffic): string =>
    `${count(messages)} messages, ${count(frames)} frames, ${size(octets)}`;
  const { up, down, tcp, webSocket, refused, strangers } = counters;
  const wrong = strangers + [...refused.values()].reduce((sum, number) => sum + number, 0);
  return [
    `${seconds.toFixed(1)} s, ${count(tcp + webSocket)} connections (${count(tcp)} TCP, ${count(webSocket)} WebSocket), ${count(wrong)} refused`,
    `up    ${part(up)}`,
    `down  ${part(down)}`,
  ].join("\n");
}

/** The same for machines. */
export function summaryFields({ up, down, tcp, webSocket, strangers, refused }: Counters, seconds: number): LogFields {
  return {
    seconds: Math.round(1000 * seconds) / 1000,
    tcp,
    webSocket,
    strangers,
    refused: [...refused.values()].reduce((sum, number) => sum + number, 0),
    messagesUp: up.messages,
    messagesDown: down.messages,
    framesUp: up.frames,
    framesDown: down.frames,
    octetsUp: up.octets,
    octetsDown: down.octets,
  };
}
