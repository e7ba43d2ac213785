/**
 * A program of its own: gives every claim to everything that takes octets, and prints what the process had most of meanwhile, as the kernel
 * counted it. Memory that is asked for and given back at once is in these figures.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createCodec } from "../../src/index.js";
import { attempt, claims, touched, uses } from "./declared-lengths.js";

/** A figure of /proc/self/status in octets. VmSize and VmPeak count address space, VmRSS and VmHWM what is in use. */
function figure(name: "VmSize" | "VmPeak" | "VmRSS" | "VmHWM"): number {
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))!;
  return 1024 * Number(kibibytes);
}
/** The mark of what is in use goes down to what is; that of the address space cannot be reset. */
const resetResident = (): void => writeFileSync("/proc/self/clear_refs", "5");

const memory = new WebAssembly.Memory({ initial: 1 });
const codec = createCodec({ memory });
const everyClaim = (use: (octets: Uint8Array) => unknown): void => {
  for (const { octets } of claims) attempt(use, octets);
};

// What is made once is there before anything is counted.
for (const { octets } of claims.slice(0, 8)) for (const [, use] of uses) attempt(use, octets);
attempt((octets) => touched(new codec.FrameReader({ frameMax: 0 }).push(octets)), claims[0]!.octets);
const linear = [memory.buffer.byteLength];

// Address space up to the mark that stands already: from here on any more moves it.
const filler = new ArrayBuffer(Math.max(0, figure("VmPeak") - figure("VmSize")));
const blind = figure("VmPeak") - figure("VmSize");

const found = uses.map(([use, run]) => {
  resetResident();
  const [virtual, resident] = [figure("VmPeak"), figure("VmRSS")];
  everyClaim(run);
  return {
    use,
    claims: claims.length,
    virtual: figure("VmPeak") - virtual,
    resident: figure("VmHWM") - resident,
  };
});
everyClaim((octets) => touched(new codec.FrameReader({ frameMax: 0 }).push(octets)));
everyClaim((octets) => touched(new codec.MessageReader({ frameMax: 0, streamBodies: true }).push(octets)));
linear.push(memory.buffer.byteLength);

resetResident();
const before = [figure("VmPeak"), figure("VmRSS")] as const;
void new Uint8Array(2 ** 31 - 1).length;
const virtual = figure("VmPeak") - before[0];
void new Uint8Array(64 * 1024 * 1024).fill(1).length;
const resident = figure("VmHWM") - before[1];

const control = { virtual, resident };
console.log(JSON.stringify({ blind: filler.byteLength >= 0 ? blind : 0, uses: found, linear, control }));
