/** The keys of a shape as octets that are kept, in the order that they go out in. */
import { SURELY_SHORT, type CommandTape } from "./command-tape.js";
import type { Shape } from "./shape.js";
import { writeText } from "./strings.js";
import { inOrder } from "./table-keys.js";

/** Keeps them; answers whether they are. */
export function keepKeys(shape: Shape, { core, kept }: CommandTape, sorted: boolean): boolean {
  const { keys } = shape;
  if (shape.address < 0 || keys.includes("constructor")) return false;
  shape.address = -1;
  const ordered = sorted ? inOrder(keys) : keys;
  let most = 4;
  for (const key of keys) {
    if (key.length > SURELY_SHORT || !key.isWellFormed()) return false;
    most += 1 + 3 * key.length;
  }
  const address = kept.room(most);
  if (address === 0) {
    shape.address = 0;
    return false;
  }
  core.words[address >>> 2] = keys.length;
  let at = address + 4;
  for (const key of ordered) {
    const octets = writeText(core, key, at + 1);
    core.octets[at] = octets;
    at += 1 + octets;
  }
  shape.order(ordered);
  shape.octets = at - address - 4 + keys.length + 4;
  shape.address = address;
  return true;
}
