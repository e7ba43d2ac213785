/**
 * The contract across the border: what a WebAssembly host must know to use `core.wasm` without our TypeScript.
 *
 * The module imports one memory (`env.memory`) and nothing else, exports functions over 32-bit integers, and keeps no reference to
 * its host. It uses the first page of the memory for its constants and state, and takes further pages by growing the memory when
 * `initialize` is called; pages in between are never touched. With `initialize(1)` the pages in between are its own, and where they are enough (`memoryPages` with the first) nothing grows. Everything is little-endian words, as WebAssembly is.
 *
 * Calls go: `initialize(own)` once; `state()` gives the address of the state words below; write octets at INPUT; call one of the
 * `read…` functions; walk the tape. Or: put records of command words at COMMAND and string octets at STRINGS, as many as they hold; call `write`
 * once for all of them; take octets from OUTPUT.
 *
 * A single frame is changed by `patchHeaders`, or by `frameMethod` and `patchArgument`: the frame at INPUT, behind it the names to be deleted as short strings; the fields to be set, encoded, at an
 * address that is handed in; room for all of them and eight octets in the input region. They answer the octets of the result, which stands at POOL, or 0 with the error words set; error 255 asks for `growTape`
 * and the same again. `passRun` checks whole contents and acknowledgements that stand one behind the other, for those who pass them on, and gives them another channel if it is told one. `listProperties` and `listFields` write where properties and fields of a frame stand to the tape, right or wrong.
 */

/** Words of the state block, by index. Addresses are octets. Written by the core, read by the host. */
export const state = [
  "input", // address of the input region
  "input-capacity", // octets it holds; the slack that wide loads may read behind it is not counted
  "tape", // address of the tape
  "tape-capacity", // words
  "pool", // address of the string pool
  "pool-length", // octets used in the pool by the last read
  "command", // address of the command region
  "command-capacity", // words
  "strings", // address of the string region of commands
  "strings-capacity", // octets
  "kept", // address of the region for strings that the host keeps between commands
  "kept-capacity", // octets
  "output", // address of the output region
  "output-capacity", // octets
  "generation", // counts how often the intern table and the shapes were cleared; ids and shapes of another generation are void
  "tape-end", // words written by the last read
  "frames", // frames on the tape of the last read: records, unless flag `runs` was given
  "consumed", // octets of the input that the tape accounts for
  "need", // octets from `consumed` on that the next step wants before a call can get further; 0 when nothing is pending
  "body-pending", // 1 when what stands at `consumed` is a body frame whose head is good and whose payload is not all there
  "error", // error code of the last read or write, 0 for none
  "error-offset", // in the input
  "error-index", // method: argument index; content header: property index; -1 where neither applies
  "error-method", // dense index of the method, -1 where there is none
  "error-class-id", // as it stood on the wire
  "error-method-id",
  "error-channel", // also of the body that is pending
  "error-depth", // how many levels of the table stack were open; see `level`
  "levels", // address of the table stack
  "passing", // address of the region for `forwardRun`
  "output-end", // octets in the output region after the last write
  "run-frames", // frames that the last `passRun` passed by, or the last `publishes`
  "run-contents", // contents among them
  "run-cut", // 1 when it ended because what stood behind was cut
  "run-record", // address of what `deliveries` had no room for
  "run-same", // publishes that the last `publishes` found with exchange and routing key of the one before
];

/**
 * Words of a level of the table stack: where its container ends (address), 1 for an array or 0 for a table, the index of its current field, the address of
 * that field, the address of its head on the tape, the shape so far. After an error the levels that were open give the way to it.
 */
export const level = ["end", "is-array", "index", "field", "head", "shape"];

/** Answers of `read`. */
export const status = [
  "done", // all of the input is on the tape, or the one frame that was asked for
  "more", // the tape is full: take what stands on it, then call again from `consumed`
  "error", // as `done` for what came before; the error words say what is wrong
  "part", // all whole frames of the input are on the tape, and it ends within another: `need` says how much that wants
  "grow", // one frame alone is larger than the tape: call `growTape`, then again
];

