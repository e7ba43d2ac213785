/** How messages are put together: options, and what they make of the answers. */
import type { ContentBody } from "./content-body.js";
import type { ContentHeader } from "./content.js";
import { EncodeError, type DecodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import type { FrameReaderOptions } from "./frame-reader.js";
import { CONTENT_PROFILES } from "./generated/content-profiles.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";
import type { ContentMethod, Message } from "./message.js";
import type { BodyPart, MessageStart } from "./streamed-content.js";

/** Whose rules say what content in the wrong place costs. */
export type ContentProfile = keyof typeof CONTENT_PROFILES;

/** How messages are put together. */
export interface MessageReaderOptions extends FrameReaderOptions {
  /** Largest content in octets, checked when its header arrives, before any octet of a body: 0 to 9007199254740991. Defaults to 536870912 (512 MiB), RabbitMQ's own limit. */
  maxBodySize?: number;
  /** On how many channels there may be messages at once of which the rest is still to come, 1 to 65535; one more is an error of the connection. Defaults to 65535. */
  maxChannels?: number;
  /**
   * Whose rules say what it costs when a frame of content stands where it may not, a body is longer than announced, or content is over `maxBodySize`. `"standard"`: connection 505, connection 501,
   * channel 311. `"rabbitmq"`, the default: connection 505, 501, 501. `"lavinmq"`: channel 505, 505, 406.
   */
  profile?: ContentProfile;
  /**
   * Called for an error that costs a channel alone, before `push` answers; what it throws, `push` throws. `error.toClose()` is the `Channel.Close` to send. The reader goes on with the other channels, and
   * drops what comes on this one until its close-ok has come. Where this is not given, such an error ends the stream as any other does.
   */
  onChannelError?: (error: DecodeError) => void;
  /**
   * Whether content is handed out as it comes, as a `MessageStart` and `BodyPart`s, and not held until all of it is there: all content, or content of at least so many octets (0 to 9007199254740991). No more of it
   * is held than one frame. Defaults to false.
   */
  streamBodies?: boolean | number;
}

/** Frames that carry no content, and whole messages. */
export type MessageOrFrame = Exclude<Frame, ContentMethod | ContentHeader | ContentBody> | Message;

/** What a reader with these options answers: `MessageStart` and `BodyPart` only where it was told `streamBodies`. */
export type MessageItem<O extends MessageReaderOptions> = O extends { streamBodies: true | number }
  ? MessageOrFrame | MessageStart | BodyPart
  : MessageOrFrame;

const DEFAULT_MAX_BODY_SIZE = 536_870_912;
const MOST_CHANNELS = 0xffff;
/** Options with all defaults in place. */
export interface MessageSettings {
  readonly maxBodySize: number;
  readonly maxChannels: number;
  readonly profile: (typeof CONTENT_PROFILES)[ContentProfile];
  readonly onChannelError: ((error: DecodeError) => void) | undefined;
  /** From this size on content is streamed. */
  readonly streamed: number;
}

/** Checks options and fills in defaults; what is not ours is for the reader of frames. @throws EncodeError that names the option and its range. */
export function messageSettings(given: MessageReaderOptions = {}): MessageSettings & { options: FrameReaderOptions } {
  const {
    maxBodySize = DEFAULT_MAX_BODY_SIZE,
    maxChannels = MOST_CHANNELS,
    profile = "rabbitmq",
    onChannelError,
    streamBodies = false,
    ...options
  } = given;
  if (!Object.hasOwn(CONTENT_PROFILES, profile)) {
    const names = Object.keys(CONTENT_PROFILES).join(", ");
    throw new EncodeError(`one of ${names} required, received ${kind(profile)}`, "profile");
  }
  return {
    maxBodySize: optionInRange("maxBodySize", maxBodySize, 0, Number.MAX_SAFE_INTEGER),
    maxChannels: optionInRange("maxChannels", maxChannels, 1, MOST_CHANNELS),
    profile: CONTENT_PROFILES[profile],
    onChannelError,
    streamed: streamedFrom(streamBodies),
    options,
  };
}

function streamedFrom(streamBodies: boolean | number): number {
  if (typeof streamBodies !== "boolean") return optionInRange("streamBodies", streamBodies, 0, Number.MAX_SAFE_INTEGER);
  return streamBodies ? 0 : Infinity;
}
