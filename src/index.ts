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
export type { ForwardRunOptions, FrameRun, FrameRunLimits } from "./frame-run.js";
export type { DeliverRunOptions } from "./route-run.js";
export { StoredMessage } from "./stored-message.js";
export type { Consumer, GetOkValues, ReturnValues } from "./consumers.js";
export { PreparedConsumer } from "./prepared-consumer.js";
export type { PropertyValues, ShortStringName } from "./content-view.js";
export type { FrameName } from "./frame-view.js";
export { type PreparedPublish, type PublishValues } from "./prepared-publish.js";
export { Message } from "./message.js";
export { MessageReader } from "./message-reader.js";
export type { ContentProfile, MessageItem, MessageOrFrame, MessageReaderOptions } from "./message-options.js";
export { BodyPart, MessageStart } from "./streamed-content.js";
export {
  patchHeaders,
  patchTable,
  setChannel,
  type PatchOptions,
  type TableArgument,
  type TablePatch,
} from "./editing.js";
export { identify, type AmqpVersion, type Identity } from "./identify.js";
export { checkTuneOk, negotiateTune, type NegotiateOptions, type Negotiation, type Tuning } from "./negotiation.js";
export {
  ChannelTracker,
  type ChannelState,
  type ChannelTrackerOptions,
  type ChannelVerdict,
  type Peer,
} from "./channel-tracker.js";
export { ambiguities } from "./ambiguities.js";
export type { Ambiguity, AmbiguityKind, Reading } from "./ambiguity.js";
export { judge } from "./judge.js";
export type { Finding, JudgedPeer, JudgeOptions, Judgement } from "./judgement.js";
export type { RuleName } from "./generated/verdicts.js";
export { describe, type Described, type DescribeOptions } from "./describe.js";
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
export { allowCodeGeneration } from "./made-code.js";
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
