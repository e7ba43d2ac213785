/** Facts beside the protocol's table, as the face's constants: how connections begin. */
import { httpMethods, protocolHeaders, proxyProtocol, tlsRecord } from "./preambles.js";

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

export function factFiles() {
  return { "preambles.ts": { source: "spec/preambles.js", text: preamblesFile() } };
}
