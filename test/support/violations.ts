/**
 * What a client may send that is wrong, or odd, on a connection with channel 1 open: as octets, with the rule that it breaks. `undefined` where it breaks none
 * that any peer minds. Each leaves no content half sent, so that what follows is judged for itself.
 */
import {
  Basic,
  Channel,
  Connection,
  ContentHeader,
  FieldTable,
  Heartbeat,
  ProtocolHeader,
  Queue,
  marshal,
  type Frame,
} from "../../src/index.js";
import { concat, octetsOf } from "./octets.js";
import {
  ascii,
  bodyFrame,
  counted,
  elementOf,
  fieldOf,
  frameOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./wire.js";

export interface Violation {
  name: string;
  rule: string | undefined;
  octets: Uint8Array;
}

const FRAME_MAX = 131072;
const HEADERS = 0x2000;
const publish = (channel = 1, routingKey = "amqp-wasm.nowhere"): Uint8Array =>
  marshal(new Basic.Publish({ routingKey }), channel);
const on = (channel: number, frame: Frame): Uint8Array => marshal(frame, channel);
/** A whole publish: method, the given header, one body. */
const content = (header: Uint8Array, body = ascii("body")): Uint8Array =>
  concat([publish(), header, ...(body.length > 0 ? [bodyFrame(1, body)] : [])]);
const withHeaders = (...fields: Uint8Array[]): Uint8Array => content(headerFrame(1, 4, HEADERS, tableOf(...fields)));
const withProperties = (flags: number, ...values: Uint8Array[]): Uint8Array =>
  content(headerFrame(1, 4, flags, ...values));
/** A queue that the broker names and deletes with the connection. */
const declare = (...fields: Uint8Array[]): Uint8Array =>
  methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(4, 1), tableOf(...fields));
const nested = (depth: number): Uint8Array => {
  const octets = new Uint8Array(5 * depth);
  for (let i = 0; i < depth; i++) {
    octets[5 * i] = 0x41;
    octets.set(integer(5 * (depth - 1 - i), 4), 5 * i + 1);
  }
  return octets;
};
const table = (value: Record<string, unknown>): Uint8Array => FieldTable.from(value as never).octets;

/** Whole connections, from the protocol header on. */
const hello = (header: readonly number[], ...frames: Uint8Array[]): Uint8Array =>
  concat([ascii("AMQP"), Uint8Array.from(header), ...frames]);
const VERSION = [0, 0, 9, 1];
const startOk = on(0, new Connection.StartOk({ response: "\0guest\0guest" }));
const tuneOk = (channelMax: number, frameMax: number): Uint8Array =>
  on(0, new Connection.TuneOk({ channelMax, frameMax, heartbeat: 0 }));
const tuned = [startOk, tuneOk(2047, FRAME_MAX)];
const opened = [...tuned, on(0, new Connection.Open())];
const openChannel = (channel: number): Uint8Array => on(channel, new Channel.Open());
const close = on(0, new Connection.Close({ replyCode: 200, replyText: "", classId: 0, methodId: 0 }));

