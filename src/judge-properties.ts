/** What brokers mind in the properties of a content. */
import type { ContentHeader } from "./content.js";
import { currentCore } from "./core.js";
import { DecodeError } from "./errors.js";
import { isNonFinite, listFields } from "./field-list.js";
import type { FieldTable } from "./field-table.js";
import { MAX_DEPTH } from "./generated/limits.js";
import type { RuleName } from "./generated/verdicts.js";
import { unmarshal } from "./marshal.js";
import { factsOf, type Method } from "./methods.js";
import type { DecodeOptions } from "./types.js";

/** Nothing but the broker's own limits: what is too deep or too much for us need not be for it. */
export const LENIENT: DecodeOptions = { frameMax: 0, strict: true, maxDepth: MAX_DEPTH, maxFields: 0xffffffff };

/** Places in a content header frame. */
export const BODY_SIZE = 11;
const FLAGS = 19;
const LETTER_U = 0x55;
/** Most milliseconds that RabbitMQ takes for an expiration. */
const MAX_EXPIRATION = 0xffffffff;

type Breaks = (rule: RuleName) => void;

/** Names the rules that a content header frame breaks: `header` is what was decoded of it, or `error` what is wrong. */
export function judgeProperties(
  header: ContentHeader | undefined,
  error: DecodeError | undefined,
  octets: Uint8Array,
  user: string | undefined,
  breaks: Breaks,
): void {
  let readable = header;
  let wrong = error;
  if (error?.code === "property-flags") {
    // The same without the flag tells whether a second word is there.
    const copy = octets.slice();
    copy[FLAGS + 1]! &= 0xfe;
    [readable, wrong] = headerOf(copy);
    breaks(wrong === undefined || isOfTable(wrong) ? "flags-continued" : "flags-continued-word");
  }
  if (octets.length > FLAGS + 2 && (octets[FLAGS + 1]! & 2) !== 0) breaks("flags-reserved");
  if (wrong !== undefined) wrongProperties(wrong, octets, breaks);
  if (readable !== undefined) properties(readable, octets, user, breaks);
}

function wrongProperties(error: DecodeError, octets: Uint8Array, breaks: Breaks): void {
  const { code, offset } = error;
  if (code === "octets-left") breaks("properties-left");
  else if (isOfTable(error)) {
    if (code !== "field-depth" && code !== "field-count") {
      breaks(octets[offset] === LETTER_U && code === "field-type" ? "header-type-u" : "header-table");
    }
  } else if (code === "value-cut" || code === "string-length" || code === "table-length") breaks("properties");
}

function properties(header: ContentHeader, octets: Uint8Array, user: string | undefined, breaks: Breaks): void {
  const { deliveryMode, expiration, userId } = header.properties;
  if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) breaks("delivery-mode");
  if (expiration !== undefined && !isExpiration(expiration)) breaks("expiration");
  if (user !== undefined && userId !== undefined && userId !== user) breaks("user-id");
  const [again] = headerOf(octets, "exact");
  const table = (again?.properties.headers as FieldTable | undefined)?.octets;
  if (table !== undefined && hasNonFinite(table)) breaks("header-nan");
}

/** Whether a method's tables hold a float that is infinite or not a number: RabbitMQ's decoder has no value for those. */
export function methodHasNonFinite(method: Method, octets: Uint8Array): boolean {
  const { types, attributes } = factsOf(method);
  if (!types.includes("table")) return false;
  const again = unmarshal(octets, { ...LENIENT, tables: "exact" })!.frame as unknown as Record<string, FieldTable>;
  return types.some((type, i) => type === "table" && hasNonFinite(again[attributes[i]!]!.octets));
}

/** On whatever level. */
function hasNonFinite(table: Uint8Array): boolean {
  return listFields(currentCore(), table, 0, table.length, "").some((field) => isNonFinite(field, table));
}

function headerOf(
  octets: Uint8Array,
  tables: "objects" | "exact" = "objects",
): [ContentHeader | undefined, DecodeError | undefined] {
  try {
    return [unmarshal(octets, { ...LENIENT, tables })!.frame as ContentHeader, undefined];
  } catch (error) {
    if (error instanceof DecodeError) return [undefined, error];
    throw error;
  }
}

function isOfTable({ code }: DecodeError): boolean {
  return code.startsWith("field-");
}

function isExpiration(value: string | Uint8Array): boolean {
  return typeof value === "string" && /^(\+?\d+|-0+)$/.test(value) && Number(value) <= MAX_EXPIRATION;
}
