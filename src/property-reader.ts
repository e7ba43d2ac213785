/** Readers of properties with certain flags, made as code where the host lets code be made: they make objects that have room for what is there, and nothing else. */
import type { Core } from "./core.js";
import { Properties, readProperties } from "./generated/properties.js";
import { makeCode } from "./made-code.js";
import { unsignedLonglong } from "./longlong.js";
import { string } from "./strings.js";
import { decodedTimestamp } from "./timestamp.js";
import type { Table } from "./types.js";

/** Makes the properties of a list on the tape: `at` is where its first string or timestamp stands, `scalars` the list's first word, and the caller has made the header table. */
type PropertyReader = (
  core: Core,
  words: Int32Array,
  at: number,
  scalars: number,
  headers: Table | undefined,
) => Properties;

/** How often certain flags come before code is made for them. */
const OFTEN = 24;
/** Combinations of flags that code is made for in all. */
const CODES = 32;

const met = new Map<number, number | PropertyReader>();
let codes = 0;
let lastFlags = -1;
let lastReader: PropertyReader = readProperties;

/** What reads properties with these flags. */
export function propertyReader(flags: number): PropertyReader {
  return flags === lastFlags ? lastReader : otherReader(flags);
}

function otherReader(flags: number): PropertyReader {
  let known = met.get(flags) ?? 0;
  if (typeof known === "number") {
    if (known < OFTEN || codes === CODES) {
      // Flags of which no more can be made are not counted any further.
      if (met.size < 16384 && known < OFTEN) met.set(flags, known + 1);
      return readProperties;
    }
    codes += 1;
    known = makeReader(flags) ?? readProperties;
    met.set(flags, known);
  }
  lastFlags = flags;
  return (lastReader = known);
}

const scalars: Record<string, string> = {
  deliveryMode: "scalars >>> 16 & 255",
  priority: "scalars >>> 24",
  headers: "headers",
};

function makeReader(flags: number): PropertyReader | undefined {
  const present = Properties.attributes.filter((_, i) => (flags & (0x8000 >> i)) !== 0);
  const names = present.join(", ");
  let slot = 0;
  const word = (): string => `w[at + ${slot++}]`;
  const given = present.map(
    (name) =>
      scalars[name] ?? (name === "timestamp" ? `r.timestamp(${word()}, ${word()})` : `r.string(core, ${word()})`),
  );
  return makeCode<PropertyReader>(
    [
      `function Properties(${names}) { ${present.map((name) => `this.${name} = ${name};`).join(" ")} }`,
      "Properties.prototype = r.prototype;",
      `return function (core, w, at, scalars, headers) { return new Properties(${given.join(", ")}); };`,
    ],
    {
      string,
      prototype: Properties.prototype,
      timestamp: (high: number, low: number) => decodedTimestamp(unsignedLonglong(high, low)),
    },
  );
}
