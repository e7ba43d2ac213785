import { INTERN_OCTETS, placeIntern } from "./intern";
import { takeRegions } from "./memory";
import { placeShapes, SHAPES_OCTETS } from "./shapes";
import { PATTERNS_OCTETS, placePatterns } from "./table-patterns";

/** Takes the regions; to be called once. `own`: 1 where nobody else uses the memory. Answers 1, or 0 where the memory cannot grow. */
export function initialize(own: u32): u32 {
  const at = takeRegions(INTERN_OCTETS + SHAPES_OCTETS + PATTERNS_OCTETS, own != 0);
  if (at == 0) return 0;
  placeIntern(at);
  placeShapes(at + INTERN_OCTETS);
  placePatterns(at + INTERN_OCTETS + SHAPES_OCTETS);
  return 1;
}
