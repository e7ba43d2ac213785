let outputs = 0;

/** What one writer wrote and had to leave the core's output: because it was full, or because somebody else needed it. */
export class Output {
  /** From 1 on. */
  readonly id = ++outputs;
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

  /** As `take`, into the caller's array, as much as it holds; answers how many octets those are. */
  takeInto(target: Uint8Array): number {
    const parts = this.#parts;
    let at = 0;
    for (let part = parts[0]; part !== undefined && at < target.length; part = parts[0]) {
      const size = Math.min(part.length, target.length - at);
      target.set(part.subarray(0, size), at);
      at += size;
      if (size === part.length) parts.shift();
      else parts[0] = part.subarray(size);
    }
    this.octets -= at;
    return at;
  }
}