/** Flags of `read`. */
export const flags = [
  { name: "first", value: 1 }, // the first octet of the input is the first of the stream: a protocol header may stand there
  { name: "body-end", value: 2 }, // the input begins with the frame-end of a body frame whose payload the host took
  { name: "properties", value: 4 }, // write properties and header tables to the tape, not only where they stand
  { name: "strict", value: 8 }, // a wrong header table is an error of the stream
  { name: "exact", value: 16 }, // check tables but do not write their fields to the tape
  { name: "one", value: 32 }, // stop behind the first frame
  { name: "runs", value: 64 }, // the host takes records that stand for several frames
];

/**
 * Kinds of a tape record, the low octet of its first word; the channel is the high half. Every record goes on with
 * the input offset of its frame and the size of the payload.
 *
 *   method            + dense method index | words of the record << 8, then a word for each argument or run of bits; two for a longlong (high, low)
 *                     and for a table four: input offset of its fields, their octets, number of fields, shape; its fields follow at once
 *                     unless flag `exact` was given
 *   header            + body size (high, low), flags | delivery mode << 16 | priority << 24
 *   properties        as header, + a word for each property in the list's order (void where the flags do not announce it; string reference; high half of the timestamp; in
 *                     place of the delivery mode the flags of strings that are empty, in place of the
 *                     priority the tape index behind the record; 0 for the table), low half of the timestamp, four words for the table: offset of its fields in the payload, their octets,
 *                     1 where its head and fields follow, 2 where it is a known one, 3 where it is one of a pattern and its values follow (its number << 8; with 1 the host must keep what it makes, under that number, until the generation changes
 *                     or the number is given again), code of its error
 *   body              nothing more; the payload starts seven octets behind the frame's offset
 *   body-end          its payload is with the host
 *   heartbeat         nothing more
 *   protocol-header   + its last four octets, most significant first
 *
 * With flag `runs` two records stand for more than one frame:
 *
 *   method            of a Basic.Ack: above the octet of its bits the number of those that follow it, with the same channel and bits, their delivery tags counting up from one below 2147483648
 *   again             deliveries one behind the other on one channel: of each a Basic.Deliver frame, a content header frame of 65535 octets at most and a body frame with all of the content, 32767 octets at most. The first is that of an earlier record but for
 *                     the low half of the delivery tag; with flag `properties`, the second is that of the record behind it. In place of the payload's size: the tape index of that record; then the number of deliveries, and of each
 *                     the low half of the tag, and the octets of the content header's payload with those of the body << 16
 */
export const kinds = [
  { name: "method", value: 1 },
  { name: "header", value: 2 },
  { name: "body", value: 3 },
  { name: "properties", value: 4 },
  { name: "body-end", value: 5 },
  { name: "again", value: 6 },
  { name: "heartbeat", value: 8 },
  { name: "protocol-header", value: 65 },
];

/**
 * A field of a table or array, four words: key (a string reference; 0 in an array); type octet | shape << 8, or | 1 << 8 for an integer; two words of value.
 * Integers: high and low of 64 bits, whatever their type. Boolean: 0 or 1. Float: bits. Double and timestamp: high, low. Decimal: scale, unscaled. Long string: a string reference. Byte array: input offset, octets.
 * Table and array: tape index behind its last field, number of its fields.
 *
 * A string reference is one word: an id of the intern table (top bits 0x), a piece of the pool (10: offset << 8 | octets; ASCII),
 * or a piece of the input (11: bit 29 set where it is no UTF-8, the rest counts two-word entries, offset and octets, down from the tape's end).
 */
export const integerField = 0x100;
export const stringReference = { pool: 0x80000000, direct: 0xc0000000, binary: 0x20000000, directMask: 0x1fffffff };

