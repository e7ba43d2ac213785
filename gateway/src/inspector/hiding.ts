/** What a page may not see is taken out before anything is sent. */
import { Connection, FRAME_BODY, FRAME_HEADER_SIZE, FRAME_METHOD } from "amqp-wasm";
import type { TapConnection, TapFrame } from "../frame-tap.js";
import { annotate } from "./annotate.js";
import type { ShownFrame } from "./batch.js";
import { PAGE_PRODUCT, type ShownConnection } from "./messages.js";

const HIDDEN_SECRET = new TextEncoder().encode("[hidden]");
const withSecret = [Connection.StartOk, Connection.Secure, Connection.SecureOk, Connection.UpdateSecret];
const METHOD_ID = FRAME_HEADER_SIZE;
const LENGTH = 4;

/** A frame as the page with this key may see it. */
export function shownFrame(frame: TapFrame, key: string, showBodies: boolean): ShownFrame {
  const { number, time, connection, direction, size, own, error } = frame;
  const hidden = error === undefined && frame.octets[0] === FRAME_BODY && !showBodies && !belongsTo(connection, key);
  const refused =
    error === undefined ? undefined : { code: error.code, message: error.message, replyCode: error.replyCode };
  return {
    number,
    time,
    connection: connection.id,
    direction,
    size,
    octets: hidden ? frame.octets.subarray(0, FRAME_HEADER_SIZE) : frame.octets,
    own: own ?? false,
    hidden,
    ...(refused === undefined ? {} : { error: refused }),
  };
}

export function shownConnection(connection: TapConnection, key: string): ShownConnection {
  const { product, ...rest } = connection;
  const mine = belongsTo(connection, key);
  if (product === undefined) return { ...rest, mine };
  return { ...rest, mine, product: product.startsWith(PAGE_PRODUCT) ? PAGE_PRODUCT : product };
}

/** Whether the connection was made by the page that got this key. */
export function belongsTo({ product }: TapConnection, key: string): boolean {
  return product === `${PAGE_PRODUCT} ${key}`;
}

/**
 * Takes secrets and keys of pages out of a frame, for everybody: their place is taken by a text of one length, so that not even the length of a password is told. Answers the
 * octets themselves where there is nothing to hide.
 */
export function withoutSecrets(octets: Uint8Array): Uint8Array {
  if (octets[0] !== FRAME_METHOD || octets.length < METHOD_ID + LENGTH) return octets;
  const index = new DataView(octets.buffer, octets.byteOffset).getUint32(METHOD_ID);
  const command = withSecret.find((known) => known.index === index);
  if (command === undefined) return octets;
  const fields = annotate(octets);
  const key = fields
    .find(({ label }) => label === "clientProperties")
    ?.parts?.find(({ label, value }) => label === "product" && value === PAGE_PRODUCT);
  const version = fields
    .find(({ label }) => label === "clientProperties")
    ?.parts?.find(({ label }) => label === "version");
  let shown = octets;
  if (key !== undefined && version !== undefined) {
    shown = new Uint8Array(octets);
    const value = version.parts!.at(-1)!;
    shown.fill(0x2a, value.start + LENGTH, value.end);
  }
  const name = command.secrets[0] ?? command.attributes[0];
  const secret = fields.find(({ label, type, wrong }) => label === name && type === "longstr" && wrong !== true);
  // Octets that cannot be read cannot be told from a secret.
  if (secret === undefined) return octets.slice(0, METHOD_ID + LENGTH);
  return replaced(shown, secret.start, secret.end);
}

/** The frame with another long string in this place, and the size that it has then. */
function replaced(octets: Uint8Array, start: number, end: number): Uint8Array {
  const result = new Uint8Array(octets.length - (end - start) + LENGTH + HIDDEN_SECRET.length);
  const view = new DataView(result.buffer);
  result.set(octets.subarray(0, start));
  view.setUint32(start, HIDDEN_SECRET.length);
  result.set(HIDDEN_SECRET, start + LENGTH);
  result.set(octets.subarray(end), start + LENGTH + HIDDEN_SECRET.length);
  view.setUint32(3, result.length - FRAME_HEADER_SIZE - 1);
  return result;
}
