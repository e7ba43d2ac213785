/** A field's value straight from the octets. */
import { Decimal } from "./decimal.js";
import { longString } from "./field.js";
import { freshText, internedText } from "./interned-texts.js";
import { signedLonglong, unsignedLonglong } from "./longlong.js";
import { decodedTimestamp } from "./timestamp.js";
import type { FieldValue } from "./types.js";

/** The value that stands at `at`, of a type that is no container and is known. */
export function scalarAt(held: Uint8Array, view: DataView, type: number, at: number): FieldValue {
  switch (type) {
    case 0x53: {
      const length = view.getUint32(at);
      const text = length > 255 ? freshText(held, view, at + 4, length) : internedText(held, view, at + 4, length);
      return typeof text === "string" ? text : longString(text);
    }
    case 0x74: // t
      return view.getUint8(at) !== 0;
    case 0x62: // b
      return view.getInt8(at);
    case 0x42: // B
      return view.getUint8(at);
    case 0x73: // s
      return view.getInt16(at);
    case 0x75: // u
      return view.getUint16(at);
    case 0x49: // I
      return view.getInt32(at);
    case 0x69: // i
      return view.getUint32(at);
    case 0x6c: // l
    case 0x4c: // L
      return signedLonglong(view.getInt32(at), view.getInt32(at + 4));
    case 0x54: // T
      return decodedTimestamp(unsignedLonglong(view.getInt32(at), view.getInt32(at + 4)));
    case 0x56: // V
      return null;
    case 0x64: // d
      return view.getFloat64(at);
    case 0x66: // f
      return view.getFloat32(at);
    case 0x44: // D
      return new Decimal({ scale: view.getUint8(at), unscaled: view.getInt32(at + 1) });
    default: // x
      return held.slice(at + 4, at + 4 + view.getUint32(at));
  }
}
