/** The public surface: the list, nothing else. */
export * as Basic from "./generated/basic.js";
export * as Channel from "./generated/channel.js";
export * as Confirm from "./generated/confirm.js";
export * as Connection from "./generated/connection.js";
export * as Exchange from "./generated/exchange.js";
export * as Queue from "./generated/queue.js";
export * as Tx from "./generated/tx.js";
export { commandByIndex, commandByName, type Command, type CommandName } from "./generated/commands.js";
export * from "./generated/constants.js";
export { Method, type MethodClass, type MethodOptions } from "./methods.js";
export { ContentBody } from "./content-body.js";
export { ContentHeader } from "./content.js";
export { Heartbeat } from "./heartbeat.js";
export { ProtocolHeader, type ProtocolHeaderFields } from "./protocol-header.js";
export type { Frame } from "./frame.js";
export { marshal, unmarshal, type Unmarshalled } from "./marshal.js";
export {
  decodeAs,
  encodeAs,
  type DecodableTypes,
  type Decoded,
  type EncodableTypes,
  type TypeName,
} from "./single-values.js";
export { FrameReader, type FrameReaderOptions } from "./frame-reader.js";
export { FrameWriter, type ContentMethod, type FrameWriterOptions } from "./frame-writer.js";
export { FrameCursor, type FrameCursorOptions } from "./frame-cursor.js";
export { StoredMessage } from "./stored-message.js";
export type { Consumer, GetOkValues, ReturnValues } from "./rewrite.js";
export type { PropertyValues, ShortStringName } from "./content-view.js";
export type { FrameName } from "./frame-view.js";
export { type PreparedPublish, type PublishValues } from "./prepared-publish.js";
export { Message, MessageReader, type MessageOrFrame, type MessageReaderOptions } from "./message-reader.js";
export { Decimal } from "./decimal.js";
export { Timestamp } from "./timestamp.js";
export { Field, float32, longString } from "./field.js";
export { FieldTable, type FieldEntry } from "./field-table.js";
export { DecodeError, EncodeError, ValidationError, type DecodeErrorDetails } from "./errors.js";
export {
  exceptionFor,
  exceptions,
  HardError,
  ReplyError,
  SoftError,
  type ExceptionName,
  type ReplyErrorClass,
} from "./exceptions.js";
export { createCodec, initialize, type Codec, type CodecOptions, type InitializeSource } from "./codec.js";
export type { CoreOptions, CoreSource } from "./core.js";
export type {
  DecodeLimits,
  DecodeOptions,
  EncodeOptions,
  FieldInput,
  FieldValue,
  Longlong,
  NameRules,
  Table,
  TableInput,
} from "./types.js";
