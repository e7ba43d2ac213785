/**
 * The octets of a field table with one field of each of the eighteen types, written by hand: no encoder chooses `B` or `L` by
 * itself. The decimal is positive, because RabbitMQ reads it as unsigned.
 */
const payloads: [type: string, payload: number[]][] = [
  ["t", [1]],
  ["b", [0x80]],
  ["B", [0xff]],
  ["s", [0x80, 0x00]],
  ["u", [0xff, 0xff]],
  ["I", [0x80, 0, 0, 0]],
  ["i", [0xff, 0xff, 0xff, 0xff]],
  ["l", [0x80, 0, 0, 0, 0, 0, 0, 0]],
  ["L", [0x00, 0x20, 0, 0, 0, 0, 0, 0]],
  ["f", [0x3f, 0xc0, 0, 0]],
  ["d", [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18]],
  ["D", [2, 0x00, 0x00, 0x30, 0x39]],
  ["T", [0, 0, 0, 0, 0x65, 0x53, 0xf1, 0x00]],
  ["V", []],
  ["S", [0, 0, 0, 5, 0x61, 0xc3, 0xa9, 0x20, 0x62]],
  ["x", [0, 0, 0, 3, 0x00, 0xff, 0x80]],
  ["A", [0, 0, 0, 6, 0x73, 0x00, 0x07, 0x74, 0x00, 0x56]],
  ["F", [0, 0, 0, 7, 0x03, 0x6b, 0x65, 0x79, 0x75, 0x00, 0x01]],
];

export const fieldTypeLetters = payloads.map(([type]) => type);

/** The fields' octets, without the length in front; the key of each is its type's letter. */
export const everyFieldType = (types: string = fieldTypeLetters.join("")): Uint8Array =>
  Uint8Array.from(
    payloads
      .filter(([type]) => types.includes(type))
      .flatMap(([type, payload]) => [1, type.charCodeAt(0), type.charCodeAt(0), ...payload]),
  );
