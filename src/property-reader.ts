/** Readers of properties with certain flags, made as code where the host lets code be made: they make objects that have room for what is there, and nothing else. */
import type { Core } from "./core.js";
import { HEADER_FLAGS, HEADER_LOW, HEADER_WORDS } from "./generated/records.js";
import { Properties, readProperties } from "./generated/properties.js";
import { Codes } from "./made-code.js";
import { unsignedLonglong } from "./longlong.js";
import { string } from "./strings.js";
import { decodedTimestamp } from "./timestamp.js";
import type { Table } from "./types.js";

/** Makes the properties of the record at a word of the tape; the caller has made the header table. */
type PropertyReader = (core: Core, words: Int32Array, at: number, headers: Table | undefined) => Properties;

/** How often certain flags come before code is made for them: making it takes as long as reading some thousands, and programs that end before that do without. */
const OFTEN = 1024;
/** Combinations of flags that code is made for in all. */
const CODES = 32;
const codes = new Codes(CODES);

const met = new Map<number, number | PropertyReader>();
let lastFlags = -1;
let lastReader: PropertyReader = readProperties;

/** What reads properties with these flags. */
export function propertyReader(flags: number): PropertyReader {
  return flags === lastFlags ? lastReader : otherReader(flags);
}

function otherReader(flags: number): PropertyReader {
  let known = met.get(flags) ?? 0;
  if (typeof known === "number") {
    if (known < OFTEN || codes.spent) {
      // Flags of which no more can be made are not counted any further.
      if (met.size < 16384 && known < OFTEN) met.set(flags, known + 1);
      return readProperties;
    }
    known = makeReader(flags) ?? readProperties;
    met.set(flags, known);
  }
  lastFlags = flags;
  return (lastReader = known);
}

const values: Record<string, (slot: number) => string> = {
  deliveryMode: () => `w[at + ${HEADER_FLAGS}] >>> 16 & 255`,
  priority: () => `w[at + ${HEADER_FLAGS}] >>> 24`,
  headers: () => "headers",
  timestamp: (slot) => `r.timestamp(w[at + ${slot}], w[at + ${HEADER_LOW}])`,
};

function makeReader(flags: number): PropertyReader | undefined {
  const present = Properties.attributes
    .map((name, i) => ({ name, i }))
    .filter(({ i }) => (flags & (0x8000 >> i)) !== 0);
  const names = present.map(({ name }) => name).join(", ");
  const given = present.map(({ name, i }) => {
    const slot = HEADER_WORDS + i;
    return values[name]?.(slot) ?? `r.string(core, w[at + ${slot}])`;
  });
  return codes.make<PropertyReader>(
    [
      `function Properties(${names}) { ${present.map(({ name }) => `this.${name} = ${name};`).join(" ")} }`,
      "Properties.prototype = r.prototype;",
      `return function (core, w, at, headers) { return new Properties(${given.join(", ")}); };`,
    ],
    {
      string,
      prototype: Properties.prototype,
      timestamp: (high: number, low: number) => decodedTimestamp(unsignedLonglong(high, low)),
    },
  );
}
