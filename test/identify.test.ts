/** The first octets of connections. */
import { describe, expect, test } from "vitest";
import { identify, marshal, ProtocolHeader, Connection, type Identity } from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { concat, octetsOf } from "./support/octets.js";
import { ascii, encodeErrorOf, integer } from "./support/wire.js";

const amqp = (...octets: number[]): Uint8Array => concat([ascii("AMQP"), Uint8Array.from(octets)]);
const v2 = (length: number): Uint8Array =>
  concat([octetsOf("0d0a0d0a000d0a515549540a2111"), integer(length, 2), new Uint8Array(length)]);
const hello = octetsOf("160301020001");

const known: Array<[what: string, octets: Uint8Array, expected: Identity]> = [
  ["0-9-1", amqp(0, 0, 9, 1), { protocol: "amqp", version: "0-9-1", layer: "amqp", header: [0, 0, 9, 1], octets: 8 }],
  ["0-9", amqp(1, 1, 0, 9), { protocol: "amqp", version: "0-9", layer: "amqp", header: [1, 1, 0, 9], octets: 8 }],
  ["0-8", amqp(1, 1, 8, 0), { protocol: "amqp", version: "0-8", layer: "amqp", header: [1, 1, 8, 0], octets: 8 }],
  [
    "0-8 as its text has it",
    amqp(1, 1, 9, 1),
    { protocol: "amqp", version: "0-8", layer: "amqp", header: [1, 1, 9, 1], octets: 8 },
  ],
  ["0-10", amqp(1, 1, 0, 10), { protocol: "amqp", version: "0-10", layer: "amqp", header: [1, 1, 0, 10], octets: 8 }],
  ["1.0", amqp(0, 1, 0, 0), { protocol: "amqp", version: "1.0", layer: "amqp", header: [0, 1, 0, 0], octets: 8 }],
  ["1.0 in TLS", amqp(2, 1, 0, 0), { protocol: "amqp", version: "1.0", layer: "tls", header: [2, 1, 0, 0], octets: 8 }],
  [
    "1.0 with SASL",
    amqp(3, 1, 0, 0),
    { protocol: "amqp", version: "1.0", layer: "sasl", header: [3, 1, 0, 0], octets: 8 },
  ],
  [
    "no version that there is",
    amqp(9, 9, 9, 9),
    { protocol: "amqp", version: undefined, layer: "amqp", header: [9, 9, 9, 9], octets: 8 },
  ],
  ["TLS", hello, { protocol: "tls", version: "1.0 or later" }],
  ["SSL 3.0", octetsOf("160300020001"), { protocol: "tls", version: "SSL 3.0" }],
  ["HTTP", ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n").subarray(0, 4), { protocol: "http", method: "GET" }],
  ["HTTP, another method", ascii("OPTIONS "), { protocol: "http", method: "OPTIONS" }],
  ["HTTP/2", ascii("PRI "), { protocol: "http", method: "PRI" }],
];

describe("identify", () => {
  test.each(known)("knows %s, also when more follows", (_, octets, expected) => {
    expect(identify(octets)).toEqual(expected);
    expect(identify(concat([octets, new Uint8Array(500).fill(0x41)]))).toEqual(expected);
    expect(identify(Buffer.from(octets) as Uint8Array)).toEqual(expected);
  });

  test.each(known)("%s: every shorter beginning is incomplete", (_, octets) => {
    for (let length = 0; length < octets.length; length++) {
      expect(identify(octets.subarray(0, length)), `${length}`).toEqual({ protocol: "incomplete" });
    }
  });

  test("a PROXY header is known before it is all there, and its length when it is", () => {
    const line = ascii("PROXY TCP4 192.168.0.1 192.168.0.11 56324 5672\r\n");
    for (let length = 0; length < 6; length++) expect(identify(line.subarray(0, length)).protocol).toBe("incomplete");
    for (let length = 6; length < line.length; length++) {
      expect(identify(line.subarray(0, length))).toEqual({ protocol: "proxy", version: 1, octets: undefined });
    }
    const all = concat([line, amqp(0, 0, 9, 1)]);
    expect(identify(all)).toEqual({ protocol: "proxy", version: 1, octets: line.length });
    expect(identify(all.subarray(line.length))).toMatchObject({ protocol: "amqp", version: "0-9-1" });
    expect(identify(ascii(`PROXY ${"x".repeat(99)}\r\n`))).toEqual({ protocol: "proxy", version: 1, octets: 107 });
    expect(identify(ascii(`PROXY ${"x".repeat(100)}\r\n`))).toEqual({ protocol: "unknown" });

    const head = v2(12);
    for (let length = 0; length < 12; length++) expect(identify(head.subarray(0, length)).protocol).toBe("incomplete");
    for (let length = 12; length < 28; length++) {
      expect(identify(head.subarray(0, length))).toEqual({ protocol: "proxy", version: 2, octets: undefined });
    }
    expect(identify(concat([head, hello]))).toEqual({ protocol: "proxy", version: 2, octets: 28 });
    expect(identify(v2(0))).toEqual({ protocol: "proxy", version: 2, octets: 16 });
    expect(identify(v2(0xffff).subarray(0, 16))).toEqual({ protocol: "proxy", version: 2, octets: undefined });
  });

  test.each([
    ["a frame", marshal(new Connection.Start())],
    ["letters that are nearly right", ascii("AMQX0091")],
    ["a word that no method is", ascii("GETS / HTTP/1.1")],
    ["small letters", ascii("get / HTTP/1.1")],
    ["a TLS alert", octetsOf("150301000202")],
    ["a handshake that is no client hello", octetsOf("160303005a02")],
    ["zeros", new Uint8Array(8)],
    ["SSH", ascii("SSH-2.0-OpenSSH_9.2")],
  ])("does not know %s", (_, octets) => {
    expect(identify(octets)).toEqual({ protocol: "unknown" });
  });

  test("takes octets alone", () => {
    expect(encodeErrorOf(() => identify("AMQP" as never)).message).toContain("Uint8Array required");
  });

  test.each(captureNames)("the capture %s begins as AMQP", async (name) => {
    const { c2s } = await loadCapture(name);
    expect(identify(c2s.octets).protocol).toBe("amqp");
    expect(identify(marshal(new ProtocolHeader()))).toMatchObject({ version: "0-9-1" });
  });
});