export const handshakes: Violation[] = [
  {
    name: "a connection that is opened, used and closed",
    rule: undefined,
    octets: hello(VERSION, ...opened, openChannel(1), close),
  },
  { name: "AMQP 0-9", rule: undefined, octets: hello([1, 1, 0, 9], ...opened, openChannel(1), close) },
  { name: "AMQP 0-10", rule: "protocol-version", octets: hello([1, 1, 0, 10]) },
  { name: "a version that there is not", rule: "protocol-version", octets: hello([0, 0, 9, 2]) },
  {
    name: "a wrong frame-end before the login",
    rule: "frame-end",
    octets: hello(VERSION, frameOf(1, 0, counted(4), 0)),
  },
  { name: "an unknown method before the login", rule: "method-unknown", octets: hello(VERSION, methodFrame(0, 99, 1)) },
  { name: "a channel before the login", rule: "before-open", octets: hello(VERSION, openChannel(1)) },
  {
    name: "a wrong frame-end before the tuning",
    rule: "frame-end",
    octets: hello(VERSION, startOk, frameOf(1, 0, counted(4), 0)),
  },
  {
    name: "a frame-max of 0",
    rule: "tune-ok",
    octets: hello(VERSION, startOk, tuneOk(2047, 0), on(0, new Connection.Open())),
  },
  {
    name: "a frame-max below the least",
    rule: "tune-ok",
    octets: hello(VERSION, startOk, tuneOk(2047, 4095), on(0, new Connection.Open())),
  },
  {
    name: "a frame-max above the offer",
    rule: "tune-ok",
    octets: hello(VERSION, startOk, tuneOk(2047, FRAME_MAX + 1), on(0, new Connection.Open())),
  },
  {
    name: "a channel-max of 0",
    rule: "tune-ok",
    octets: hello(VERSION, startOk, tuneOk(0, FRAME_MAX), on(0, new Connection.Open())),
  },
  {
    name: "a channel-max above the offer",
    rule: "tune-ok",
    octets: hello(VERSION, startOk, tuneOk(2048, FRAME_MAX), on(0, new Connection.Open())),
  },
  {
    name: "a wrong frame-end after the tuning",
    rule: "frame-end",
    octets: hello(VERSION, ...tuned, frameOf(1, 0, counted(4), 0)),
  },
  {
    name: "a channel before the connection is open",
    rule: "before-open",
    octets: hello(VERSION, ...tuned, openChannel(1)),
  },
  { name: "a second start-ok", rule: "connection-state", octets: hello(VERSION, ...opened, startOk) },
  {
    name: "more channels than were agreed on",
    rule: "channel-max",
    octets: hello(
      VERSION,
      startOk,
      tuneOk(2, FRAME_MAX),
      on(0, new Connection.Open()),
      openChannel(1),
      openChannel(9),
      openChannel(3),
    ),
  },
  {
    name: "a channel's number above channel-max",
    rule: undefined,
    octets: hello(VERSION, startOk, tuneOk(2, FRAME_MAX), on(0, new Connection.Open()), openChannel(9), close),
  },
  {
    name: "a method on a channel that is not open",
    rule: "channel-not-open",
    octets: hello(VERSION, ...opened, on(5, new Basic.Qos())),
  },
  {
    name: "a publish on a channel that is not open",
    rule: "channel-not-open-content",
    octets: hello(VERSION, ...opened, publish(5), headerFrame(5, 0)),
  },
  {
    name: "a content header on a channel that is not open",
    rule: "content-without-method",
    octets: hello(VERSION, ...opened, headerFrame(5, 4)),
  },
  {
    name: "frames on a channel that was closed",
    rule: undefined,
    octets: hello(
      VERSION,
      ...opened,
      openChannel(2),
      on(2, new Channel.Close({ replyCode: 200, replyText: "", classId: 0, methodId: 0 })),
      on(2, new Basic.Qos()),
      close,
    ),
  },
  {
    name: "whatever follows a Connection.Close",
    rule: undefined,
    octets: hello(VERSION, ...opened, close, on(0, new Heartbeat())),
  },
];

