/** Names on the wire are octets, mostly of UTF-8. */
export type Name = string | Uint8Array;

/**
 * A name as a string that stands for its octets alone. Octets that are no UTF-8 become lone surrogates, which no decoded string has, so that two different names are never equal.
 */
export function asKey(name: Name): string {
  if (typeof name === "string") return name;
  let key = "";
  for (const octet of name) key += String.fromCharCode(octet < 0x80 ? octet : 0xdc00 + octet);
  return key;
}
