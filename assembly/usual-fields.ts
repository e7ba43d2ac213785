/** Fields of tables like earlier ones, in one straight loop. It stops at the first that is another, that may be wrong, or that is a container: the general walk takes that. */
import * as Limit from "./generated/limits";
import { integers, layouts } from "./generated/field-types";
import { Wide } from "./intern";
import { Octets } from "./octets";
import { Fixed } from "./fixed-fields";
import { knownNext, Node } from "./shapes";
import { valueReference } from "./strings";
import { Tape } from "./tape";

const LONG_STRING: u32 = 0x53;
const LAYOUT_OCTETS: u32 = 9;
const FIELD: usize = Limit.FIELD_WORDS * 4;

/** Where the last run stopped: in the input, on the tape, in the tree of shapes; and how many fields it took. */
export let usualAt: usize = 0;
export let usualTo: usize = 0;
export let usualShape: u32 = 0;
export let usualCount: u32 = 0;

/** Takes the fields from `p` on, of a table that ends at `stop` and has this shape so far, to the tape at `to`; at most so many. */
export function readUsualFields(p: usize, stop: usize, to: usize, shape: u32, most: u32): void {
  let count: u32 = 0;
  let node = Node.of(shape);
  while (count != most && Tape.hasRoomForField(to)) {
    let next = Node.next(node);
    let field = Node.of(next);
    if (!Node.isAt(field, p, stop)) {
      next = p == stop ? 0 : knownNext(shape, p, stop);
      if (next == 0) break;
      field = Node.of(next);
    }
    const at = p + Node.octets(field);
    if (at == stop) break;
    const left = <u32>(stop - at) - 1;
    const type = Octets.octet(at);
    if (type != Node.type(field)) {
      const layout: u32 = load<u8>(layouts + type);
      if (layout > LAYOUT_OCTETS || (layout == LAYOUT_OCTETS && type != LONG_STRING)) break;
      Node.setType(field, type, layout, load<u8>(integers + type));
    }
    const layout = Node.layout(field);
    if (layout == LAYOUT_OCTETS) {
      if (left < 4) break;
      const octets = Octets.long(at + 1);
      if (octets > left - 4) break;
      const id = load<u32>(Node.value(field));
      store<u64>(to, Node.head(field));
      store<u64>(to, Wide.isInterned(id, at + 5, octets) ? id : valueReference(field, at + 5, octets), 8);
      p = at + 5 + octets;
    } else {
      if (left < layout) break;
      store<u64>(to, Node.head(field));
      const integer = Node.integer(field);
      if (integer != 0) store<u64>(to, Fixed.integer(at + 1, layout, integer), 8);
      else store<u64>(to, Fixed.other(at + 1, layout), 8);
      p = at + 1 + layout;
    }
    to += FIELD;
    count += 1;
    shape = next;
    node = field;
  }
  usualAt = p;
  usualTo = to;
  usualShape = shape;
  usualCount = count;
}
