/** Whether a candidate made what the corpus describes. Nothing is timed before this was asked. */

const isOctets = (value) => value instanceof Uint8Array;
const isObject = (value) => typeof value === "object" && value !== null;
const step = (key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

function octetsDiffer(expected, actual) {
  if (!isOctets(expected) || !isOctets(actual)) return { path: "", expected, actual };
  if (expected.length !== actual.length) return { path: ".length", expected: expected.length, actual: actual.length };
  const at = expected.findIndex((octet, i) => octet !== actual[i]);
  return at < 0 ? undefined : { path: `[${at}]`, expected: expected[at], actual: actual[at] };
}

/** Where two values first differ: `{ path, expected, actual }`. What is undefined counts as absent, a bigint as the number that it is, a Buffer as its octets. */
export function firstDifference(expected, actual) {
  if (isOctets(expected) || isOctets(actual)) return octetsDiffer(expected, actual);
  if (!isObject(expected) || !isObject(actual)) {
    const same =
      typeof actual === "bigint"
        ? BigInt(Number(actual)) === actual && Number(actual) === expected
        : Object.is(expected, actual);
    return same ? undefined : { path: "", expected, actual };
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return { path: "", expected, actual };
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = firstDifference(expected[key], actual[key]);
    if (found !== undefined) return { ...found, path: (Array.isArray(expected) ? `[${key}]` : step(key)) + found.path };
  }
  return undefined;
}

function shown(value) {
  if (isOctets(value)) return `${value.length} octets`;
  return JSON.stringify(value, (key, inner) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? String(value);
}

/**
 * @type {(expected: unknown[], actual: unknown[], candidate: string, row: string) => void}
 * @throws Error that names the candidate, the row, the message and the path of the first difference.
 */
export function assertSame(expected, actual, candidate, row) {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const found = firstDifference(expected[i], actual[i]);
    if (found === undefined) continue;
    const where = `${candidate}, row "${row}", message ${i}${found.path && `, ${found.path.replace(/^\./, "")}`}`;
    throw new Error(`${where}: ${shown(found.expected)} expected, ${shown(found.actual)} received`);
  }
}