/**
 * What can be wrong with octets that came in. `offset` is always that of the first octet of the value that is wrong.
 * `reply` is the code that a peer gets where the fault is in a frame or a method, `header` where it is in a content header: RabbitMQ answers the
 * latter with 541.
 */
export const decodeErrors = [
  {
    name: "frame-type",
    reply: 501,
    text: "unknown frame type {octet}, expected 1 (method), 2 (content header), 3 (content body) or 8 (heartbeat)",
    // Read as a frame, "AMQP" 0 0 9 1 has type 65, channel 19793 and a size of 1342177289, a number that RabbitMQ logs.
    protocolHeader: "; a protocol header (AMQP), which may stand at the beginning of a connection alone, begins so",
  },
  { name: "frame-size", reply: 501, text: "frame size {value} is over the limit of {limit} octets" },
  { name: "frame-end", reply: 501, text: "frame-end is {octet}, expected 206" },
  { name: "heartbeat-channel", reply: 505, text: "heartbeat on channel {channel}, expected channel 0" },
  { name: "heartbeat-payload", reply: 501, text: "heartbeat with a payload of {value} octets, expected none" },
  { name: "protocol-header", reply: 501, text: "protocol header does not begin with AMQP" },
  { name: "method-cut", reply: 501, text: "method frame is shorter than its class and method ids" },
  { name: "method-unknown", reply: 540, text: "unknown method {method} of class {class}" },
  { name: "value-cut", reply: 501, header: 541, text: "{path} is cut short" },
  { name: "string-length", reply: 501, header: 541, text: "{path} is longer than what is left of the frame" },
  { name: "string-utf8", reply: 501, text: "{path} is not UTF-8" },
  { name: "table-length", reply: 501, header: 541, text: "{path} is longer than what is left of the frame" },
  { name: "octets-left", reply: 501, header: 541, text: "{value} octets left over" },
  { name: "header-cut", reply: 501, text: "content header is shorter than class id, weight and body size" },
  { name: "header-class", reply: 505, text: "content header of class {class}, expected 60" },
  { name: "header-weight", reply: 505, text: "content header of weight {value}, expected 0" },
  {
    name: "property-flags",
    reply: 501,
    text: "property flags announce a second word, which AMQP 0-9-1 has no properties for",
  },
  { name: "field-name", reply: 541, text: "the name of a field in {path} is longer than what is left of its table" },
  { name: "field-type", reply: 541, text: "{path} has unknown field type {octet}" },
  { name: "field-cut", reply: 541, text: "{path} is cut short" },
  { name: "field-length", reply: 541, text: "{path} is longer than what is left of its container" },
  { name: "field-depth", reply: 506, text: "{path} is nested deeper than {limit} levels" },
  { name: "field-count", reply: 506, text: "{path} has more than {limit} fields" },
  // Of single frames that are to be changed.
  { name: "frame-cut", reply: 501, text: "the frame is not all there" },
  { name: "frame-kind", reply: 501, text: "frame of type {octet}, expected type {limit}" },
];

