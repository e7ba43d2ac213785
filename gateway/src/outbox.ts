/** What goes out to one side: whole frames, none larger than that side takes. */
import { ContentBody, EncodeError, FrameWriter, marshal, type Frame, type FrameCursor } from "amqp-wasm";

const ENVELOPE = 8;
/** Of which so many octets stand before the payload. */
const HEAD = 7;
/** A frame in more parts than this goes out as a copy: each of them costs something of its own. */
const MOST_HELD = 8;

/**
 * Frames that stand beside each other in a chunk and may go on as they are go on as one view of that chunk, and what was cut by chunks as its parts: nothing of them is copied. Bodies that are too
 * large for this side are split, and the pieces filled up: each body frame of a content but the last is as large as it may be, because there are clients that count frames.
 */
export class Outbox {
  /** Whether each piece is one frame. */
  readonly #single: boolean;
  #frameMax: number;
  #writer: FrameWriter | undefined;
  /** By channel: the end of a body that was split, which waits for the next one to fill a frame with. Less than a frame each. */
  readonly #rests = new Map<number, Uint8Array>();
  #pieces: Uint8Array[] = [];
  /** The parts that are there of a frame that is cut, and their octets. */
  readonly #held: Uint8Array[] = [];
  #heldOctets = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  /** Offset of the chunk in its stream. */
  #base = 0;
  /** Part of the chunk that goes on as it is, as far as it is known. */
  #from = 0;
  #to = 0;

  constructor(frameMax: number, single: boolean) {
    this.#frameMax = frameMax;
    this.#single = single;
  }

  /** Largest frame with its envelope, in octets. */
  get frameMax(): number {
    return this.#frameMax;
  }

  set frameMax(octets: number) {
    this.#frameMax = octets;
    if (this.#writer !== undefined) this.#writer.frameMax = octets;
  }

  /** A frame of the gateway's own. Answers its octets. */
  write(frame: Frame): Uint8Array {
    const octets = marshal(frame, 0);
    this.#add(octets);
    return octets;
  }

  /** What `forward` and `body` are given from now on stands in this chunk, or ends there. */
  begin(chunk: Uint8Array, base: number): void {
    this.#chunk = chunk;
    this.#base = base;
    this.#from = this.#to = 0;
  }

  /** The chunk is walked; so many octets of a frame that goes on in the next were there by now. */
  end(pending: number): void {
    const chunk = this.#chunk;
    if (pending <= chunk.length) this.#held.length = this.#heldOctets = 0;
    if (pending === 0 || this.#single) return;
    this.#hold(chunk.subarray(Math.max(0, chunk.length - pending)));
  }

  /** Small parts take far more memory than their octets: where they are many, the last ones are joined as far as they are of about one size, so that each octet is copied a few times at most. */
  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    const held = this.#held;
    held.push(part);
    this.#heldOctets += part.length;
    while (held.length > MOST_HELD) {
      const [one, other] = held.slice(-2) as [Uint8Array, Uint8Array];
      if (one.length > 2 * other.length) break;
      held.splice(-2, 2, joined([one, other]));
    }
  }

  /** The frame under the cursor, other than a body. @throws EncodeError where it is larger than this side takes: it cannot be split. */
  forward(cursor: FrameCursor): void {
    // Content that a closed channel breaks off will not go on.
    if (this.#rests.size > 0 && cursor.channel > 0) this.#rests.delete(cursor.channel);
    const octets = cursor.size + ENVELOPE;
    if (octets > this.#frameMax) {
      throw new EncodeError(`${cursor.name} of ${octets} octets, where the peer takes frames of ${this.#frameMax}`);
    }
    this.#pass(cursor, octets);
  }

  /** The body under the cursor; `last` where it is the last of its content. */
  body(cursor: FrameCursor, last: boolean): void {
    const octets = cursor.size + ENVELOPE;
    if (octets > this.#frameMax || (this.#rests.size > 0 && this.#rests.has(cursor.channel))) this.#split(cursor, last);
    else this.#pass(cursor, octets);
  }

  /** Whether frames may go on together as they are. */
  get takesRuns(): boolean {
    return !this.#single && this.#rests.size === 0;
  }

  /** Whether what goes out here has to be asked of the cursor where a chunk cuts it: elsewhere its parts are held. */
  get needsJoined(): boolean {
    return this.#single;
  }

  /** So many octets of frames that stand in the chunk, from the cursor's on, none larger than this side takes. */
  run(cursor: FrameCursor, octets: number): void {
    this.#pass(cursor, octets);
  }

  #pass(cursor: FrameCursor, octets: number): void {
    const at = cursor.offset - this.#base;
    if (at < 0) this.#cut(cursor, at, octets);
    else if (at === this.#to && !this.#single) this.#to += octets;
    else {
      this.#endRun();
      this.#from = at;
      this.#to = at + octets;
    }
  }

  /** A frame that began before this chunk. */
  #cut(cursor: FrameCursor, at: number, octets: number): void {
    const held = this.#held;
    // It began before there was anybody here to hold its parts, perhaps.
    if (this.#single || this.#heldOctets + at !== 0) this.#add(copyOf(cursor.octets));
    else if (held.length > MOST_HELD) this.#add(this.#whole(at + octets));
    else {
      for (const part of held) this.#add(part);
      this.#from = 0;
      this.#to = at + octets;
    }
  }

  /** The frame that began before this chunk and ends there in it, as a copy. */
  #whole(end: number): Uint8Array {
    return joined([...this.#held, this.#chunk.subarray(0, end)]);
  }

  /** Answers what was gathered since the last time. */
  take(): Uint8Array[] {
    this.#endRun();
    const pieces = this.#pieces;
    if (pieces.length > 0) this.#pieces = [];
    return pieces;
  }

  #endRun(): void {
    const from = this.#from;
    if (from === this.#to) return;
    const { buffer, byteOffset } = this.#chunk;
    this.#pieces.push(new Uint8Array(buffer, byteOffset + from, this.#to - from));
    this.#from = this.#to;
  }

  #add(octets: Uint8Array): void {
    this.#endRun();
    this.#pieces.push(octets);
  }

  #split(cursor: FrameCursor, last: boolean): void {
    const { channel, size } = cursor;
    const rest = this.#rests.get(channel);
    const body = cursor.body ?? this.#whole(cursor.offset - this.#base + size + ENVELOPE).subarray(HEAD, HEAD + size);
    const octets = rest === undefined ? body : joined([rest, body]);
    const most = this.#frameMax - ENVELOPE;
    const end = last ? octets.length : octets.length - (octets.length % most);
    if (end === octets.length) this.#rests.delete(channel);
    else this.#rests.set(channel, copyOf(octets.subarray(end)));
    const writer = (this.#writer ??= new FrameWriter({ frameMax: this.#frameMax }));
    for (let at = 0; at < end; at += most) {
      writer.write(new ContentBody(octets.subarray(at, Math.min(end, at + most))), channel);
      if (this.#single) this.#add(writer.flush());
    }
    if (writer.bytesPending > 0) this.#add(writer.flush());
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** A view that a cursor gives is written over; `slice` of a Buffer is a view, too. */
function copyOf(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets);
}
