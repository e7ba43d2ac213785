/** Facts beside the protocol's table, as the face's constants: how connections begin, and what brokers do with wrong frames. */
import { httpMethods, protocolHeaders, proxyProtocol, tlsRecord } from "./preambles.js";
import { contentProfiles, peers, rules, takenVersions } from "./verdicts.js";

const quote = (value) => JSON.stringify(value);
const constant = (name, value) => `export const ${name} = ${quote(value)} as const;\n`;

function preamblesFile() {
  const rows = protocolHeaders.map(
    ({ version, layer = "amqp", octets }) =>
      `  { version: ${quote(version)}, layer: ${quote(layer)}, octets: ${quote(octets)} },\n`,
  );
  return (
    `/** Versions of AMQP by the four octets behind "AMQP". */\nexport const PROTOCOL_HEADERS = [\n${rows.join("")}] as const;\n` +
    constant("TLS_RECORD", tlsRecord) +
    constant("HTTP_METHODS", httpMethods) +
    constant("PROXY_V1", proxyProtocol.v1) +
    constant("PROXY_V2", proxyProtocol.v2)
  );
}

function verdictsFile() {
  const peerRows = peers.map(
    (facts) => `  ${quote(facts.name)}: ${quote({ ...facts, versions: takenVersions[facts.name] })},\n`,
  );
  const sources = new Map(peers.map(({ name, source }) => [name, source]));
  // As text, which costs a program that judges nothing least: objects would be made at its start.
  const ruleRows = rules.map(({ rule, text, verdicts }) => {
    const shown = peers.map(({ name }) => {
      if (verdicts[name] === undefined) return "";
      const { level, code, source = sources.get(name) } = verdicts[name];
      return `${level} ${code} ${source}`;
    });
    return `  ${quote([rule, text, ...shown].join("|"))},\n`;
  });
  return (
    `/** Brokers that frames can be judged for. */\nexport const PEERS = {\n${peerRows.join("")}} as const;\n\n` +
    `/** Names of the rules. */\nexport type RuleName =\n${rules.map(({ rule }) => `  | ${quote(rule)}`).join("\n")};\n\n` +
    `/** The rules: name, words, and what each of the brokers does with what breaks them, in their order; nothing where that is not known. */\nexport const RULES: readonly string[] = [\n${ruleRows.join("")}];\n`
  );
}

function profilesFile() {
  const rows = Object.entries(contentProfiles).map(([name, row]) => `  ${name}: ${quote(row)},\n`);
  return `/** What content in the wrong place costs, by whose rules a reader goes. */\nexport const CONTENT_PROFILES = {\n${rows.join("")}} as const;\n`;
}

function directionsFile(classes) {
  const names = classes.flatMap(({ methods }) => methods.filter(({ from }) => from === "server"));
  return `/** Names of the methods that servers send and clients do not. */\nexport const METHODS_OF_SERVER: readonly string[] = [\n${names.map(({ title }) => `  ${quote(title)},\n`).join("")}];\n`;
}

/** The verdicts as a table in Markdown, for docs/verdicts.md. */
export function verdictsTable() {
  const shown = ({ level, code }) => {
    if (level === "none") return "accepted";
    return level === "abrupt" ? "dropped" : `${level} ${code}`;
  };
  const head = ["rule", "what is wrong", ...peers.map(({ title }) => title)];
  const rows = rules.map(({ rule, text, verdicts }) => [
    `\`${rule}\``,
    text,
    ...peers.map(({ name, source: usual }) => {
      const verdict = verdicts[name];
      if (verdict === undefined) return "";
      return shown(verdict) + ((verdict.source ?? usual) === "measured" ? " ●" : "");
    }),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

export function factFiles(classes) {
  return {
    "directions.ts": { source: "spec/amqp.js", text: directionsFile(classes) },
    "content-profiles.ts": { source: "spec/verdicts.js", text: profilesFile() },
    "verdicts.ts": { source: "spec/verdicts.js", text: verdictsFile() },
    "preambles.ts": { source: "spec/preambles.js", text: preamblesFile() },
  };
}
