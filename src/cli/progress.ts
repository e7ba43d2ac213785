const MIB = 1024 * 1024;
/** Smaller files are done before anybody has read the line. */
const LARGE = 16 * MIB;
const EVERY_MS = 100;

/** A line on standard error that tells how far a large file is, where standard error is a terminal. */
export class Progress {
  readonly #size: number;
  readonly #start = performance.now();
  #last = 0;
  #shown = false;

  constructor(size: number) {
    this.#size = process.stderr.isTTY && size > LARGE ? size : 0;
  }

  at(octets: number): void {
    const now = performance.now();
    if (this.#size === 0 || now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#shown = true;
    const seconds = (now - this.#start) / 1000;
    const mib = (value: number) => (value / MIB).toFixed(0);
    const percent = Math.floor((100 * octets) / this.#size);
    process.stderr.write(
      `\r${percent} %, ${mib(octets)} of ${mib(this.#size)} MiB, ${mib(octets / seconds)} MiB a second\x1b[K`,
    );
  }

  end(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
  }
}
