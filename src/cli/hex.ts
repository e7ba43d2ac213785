/** Hexadecimal text to octets, in pieces that may be cut anywhere. */
export class HexText {
  #digit: number | undefined;
  #position = 0;

  /** @throws Error that tells the position of what is no hexadecimal digit. */
  push(text: Uint8Array): Uint8Array {
    const octets = new Uint8Array((text.length >> 1) + 1);
    let length = 0;
    for (const code of text) {
      this.#position += 1;
      if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue;
      const digit = value(code);
      if (digit < 0) {
        throw new Error(
          `not a hexadecimal digit: ${JSON.stringify(String.fromCharCode(code))} at character ${this.#position}`,
        );
      }
      if (this.#digit === undefined) {
        this.#digit = digit;
      } else {
        octets[length++] = this.#digit * 16 + digit;
        this.#digit = undefined;
      }
    }
    return octets.subarray(0, length);
  }

  /** @throws Error where half an octet is left. */
  end(): void {
    if (this.#digit !== undefined) throw new Error("the hexadecimal text ends within an octet");
  }
}

function value(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