/**
 * Kinds of a command record, the low octet of its first word; an argument follows in the next octet, the channel is the high half. `write` puts the frames of all records behind one another; the host counts their octets
 * before, so that they find room, and may put payloads in their places meanwhile.
 *
 *   method            dense index of the method; its arguments
 *   arguments         the same without ids and envelope
 *   content           1 where a body frame follows whose payload the host puts in its place; octets of the content header frame, address of a method frame that goes
 *                     before it (its octets, then what stands there but for the channel; 0 for none), body size (high, low), property flags, the values that they announce
 *   layout            of the messages that follow as `laid-out`, in whose channel they are: its address, address of a method frame as above, or the octets of one that its first piece begins with
 *   laid-out          the number of the body's octets in place of a channel, which stand in one frame whose payload the host puts in its place, if there are any; octets of the content header frame, then words for the layout's gaps and holes
 *   laid-alike        as laid-out, of a layout that has neither gaps nor holes; how many such messages follow each other
 *   ack               1 for multiple; delivery tag (low) of the first, and that behind the last: a frame for each
 *   payload           type of the frame; octets of its payload, which the host puts in its place
 *   head              type of the frame; octets of its payload: the seven octets before it alone
 *   end               the frame-end alone
 *   protocol-header   its last four octets, most significant first
 *   value             type of the argument; one value alone. A field is given as an array of one would be
 *
 * Values: octet, short, long, run of bits: a word. Longlong and timestamp: high, low. Short string: address of its length octet, which its octets follow, or the number of its octets, then their address.
 * Long string: address, octets. Table: address of a shape, then two words for each of its fields; or 0 and a container. Array: a container.
 * A container: 0 and the number of its fields, which follow, or address and octets of fields that are encoded already. A field: its key as a short string (0 in an array), type octet, two words of value as on the
 * tape, but strings and byte arrays as long strings, and containers as such.
 * A shape: the number of its keys, then the keys as short strings. Two words of its field: for a text of up to 255 octets the address of its length octet; else type octet << 8 | value of one octet, or | number of octets of
 * such a text (0 where a word before them has it), and a value of two or four octets, or the address of a text, that of two words of a value (high, low), or that of the words of a table or an array: the address of a shape, or up to `mostShort` for the number of an array's elements, then two words for each.
 * A layout: pieces of a content header frame, each a word with the number of its octets | what follows it << 16 | number of its gaps << 24, the octets as they go out, and for each gap of one octet two with its place in the piece; channel,
 * sizes and the lengths of tables that hold a field are put in. The words of a piece's gaps, one each, come before those of the hole behind it.
 */
export const commands = [
  { name: "method", value: 1 },
  { name: "arguments", value: 2 },
  { name: "content", value: 3 },
  { name: "layout", value: 4 },
  { name: "ack", value: 5 },
  { name: "payload", value: 6 },
  { name: "head", value: 7 },
  { name: "end", value: 8 },
  { name: "protocol-header", value: 9 },
  { name: "value", value: 10 },
  { name: "laid-out", value: 11 },
  { name: "laid-alike", value: 12 },
];

/** What follows a piece of a layout. A hole's words are those of the value that it is for. */
export const holes = [
  { name: "end", value: 0 }, // the frame-end
  { name: "longlong", value: 1 },
  { name: "shortstr", value: 2 },
  { name: "field", value: 3 }, // type octet and value: two words, as those of a shape's field
  { name: "table", value: 4 }, // four octets for the length of a table that ends at the next `table-end`
  { name: "table-end", value: 5 },
];

/** The most that a number of octets in place of an address can be; addresses of regions are higher. */
export const mostShort = 255;

/**
 * Steps of a pattern of tables, `patternStepWords` each, written by the host where `patternSteps` says: address of the octets before what the step is for; their number; the number that is compared, a multiple of half a stride; nothing; kind; nothing; the address of the step that began what an `end-of` ends; octets of the holes' words, and of their values on the tape. The rest is the core's.
 * At the address stand the octets, padded, as many of a mask, which is 0 in holes and in what is padded, and a word for each hole: its place << 8 | `patternHole.highFirst` where the high word comes first | `patternHole.signed` for what has a sign | 64 less the bits of the value. On the tape a hole is two words: a string reference and 0, a double as it is, or a value as a field has it, but for booleans, which are true by any number but 0. */
export const patternSteps = [
  { name: "end", value: 0 }, // the table ends here
  { name: "string", value: 1 }, // length and octets of a long string
  { name: "integer", value: 2 }, // type octet and value of any integer
  { name: "open", value: 3 }, // the length of a table or an array, which ends at the next `end-of` that is its own
  { name: "end-of", value: 4 },
];
export const patternHole = { signed: 0x40, highFirst: 0x80 };

