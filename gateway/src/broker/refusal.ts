import { REPLY_CODES } from "amqp-wasm";

/** A close method takes a short string: 255 octets. */
const LONGEST_TEXT = 255;

/** Something that the broker does not do for a client: it closes the channel, or the connection where it is hard. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Number of the standard: 311 to 541. */
  readonly replyCode: number;
  /** Whether the connection is closed, not the channel alone. */
  readonly hard: boolean;

  constructor(replyCode: number, text: string, hard?: boolean) {
    const row = REPLY_CODES.find(({ code }) => code === replyCode);
    super(shortened(`${row?.name ?? String(replyCode)} - ${text}`));
    this.replyCode = replyCode;
    this.hard = hard ?? row?.hard ?? true;
  }
}

/** A text that fits into a short string, cut with an ellipsis as RabbitMQ does. */
function shortened(text: string): string {
  const octets = new TextEncoder().encode(text);
  if (octets.length <= LONGEST_TEXT) return text;
  let end = LONGEST_TEXT - 3;
  // Not within a character: its later octets begin with the bits 10.
  while ((octets[end]! & 0xc0) === 0x80) end -= 1;
  return `${new TextDecoder().decode(octets.subarray(0, end))}...`;
}

export const accessRefused = (text: string, hard = false): Refusal => new Refusal(403, text, hard);
export const notFound = (text: string): Refusal => new Refusal(404, text);
export const resourceLocked = (text: string): Refusal => new Refusal(405, text);
export const preconditionFailed = (text: string): Refusal => new Refusal(406, text);
export const commandInvalid = (text: string): Refusal => new Refusal(503, text);
export const channelError = (text: string): Refusal => new Refusal(504, text);
export const notAllowed = (text: string): Refusal => new Refusal(530, text);
export const notImplemented = (text: string): Refusal => new Refusal(540, text);
