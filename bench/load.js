/** The candidates: ours first, then those that are there. One that is not installed, or cannot run in this engine, is named with the reason. */

export const OURS = "amqp-wasm";
const others = ["pure-js", "amqplib", "cloudamqp", "rabbitmq-client"];

/** `{ candidates, absent: [{ name, reason }] }`; `only` is a pattern that the names have to match. */
export async function load(only = /(?:)/) {
  const candidates = [];
  const absent = [];
  for (const name of [OURS, ...others, "floors"]) {
    try {
      const { default: found } = await import(`./candidates/${name}.js`);
      const named = [found].flat().filter((candidate) => only.test(candidate.name));
      candidates.push(...named.map((candidate) => ({ ...candidate, file: name })));
    } catch (error) {
      // A mistake in a candidate is no reason to leave it out.
      if (name === OURS || !isAbsent(error)) throw error;
      if (only.test(name)) absent.push({ name, reason: reasonOf(error) });
    }
  }
  return { candidates, absent };
}

const inBrowser = "document" in globalThis;
const isAbsent = ({ code, message }) =>
  /MODULE_NOT_FOUND/.test(code) || (inBrowser && /fetch|resolve|is not defined/.test(message));

function reasonOf({ message }) {
  if (inBrowser) return `does not load in a browser: ${message.split(/\n|: http/)[0]}`;
  const [, wanted] = /'([^']+)'/.exec(message) ?? [];
  return /bench.candidates/.test(wanted)
    ? "not written yet"
    : `${wanted} is not installed: npm ci --prefix bench/rivals`;
}