/** The most octets that a method frame in a layout's first piece can have: addresses of method frames are higher. */
export const mostLaid = 0xffff;

/** What `write` answers instead of where the output ends; everything that a program can do wrong is refused before it is called. */
export const encodeErrors = [
  { name: "output-full" }, // what the records write does not fit
  { name: "other-octets" }, // a record wrote another number of octets than its host counted
  { name: "unknown-command" },
];

/**
 * Frames that are passed on: `checkFrame`, `forward`, `deliver`, `getOk` and `giveBack` take whole frames (frame-end and all, with a head that was checked) from an offset of the input, and write from `start` on in the output region,
 * where the host made sure of room, up to `output-end`. A message is a method frame that carries content, its content header frame and, unless the content is empty, one body frame with all of it, one behind the other.
 * They answer 0 where the frame, or the message's content header, is wrong: `read` tells what is. `forward` copies a frame as it is, but for its channel.
 *
 * What comes in numbers is faster in two steps: `scan` checks all frames of the input at once; `forwardRun` then copies any that follow each other, with channels from the region for passing (offset << 16 | channel, a word for each; with -1 for
 * where to, they get them in the input, for the host to take them from there), and `deliverWhole` delivers a message. They check no octets again.
 *
 * `deliver` takes its consumers from the command region, four words each: channel | redelivered << 16, the address that `keepTag` answered for the consumer tag, delivery tag (high, low). `keepTag` keeps
 * octets that stand at STRINGS; 0 where there is no room: `forgetTags` makes all addresses void. `body` is 1 where the message's body is in the input and goes out with it, 0 where the host sends it.
 */
export const consumer = ["channel", "tag", "delivery-tag-high", "delivery-tag-low"];

/**
 * Faster still for publishes that stand one behind the other: `publishes` checks them in one go and writes to the region for passing where their parts stand. `deliveries` writes what has its places there, one or many, to the consumers that the
 * command region has for each: their number, then the words of each. The first of these is channel | redelivered << 16, and 1 << 17 where the upper half of the delivery tag follows behind the lower.
 *
 * The place of a method has `sameRoute` beside it where exchange and routing key are those of the publish before, of those that were found in the same call. Many that share them go to consumers of which the core counts the delivery tags: `routed` beside their
 * number, for how many publishes they are, 0 for the core's own use, then the words of each. Its tag grows by `step` with each publish.
 */
export const place = ["method", "header", "body", "end"]; // as places in the host's octets; no body: -1
export const delivered = ["channel", "tag", "delivery-tag-low"];
export const sameRoute = 0x80000000;
export const routed = 0x80000000;
export const route = ["consumers", "publishes", "reached"];
export const routedConsumer = ["channel", "tag", "delivery-tag-low", "delivery-tag-high", "step"];

/** Sizes that the core and its hosts agree on. */
export const limits = {
  memoryPages: 36, // pages that the core takes at first, its first one among them
  maxDepth: 1024, // the most that a host may ask for: the table stack has so many levels
  defaultMaxDepth: 32,
  defaultMaxFields: 16384,
  internedOctets: 64, // longer strings are never interned
  internedStrings: 4096,
  shapes: 4096,
  shapeFields: 32,
  knownTables: 64, // header tables that the core knows as a whole
  patterns: 127, // kinds of header tables that the core knows but for what differs in them
  patternSteps: 512, // of all of them
  patternStepWords: 144,
  patternOctets: 65536,
  patternStride: 64, // no more than the slack
  slack: 64, // octets behind each region that wide loads and stores may touch
  recordWords: 128, // tape words that one frame may need beside its tables' fields
  fieldWords: 4,
  passingWords: 2048, // frames that `forwardRun` can take at once; words of places for `deliveries`
  deliveryOctets: 65536, // the most that a message may have that `deliveries` takes
  tagsOctets: 65536, // consumer tags that are kept for `deliver`
};
