import { FieldTable } from "amqp-wasm";
import { asKey, type Name } from "./routing-key.js";

/** Mechanisms that the broker offers, as `Connection.Start` lists them. */
export const MECHANISMS = "PLAIN AMQPLAIN";

/** What a client says who it is. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What a response says; `undefined` where it cannot be read. The mechanism is one of `MECHANISMS`. */
export function credentialsOf(mechanism: string, response: Name): Credentials | undefined {
  return mechanism === "PLAIN" ? plain(response) : amqplain(response);
}

/** An authorization identity that is not looked at, user and password, with a zero octet before each of the two (RFC 4616). */
function plain(response: Name): Credentials | undefined {
  const [, user, password, ...more] = asKey(response).split("\0");
  return user === undefined || password === undefined || more.length > 0 ? undefined : { user, password };
}

/** The fields LOGIN and PASSWORD of a table without its length. */
function amqplain(response: Name): Credentials | undefined {
  const octets = typeof response === "string" ? new TextEncoder().encode(response) : response;
  const table = new FieldTable(octets);
  try {
    const [user, password] = [table.get("LOGIN"), table.get("PASSWORD")];
    return typeof user === "string" && typeof password === "string" ? { user, password } : undefined;
  } catch {
    return undefined;
  }
}
