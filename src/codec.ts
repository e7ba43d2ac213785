import { ambiguities } from "./ambiguities.js";
import { ContentBody } from "./content-body.js";
import { PreparedConsumer } from "./prepared-consumer.js";
import { ContentHeader } from "./content.js";
import {
  compileCore,
  isCompiled,
  makeCore,
  shareCore,
  withCore,
  type Core,
  type CoreOptions,
  type CoreSource,
} from "./core.js";
import { Decimal } from "./decimal.js";
import { DecodeError, EncodeError, ValidationError } from "./errors.js";
import { patchHeaders, patchTable, setChannel } from "./editing.js";
import { exceptionFor, exceptions } from "./exceptions.js";
import { Field, float32, longString } from "./field.js";
import { FieldTable } from "./field-table.js";
import { FrameCursor } from "./frame-cursor.js";
import { FrameReader } from "./frame-reader.js";
import { FrameWriter } from "./frame-writer.js";
import * as Basic from "./generated/basic.js";
import * as Channel from "./generated/channel.js";
import { commandByIndex, commandByName } from "./generated/commands.js";
import * as Confirm from "./generated/confirm.js";
import * as Connection from "./generated/connection.js";
import * as Exchange from "./generated/exchange.js";
import * as Queue from "./generated/queue.js";
import * as Tx from "./generated/tx.js";
import { Heartbeat } from "./heartbeat.js";
import { judge } from "./judge.js";
import { marshal, unmarshal } from "./marshal.js";
import { MessageReader } from "./message-reader.js";
import { ProtocolHeader } from "./protocol-header.js";
import { decodeAs, encodeAs } from "./single-values.js";
import { Timestamp } from "./timestamp.js";

/** A module, its bytes, a response that brings them, or a promise of any of these. */
export type InitializeSource = CoreSource | Promise<CoreSource>;

/**
 * Says which module and which memory the package uses; to be called before anything else, by hosts that forbid compiling bytes or that share their memory. Everyone else needs
 * no call: the embedded core is instantiated on first use.
 *
 * With a `WebAssembly.Module`, or none (the embedded one), it is done when it returns; else when the promise is fulfilled.
 *
 * @throws Error where the package is in use already, or the memory cannot grow.
 */
export function initialize(module?: WebAssembly.Module, options?: CoreOptions): void;
export function initialize(source: InitializeSource, options?: CoreOptions): Promise<void>;
export function initialize(source?: InitializeSource, options?: CoreOptions): void | Promise<void> {
  if (source === undefined || isCompiled(source)) {
    shareCore(makeCore(source, options));
    return undefined;
  }
  return compileCore(source).then((module) => shareCore(makeCore(module, options)));
}

/** Options of `createCodec`. */
export interface CodecOptions extends CoreOptions {
  /** A compiled module, or its bytes. Defaults to the embedded one. */
  module?: WebAssembly.Module | Uint8Array | ArrayBuffer;
}

/** The package's surface on a core of its own. The command classes are the same; their own `marshal` and `unmarshal` use the shared core. */
export interface Codec {
  readonly FrameCursor: typeof FrameCursor;
  readonly FrameReader: typeof FrameReader;
  readonly FrameWriter: typeof FrameWriter;
  readonly MessageReader: typeof MessageReader;
  readonly FieldTable: typeof FieldTable;
  readonly marshal: typeof marshal;
  readonly unmarshal: typeof unmarshal;
  readonly encodeAs: typeof encodeAs;
  readonly decodeAs: typeof decodeAs;
  readonly patchHeaders: typeof patchHeaders;
  readonly patchTable: typeof patchTable;
  readonly setChannel: typeof setChannel;
  readonly judge: typeof judge;
  readonly ambiguities: typeof ambiguities;
  readonly commandByIndex: typeof commandByIndex;
  readonly commandByName: typeof commandByName;
  readonly Connection: typeof Connection;
  readonly Channel: typeof Channel;
  readonly Exchange: typeof Exchange;
  readonly Queue: typeof Queue;
  readonly Basic: typeof Basic;
  readonly Tx: typeof Tx;
  readonly Confirm: typeof Confirm;
  readonly PreparedConsumer: typeof PreparedConsumer;
  readonly ContentHeader: typeof ContentHeader;
  readonly ContentBody: typeof ContentBody;
  readonly Heartbeat: typeof Heartbeat;
  readonly ProtocolHeader: typeof ProtocolHeader;
  readonly Decimal: typeof Decimal;
  readonly Timestamp: typeof Timestamp;
  readonly Field: typeof Field;
  readonly float32: typeof float32;
  readonly longString: typeof longString;
  readonly DecodeError: typeof DecodeError;
  readonly EncodeError: typeof EncodeError;
  readonly ValidationError: typeof ValidationError;
  readonly exceptions: typeof exceptions;
  readonly exceptionFor: typeof exceptionFor;
}

/** A second, isolated core: for a worker, a test, a tenant. @throws Error where the memory cannot grow. */
export function createCodec({ module, ...options }: CodecOptions = {}): Codec {
  const core = makeCore(module, options);
  const here =
    <A extends unknown[], R>(call: (...values: A) => R) =>
    (...values: A) =>
      withCore(core, () => call(...values));
  return {
    FrameCursor: ofCore(core, FrameCursor),
    FrameReader: ofCore(core, FrameReader),
    FrameWriter: ofCore(core, FrameWriter),
    MessageReader: ofCore(core, MessageReader),
    FieldTable: ofCore(core, FieldTable),
    marshal: here(marshal),
    unmarshal: here(unmarshal),
    encodeAs: (type, value, options) => withCore(core, () => encodeAs(type, value, options)),
    decodeAs: (type, octets, options) => withCore(core, () => decodeAs(type, octets, options)),
    patchHeaders: here(patchHeaders),
    patchTable: here(patchTable),
    setChannel,
    judge: here(judge),
    ambiguities: here(ambiguities),
    commandByIndex,
    commandByName,
    Connection,
    Channel,
    Exchange,
    Queue,
    Basic,
    Tx,
    Confirm,
    PreparedConsumer,
    ContentHeader,
    ContentBody,
    Heartbeat,
    ProtocolHeader,
    Decimal,
    Timestamp,
    Field,
    float32,
    longString,
    DecodeError,
    EncodeError,
    ValidationError,
    exceptions,
    exceptionFor,
  };
}

/** The same class, whose instances belong to this core. */
function ofCore<T extends abstract new (...values: never[]) => object>(core: Core, type: T): T {
  return new Proxy(type, {
    construct(target, values, newTarget) {
      return withCore(core, () => Reflect.construct(target, values, newTarget) as object);
    },
    // FieldTable.from makes an instance too.
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      if (name !== "from" || typeof found !== "function") return found;
      return (...values: unknown[]) => withCore(core, () => Reflect.apply(found, target, values) as unknown);
    },
  });
}
