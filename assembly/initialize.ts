import { INTERN_OCTETS, placeIntern } from "./intern";
import { takeRegions } from "./memory";
import { placeShapes, SHAPES_OCTETS } from "./shapes";

/** Takes the regions; to be called once. Answers 1, or 0 where the memory cannot grow. */
export function initialize(): u32 {
  const at = takeRegions(INTERN_OCTETS + SHAPES_OCTETS);
  if (at == 0) return 0;
  placeIntern(at);
  placeShapes(at + INTERN_OCTETS);
  return 1;
}