export const violations: Violation[] = [
  // Envelopes.
  { name: "a frame of type 4", rule: "frame-type", octets: frameOf(4, 1, counted(4)) },
  { name: "a frame of type 0", rule: "frame-type", octets: frameOf(0, 0, counted(4)) },
  {
    name: "a protocol header in mid-stream",
    rule: "protocol-header",
    octets: marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 })),
  },
  {
    name: "a frame-end of 205",
    rule: "frame-end",
    octets: frameOf(1, 1, concat([integer(20, 2), integer(10, 2), shortstr("")]), 205),
  },
  {
    name: "a payload of frame-max",
    rule: undefined,
    octets: concat([publish(), headerFrame(1, FRAME_MAX), bodyFrame(1, new Uint8Array(FRAME_MAX))]),
  },
  {
    name: "a payload of frame-max and one octet",
    rule: "frame-size",
    octets: concat([publish(), headerFrame(1, FRAME_MAX + 1), bodyFrame(1, new Uint8Array(FRAME_MAX + 1))]),
  },
  {
    name: "a size of 4 GiB",
    rule: "frame-size",
    octets: concat([integer(1, 1), integer(1, 2), integer(0xffffffff, 4)]),
  },
  { name: "a method of three octets", rule: "method-cut", octets: frameOf(1, 1, counted(3)) },
  { name: "a method of no octets", rule: "method-cut", octets: frameOf(1, 1, counted(0)) },
  { name: "a heartbeat", rule: undefined, octets: on(0, new Heartbeat()) },
  { name: "a heartbeat on a channel", rule: "heartbeat-channel", octets: frameOf(8, 1, counted(0)) },
  { name: "a heartbeat with a payload", rule: "heartbeat-payload", octets: frameOf(8, 0, counted(1)) },

  // Channels.
  {
    name: "a method of the queue class on channel 0",
    rule: "channel-0-method",
    octets: on(0, new Queue.Purge({ queue: "q" })),
  },
  { name: "Channel.Open on channel 0", rule: "channel-0-method", octets: on(0, new Channel.Open()) },
  { name: "a content header on channel 0", rule: "channel-0-content", octets: headerFrame(0, 4) },
  { name: "a content body on channel 0", rule: "channel-0-content", octets: bodyFrame(0, counted(4)) },
  {
    name: "a method of the connection on channel 1",
    rule: "connection-on-channel",
    octets: on(1, new Connection.TuneOk()),
  },
  { name: "a second Channel.Open", rule: "channel-opened-twice", octets: on(1, new Channel.Open()) },
  {
    name: "a method on a channel that was never opened",
    rule: "channel-not-open",
    octets: on(7, new Basic.Qos({ prefetchCount: 1 })),
  },
  {
    name: "a publish on a channel that was never opened",
    rule: "channel-not-open-content",
    octets: concat([publish(7), headerFrame(7, 0)]),
  },

  // Content.
  { name: "a content header without a method", rule: "content-without-method", octets: headerFrame(1, 4) },
  { name: "a content body without a method", rule: "content-without-method", octets: bodyFrame(1, counted(4)) },
  {
    name: "a content body in place of a header",
    rule: "body-without-header",
    octets: concat([publish(), bodyFrame(1, counted(4))]),
  },
  {
    name: "a method in place of a header",
    rule: "method-in-content",
    octets: concat([publish(), on(1, new Basic.Qos())]),
  },
  {
    name: "a method in place of a body",
    rule: "method-in-content",
    octets: concat([publish(), headerFrame(1, 4), on(1, new Basic.Qos())]),
  },
  {
    name: "Channel.Close in place of a body",
    rule: "method-in-content",
    octets: concat([
      publish(),
      headerFrame(1, 4),
      on(1, new Channel.Close({ replyCode: 200, replyText: "", classId: 0, methodId: 0 })),
    ]),
  },
  {
    name: "a second content header",
    rule: "header-in-content",
    octets: concat([publish(), headerFrame(1, 4), headerFrame(1, 4)]),
  },
  {
    name: "a content header of another class",
    rule: "header-class",
    octets: concat([publish(), frameOf(2, 1, concat([integer(50, 2), integer(0, 2), integer(0, 8), integer(0, 2)]))]),
  },
  {
    name: "a content header of weight 1",
    rule: "header-weight",
    octets: concat([publish(), frameOf(2, 1, concat([integer(60, 2), integer(1, 2), integer(0, 8), integer(0, 2)]))]),
  },
  {
    name: "a body longer than announced, then a method",
    rule: "body-over-size",
    octets: concat([publish(), headerFrame(1, 2), bodyFrame(1, counted(4)), on(1, new Basic.Qos())]),
  },
  {
    name: "a message of 128 MiB and one octet",
    rule: "message-size",
    // Made when it is asked for.
    get octets() {
      const whole = bodyFrame(1, new Uint8Array(FRAME_MAX));
      return concat([
        publish(),
        headerFrame(1, 1024 * FRAME_MAX + 1),
        ...Array.from({ length: 1024 }, () => whole),
        bodyFrame(1, counted(1)),
      ]);
    },
  },
  {
    name: "empty bodies within a content",
    rule: undefined,
    octets: concat([
      publish(),
      headerFrame(1, 4),
      bodyFrame(1, counted(0)),
      bodyFrame(1, counted(2)),
      bodyFrame(1, counted(0)),
      bodyFrame(1, counted(2)),
    ]),
  },
  {
    name: "an empty body behind a content of size 0",
    rule: "content-without-method",
    octets: concat([publish(), headerFrame(1, 0), bodyFrame(1, counted(0))]),
  },
  {
    name: "frames of another channel within a content",
    rule: undefined,
    octets: concat([
      on(2, new Channel.Open()),
      publish(),
      on(2, new Basic.Qos()),
      headerFrame(1, 4),
      on(2, new Basic.Qos()),
      bodyFrame(1, counted(4)),
    ]),
  },

  // Methods.
  { name: "an unknown class", rule: "method-unknown", octets: methodFrame(1, 99, 10) },
  {
    name: "the class access",
    rule: "access-request",
    octets: methodFrame(1, 30, 10, shortstr("/data"), integer(0, 1)),
  },
  { name: "an unknown method", rule: "method-unknown", octets: methodFrame(1, 50, 99) },
  {
    name: "a method that servers send",
    rule: "method-of-server",
    octets: on(1, new Queue.DeclareOk({ queue: "q", messageCount: 0, consumerCount: 0 })),
  },
  {
    name: "a publish that is immediate",
    rule: "immediate",
    octets: concat([
      methodFrame(1, 60, 40, integer(0, 2), shortstr(""), shortstr("amqp-wasm.nowhere"), integer(2, 1)),
      headerFrame(1, 0),
    ]),
  },
  { name: "arguments that are cut", rule: "arguments-cut", octets: methodFrame(1, 60, 10, integer(0, 4)) },
  {
    name: "an argument longer than the frame",
    rule: "arguments-cut",
    octets: methodFrame(1, 50, 10, integer(0, 2), Uint8Array.of(200, 1)),
  },
  {
    name: "octets behind the arguments",
    rule: "arguments-left",
    octets: methodFrame(1, 60, 10, integer(0, 4), integer(0, 2), integer(0, 1), integer(0, 1)),
  },
  {
    name: "a queue name that is no UTF-8",
    rule: "method-utf8",
    octets: methodFrame(1, 50, 10, integer(0, 2), shortstr(Uint8Array.of(0xff)), integer(4, 1), tableOf()),
  },
  {
    name: "a table longer than the frame",
    rule: "arguments-cut",
    octets: methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(4, 1), integer(9, 4)),
  },
  { name: "an unknown type in a method's table", rule: "method-table", octets: declare(fieldOf("k", "Z")) },
  {
    name: "a child past the end of its table in a method",
    rule: "method-table",
    octets: declare(fieldOf("k", "F", integer(9, 4))),
  },
  {
    name: "a value that is cut in a method's table",
    rule: "method-table",
    octets: declare(fieldOf("k", "I", integer(9, 2))),
  },
  {
    name: "a name that is cut in a method's table",
    rule: "method-table",
    octets: methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(4, 1), longstr(Uint8Array.of(9, 1))),
  },
  {
    name: "not-a-number in a method's table",
    rule: "method-nan",
    octets: declare(fieldOf("k", "d", octetsOf("7ff8000000000000"))),
  },
  {
    name: "bits that have no meaning",
    rule: undefined,
    octets: methodFrame(1, 60, 10, integer(0, 4), integer(0, 2), integer(0xfe, 1)),
  },
  {
    name: "a ticket",
    rule: undefined,
    octets: concat([
      methodFrame(1, 60, 40, integer(9, 2), shortstr(""), shortstr("amqp-wasm.nowhere"), integer(0, 1)),
      headerFrame(1, 0),
    ]),
  },
  {
    name: "every field type in a method's table",
    rule: undefined,
    octets: declare(fieldOf("x", "F", longstr(table({ a: 1, b: "two", c: [1, null, true], d: 0.5 })))),
  },

  // Properties.
  {
    name: "a routing key that is no UTF-8",
    rule: undefined,
    octets: concat([
      methodFrame(1, 60, 40, integer(0, 2), shortstr(""), shortstr(Uint8Array.of(0xff)), integer(0, 1)),
      headerFrame(1, 0),
    ]),
  },
  {
    name: "a content header of twelve octets",
    rule: "properties",
    octets: concat([
      publish(),
      frameOf(2, 1, concat([integer(60, 2), integer(0, 2), integer(4, 8)])),
      bodyFrame(1, ascii("body")),
    ]),
  },
  {
    name: "a content header of ten octets",
    rule: "header-cut",
    octets: concat([publish(), frameOf(2, 1, concat([integer(60, 2), integer(0, 2), integer(0, 6)]))]),
  },
  {
    name: "a property that the flags announce and that is not there",
    rule: "properties",
    octets: withProperties(0x8000),
  },
  {
    name: "a property longer than the frame",
    rule: "properties",
    octets: withProperties(0x8000, Uint8Array.of(200, 1)),
  },
  { name: "headers longer than the frame", rule: "properties", octets: withProperties(HEADERS, integer(9, 4)) },
  {
    name: "octets behind the properties",
    rule: "properties-left",
    octets: withProperties(0x8000, shortstr("a"), counted(3)),
  },
  {
    name: "flags that announce a second word, and none",
    rule: "flags-continued",
    octets: withProperties(0x8001, shortstr("a")),
  },
  {
    name: "flags that announce a second word, which is 0",
    rule: "flags-continued-word",
    octets: withProperties(0x8001, integer(0, 2), shortstr("a")),
  },
  { name: "the flag without a property", rule: "flags-reserved", octets: withProperties(0x8002, shortstr("a")) },
  { name: "an unknown type in headers", rule: "header-table", octets: withHeaders(fieldOf("k", "Z")) },
  { name: "type U in headers", rule: "header-type-u", octets: withHeaders(fieldOf("k", "U", integer(1, 2))) },
  {
    name: "a child past the end of its table in headers",
    rule: "header-table",
    octets: withHeaders(fieldOf("k", "A", integer(9, 4))),
  },
  {
    name: "a child past the end of its parent in headers",
    rule: "header-table",
    octets: withHeaders(fieldOf("k", "F", longstr(fieldOf("x", "S", integer(2, 4)))), fieldOf("y", "V")),
  },
  {
    name: "a value that is cut in headers",
    rule: "header-table",
    octets: withHeaders(fieldOf("k", "l", integer(9, 2))),
  },
  {
    name: "not-a-number in headers",
    rule: "header-nan",
    octets: withHeaders(fieldOf("k", "d", octetsOf("7ff8000000000000"))),
  },
  { name: "infinity in headers", rule: "header-nan", octets: withHeaders(fieldOf("k", "f", octetsOf("7f800000"))) },
  {
    name: "not-a-number within an array in headers",
    rule: "header-nan",
    octets: withHeaders(fieldOf("k", "A", longstr(elementOf("f", octetsOf("ffc00001"))))),
  },
  { name: "a delivery mode of 9", rule: "delivery-mode", octets: withProperties(0x1000, integer(9, 1)) },
  { name: "an expiration that is no number", rule: "expiration", octets: withProperties(0x0100, shortstr("soon")) },
  { name: "an empty expiration", rule: "expiration", octets: withProperties(0x0100, shortstr("")) },
  { name: "an expiration below 0", rule: "expiration", octets: withProperties(0x0100, shortstr("-1")) },
  { name: "an expiration that is a number", rule: undefined, octets: withProperties(0x0100, shortstr("60000")) },
  { name: "another user's id", rule: "user-id", octets: withProperties(0x0010, shortstr("somebody")) },
  { name: "one's own user id", rule: undefined, octets: withProperties(0x0010, shortstr("guest")) },
  {
    name: "a key that stands twice, a boolean of 2, and an L",
    rule: undefined,
    octets: withHeaders(fieldOf("k", "t", integer(2, 1)), fieldOf("k", "V"), fieldOf("l", "L", integer(1, 8))),
  },
  {
    name: "keys and strings that are no UTF-8",
    rule: undefined,
    octets: withHeaders(fieldOf(Uint8Array.of(0xff), "S", longstr(Uint8Array.of(0xfe)))),
  },
  { name: "a timestamp of 2^64 - 1", rule: undefined, octets: withProperties(0x0040, integer(2n ** 64n - 1n, 8)) },
  {
    name: "a thousand levels of arrays",
    rule: undefined,
    octets: withHeaders(fieldOf("k", "A", longstr(nested(1000)))),
  },
  {
    name: "all properties",
    rule: undefined,
    octets: content(
      marshal(
        new ContentHeader({
          bodySize: 4,
          properties: {
            contentType: "a",
            contentEncoding: "b",
            headers: { a: 1 },
            deliveryMode: 2,
            priority: 255,
            correlationId: "c",
            replyTo: "d",
            expiration: "1",
            messageId: "e",
            timestamp: new Date(0),
            type: "f",
            userId: "guest",
            appId: "g",
          },
        }),
        1,
      ),
    ),
  },
];
