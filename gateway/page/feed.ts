/** The page's WebSocket to the gateway: frames and totals, and a new connection where one is lost. */
import { decodeBatch, type ShownFrame } from "../src/inspector/batch.js";
import { INSPECTOR_PATH, type PageMessage } from "../src/inspector/messages.js";

export interface FeedEvents {
  frames(frames: ShownFrame[]): void;
  message(message: PageMessage): void;
  lost(): void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

export function openFeed(events: FeedEvents): void {
  let wait = FIRST_WAIT;
  const open = (): void => {
    const url = new URL(INSPECTOR_PATH, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      wait = FIRST_WAIT;
      if (typeof data === "string") events.message(JSON.parse(data) as PageMessage);
      else events.frames(decodeBatch(new Uint8Array(data)));
    };
    socket.onclose = () => {
      events.lost();
      setTimeout(open, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    };
  };
  open();
}
