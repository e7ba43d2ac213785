/**
 * How connections begin that reach an AMQP port: the first octets by which a protocol is told. Written from section 4.2.2 of the AMQP 0-9-1 specification, the protocol headers of
 * the specifications of AMQP 0-8, 0-9, 0-10 and 1.0 (of 1.0 also sections 5.2.1 and 5.3.2: TLS and SASL), RFC 8446 (TLS records), RFC 9110 and 9113 (HTTP) and the PROXY protocol's
 * specification (versions 1 and 2).
 */

/**
 * The four octets behind "AMQP". 0-8 has two: the one of its text and the one that its clients send. Of 1.0 the first octet tells what follows: AMQP itself, a TLS handshake, a SASL
 * exchange.
 */
export const protocolHeaders = [
  { version: "0-9-1", octets: [0, 0, 9, 1] },
  { version: "0-9", octets: [1, 1, 0, 9] },
  { version: "0-8", octets: [1, 1, 8, 0] },
  { version: "0-8", octets: [1, 1, 9, 1] },
  { version: "0-10", octets: [1, 1, 0, 10] },
  { version: "1.0", octets: [0, 1, 0, 0] },
  { version: "1.0", layer: "tls", octets: [2, 1, 0, 0] },
  { version: "1.0", layer: "sasl", octets: [3, 1, 0, 0] },
];

/** A TLS record of type handshake (22) of version 3.x, whose first message is a client hello (1): the octets at 0, 1 and 5. */
export const tlsRecord = { handshake: 22, major: 3, clientHello: 1, octets: 6 };

/** Request methods as they begin a line; the last one is HTTP/2's preface. */
export const httpMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"];

export const proxyProtocol = {
  /** A line that ends with CR LF, 107 octets at most. */
  v1: { begins: "PROXY ", maxOctets: 107 },
  /** Twelve octets, version and command, family, and a short with the length of what follows. */
  v2: { begins: [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a], headOctets: 16 },
};
