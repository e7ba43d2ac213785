/** What one writer wrote and had to leave the core's output: because it was full, or because somebody else needed it. */
export class Output {
  #parts: Uint8Array[] = [];
  /** Octets of all parts. */
  octets = 0;

  keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.octets += part.length;
  }

  /** Takes back what stands behind the first so many octets. */
  cut(octets: number): void {
    while (this.octets > octets) {
      const part = this.#parts.pop()!;
      this.octets -= part.length;
      if (this.octets < octets) this.keep(part.slice(0, octets - this.octets));
    }
  }

  /** All parts as one array; they are forgotten. */
  take(): Uint8Array {
    const parts = this.#parts;
    const octets = new Uint8Array(this.octets);
    let at = 0;
    for (const part of parts) {
      octets.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.octets = 0;
    return octets;
  }
}
