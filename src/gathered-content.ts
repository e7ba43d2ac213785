import type { ContentView } from "./content-view.js";
import { copy } from "./copy.js";
import { DecodeError } from "./errors.js";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { ENVELOPE } from "./limits.js";
import type { MessagePlaces } from "./stored-message.js";

/** First room for a message; it grows with what arrives, never from a length that a peer declared. */
const FIRST_ROOM = 1024;

/** The frames of one content that does not stand in one piece, as they arrive. */
export class GatheredContent implements MessagePlaces {
  readonly origin: number;
  readonly ids: number;
  headerShift = 0;
  messageHeader = -1;
  bodyFrame = -1;
  /** What is to be done with the message once it is whole. */
  readonly actions: ((message: ContentView) => void)[] = [];
  octets: Uint8Array;
  /** How many of them there are. */
  length = 0;
  #left = 0;
  readonly #maxBodySize: number;
  readonly #name: string;

  /** Begins with the method that stands under the view. `room` is an array that nobody else uses meanwhile. */
  constructor(view: ContentView, maxBodySize: number, room: Uint8Array = new Uint8Array(FIRST_ROOM)) {
    this.octets = room;
    this.origin = view.offset;
    this.ids = view.ids;
    this.#maxBodySize = maxBodySize;
    this.#name = view.name;
    if (view.channel === 0) throw unexpected(view, "content travels on channels from 1 on");
    this.#add(view, view.at, view.at + ENVELOPE + view.size);
  }

  /** Takes the frame under the view; answers whether it was the last. @throws DecodeError where it may not stand here. */
  take(view: ContentView): boolean {
    const { type, size, at } = view;
    if (type === FRAME_HEADER) {
      if (this.messageHeader >= 0) throw unexpected(view, "the content has a header already");
      view.check();
      const bodySize = view.bodySize!;
      if (bodySize > this.#maxBodySize) {
        const message = `content of ${bodySize} octets is over the limit of ${this.#maxBodySize}`;
        throw contentFault(view, "body-size", 501, message);
      }
      this.messageHeader = this.length;
      this.headerShift = view.offset - this.origin - this.length;
      this.#add(view, at, at + ENVELOPE + size);
      if (bodySize === 0) return true;
      this.#left = Number(bodySize);
      this.bodyFrame = this.length;
      this.#addHead(view.channel);
      return false;
    }
    if (type !== FRAME_BODY) throw unexpected(view, `the content of ${this.#name} is not complete`);
    if (this.messageHeader < 0) throw unexpected(view, "no content header came before it");
    if (size > this.#left) {
      throw contentFault(view, "body-size", 501, `content body of ${size} octets where ${this.#left} are left`);
    }
    this.#add(view, at + FRAME_HEADER_SIZE, at + FRAME_HEADER_SIZE + size);
    this.#left -= size;
    if (this.#left > 0) return false;
    this.#reserve(1);
    this.octets[this.length++] = FRAME_END;
    return true;
  }

  #add(view: ContentView, from: number, to: number): void {
    this.#reserve(to - from);
    const { length } = this;
    copy(this.octets, length, view.held, from, to - from);
    this.length = length + to - from;
  }

  /** The head of the one frame that the body becomes here. */
  #addHead(channel: number): void {
    this.#reserve(FRAME_HEADER_SIZE);
    const { octets, length: at } = this;
    const size = this.#left % 0x100000000;
    octets[at] = FRAME_BODY;
    octets[at + 1] = channel >>> 8;
    octets[at + 2] = channel;
    octets[at + 3] = size >>> 24;
    octets[at + 4] = size >>> 16;
    octets[at + 5] = size >>> 8;
    octets[at + 6] = size;
    this.length = at + FRAME_HEADER_SIZE;
  }

  #reserve(octets: number): void {
    const wanted = this.length + octets;
    if (wanted <= this.octets.length) return;
    // Doubled, but not past the end that the header told of; at the end all of it has arrived.
    const end = this.length + this.#left + ENVELOPE;
    const room = new Uint8Array(Math.max(wanted, this.#left > 0 ? Math.min(end, 2 * wanted) : 2 * wanted));
    room.set(this.octets.subarray(0, this.length));
    this.octets = room;
  }
}

/** A frame that may not stand where it does. */
export function unexpected(view: ContentView, why: string): DecodeError {
  return contentFault(view, "unexpected-frame", 505, `unexpected ${view.name}: ${why}`);
}

function contentFault(view: ContentView, code: string, replyCode: number, message: string): DecodeError {
  const { channel, offset } = view;
  const ids = view.ids === 0 ? 60 << 16 : view.ids;
  return new DecodeError({ code, message, replyCode, channel, classId: ids >>> 16, methodId: ids & 0xffff, offset });
}
