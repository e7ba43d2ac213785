/**
 * Where this library does something else than pamqp 4, whose vectors we test with, and why. The tests fail for a difference that is not
 * listed, and for one that is listed and is none.
 */
export interface Difference {
  /** What we do, and for what reason. */
  decision: string;
  /** Where it is seen. */
  cases: Case[];
}
interface Case {
  family: string;
  /** Part of what the test finds. */
  shows: string;
  vectors: string[];
}

export const differences: Difference[] = [
  {
    decision:
      "Timestamps are seconds, exact to 64 bits; pamqp takes numbers above 32 bits for milliseconds and refuses years over 9999.",
    cases: [
      {
        family: "errors",
        shows: "is Timestamp(",
        vectors: [
          "fuzz/196",
          "wire/timestamp_ms",
          "wire/timestamp_u32max_plus1",
          "wire/timestamp_year9999",
          "wire/timestamp_year9999ms",
        ],
      },
      { family: "fields", shows: "decodes what pamqp refuses", vectors: ["octet/T/0000e677d21fdc00"] },
      {
        family: "fields",
        shows: "is Timestamp(",
        vectors: [
          "octet/T/0000000100000000",
          "octet/T/0000018bcfe56800",
          "primitive/timestamp#7",
          "primitive/timestamp#8",
          "value/timeyear9999",
        ],
      },
      {
        family: "properties",
        shows: "is Timestamp(",
        vectors: [
          "Basic.Properties/headers.array,time2e32",
          "Basic.Properties/headers.array,timeyear9999",
          "Basic.Properties/headers.one,time2e32",
          "Basic.Properties/timestamp=253402300799",
        ],
      },
    ],
  },
  {
    decision:
      "Delivery tags are unsigned in the standard and in RabbitMQ: they reach 18446744073709551615 and are never negative.",
    cases: [
      {
        family: "errors",
        shows: "encodes as",
        vectors: [
          "Basic.Ack/reject/delivery_tag=over",
          "Basic.Ack/reject/delivery_tag=u64max",
          "Basic.Deliver/reject/delivery_tag=over",
          "Basic.GetOk/reject/delivery_tag=over",
          "Basic.GetOk/reject/delivery_tag=u64max",
          "Basic.Nack/reject/delivery_tag=over",
          "Basic.Reject/reject/delivery_tag=over",
          "Basic.Reject/reject/delivery_tag=u64max",
        ],
      },
      { family: "errors", shows: "frame.deliveryTag is", vectors: ["wire/ack_2pow63", "wire/deliver_u64_tag"] },
      {
        family: "quirks",
        shows: "deliveryTag: integer of 0 to 18446744073709551615 required",
        vectors: ["quirk/min_delivery_tag", "quirk/negative_delivery_tag"],
      },
      {
        family: "quirks",
        shows: "frame.deliveryTag is",
        vectors: ["quirk/min_delivery_tag", "quirk/negative_delivery_tag"],
      },
    ],
  },
  {
    decision:
      "Arguments take the type that they are declared with; Python's booleans are integers, and anything empty passes for a table there.",
    cases: [
      { family: "quirks", shows: "boolean required, received number", vectors: ["quirk/bit_int_1", "quirk/bit_int_2"] },
      { family: "quirks", shows: "deliveryTag is 1, not true", vectors: ["quirk/bool_as_int"] },
      { family: "quirks", shows: "frame.active is true, not 1", vectors: ["quirk/bit_int_1"] },
      { family: "quirks", shows: "frame.ticket is 0, not false", vectors: ["quirk/ticket_false"] },
      {
        family: "quirks",
        shows: "integer of 0 to 18446744073709551615 required, received boolean",
        vectors: ["quirk/bool_as_int"],
      },
      { family: "quirks", shows: "required, received Array", vectors: ["quirk/empty_list_as_table"] },
      { family: "quirks", shows: "ticket must be 0", vectors: ["quirk/ticket_false"] },
    ],
  },
  {
    decision: "Field names may have 255 octets, as in the standard; pamqp writes the first 128.",
    cases: [
      {
        family: "quirks",
        shows: "encodes as",
        vectors: ["quirk/key_truncated", "quirk/key_truncated_collision", "quirk/key_truncated_utf8"],
      },
    ],
  },
  {
    decision: "JavaScript has one type of number: 1.0 is 1, and an integer.",
    cases: [
      {
        family: "errors",
        shows: "encodes as",
        vectors: [
          "Basic.Deliver/reject/delivery_tag=float",
          "Basic.GetOk/reject/delivery_tag=float",
          "Basic.Nack/reject/delivery_tag=float",
          "Basic.Properties/reject/delivery_mode=float",
          "Basic.Properties/reject/priority=float",
          "Basic.Qos/reject/prefetch_count=float",
          "Basic.Qos/reject/prefetch_size=float",
          "Basic.Reject/reject/delivery_tag=float",
          "Basic.Return/reject/reply_code=float",
          "Channel.Close/reject/method_id=float",
          "Connection.Close/reject/class_id=float",
          "Connection.Close/reject/method_id=float",
          "Connection.Start/reject/version_major=float",
          "Connection.Start/reject/version_minor=float",
          "Connection.Tune/reject/channel_max=float",
          "Connection.Tune/reject/frame_max=float",
          "Connection.TuneOk/reject/frame_max=float",
          "ContentHeader/reject/body_size=float",
          "Queue.DeclareOk/reject/message_count=float",
          "Queue.DeleteOk/reject/message_count=float",
          "Queue.PurgeOk/reject/message_count=float",
        ],
      },
    ],
  },
  {
    decision:
      "Strings are also taken as octets, since some that brokers send are no UTF-8, and octets in tables go out as byte arrays.",
    cases: [
      {
        family: "errors",
        shows: "encodes as",
        vectors: [
          "Basic.Cancel/reject/consumer_tag=bytes",
          "Basic.Consume/reject/arguments=bytes",
          "Basic.ConsumeOk/reject/consumer_tag=bytes",
          "Basic.Deliver/reject/consumer_tag=bytes",
          "Basic.GetOk/reject/routing_key=bytes",
          "Basic.Properties/reject/content_type=bytes",
          "Basic.Properties/reject/headers=bytes",
          "Basic.Publish/reject/routing_key=bytes",
          "Basic.Return/reject/reply_text=bytes",
          "Channel.Close/reject/reply_text=bytes",
          "Connection.Blocked/reject/reason=bytes",
          "Connection.Secure/reject/challenge=bytes",
          "Connection.SecureOk/reject/response=bytes",
          "Connection.Start/reject/locales=bytes",
          "Connection.StartOk/reject/client_properties=bytes",
          "Connection.StartOk/reject/client_properties=nestedbytes",
          "Connection.StartOk/reject/mechanism=bytes",
          "Connection.UpdateSecret/reject/new_secret=bytes",
          "Connection.UpdateSecret/reject/reason=bytes",
          "Exchange.Bind/reject/routing_key=bytes",
          "Exchange.Declare/reject/exchange_type=bytes",
          "Exchange.Unbind/reject/routing_key=bytes",
          "Queue.Bind/reject/routing_key=bytes",
          "Queue.Declare/reject/arguments=nestedbytes",
          "Queue.Unbind/reject/arguments=bytes",
          "Queue.Unbind/reject/routing_key=bytes",
        ],
      },
    ],
  },
  {
    decision: "Lengths are counted in octets, so that a name is refused as too long before it is encoded.",
    cases: [
      {
        family: "errors",
        shows: 'says "Max length exceeded',
        vectors: [
          "Basic.Get/reject/queue=overutf8",
          "Basic.GetOk/reject/exchange=overutf8",
          "Basic.Publish/reject/exchange=overutf8",
          "Basic.Return/reject/exchange=overutf8",
          "Exchange.Delete/reject/exchange=overutf8",
          "Exchange.Unbind/reject/destination=overutf8",
          "Exchange.Unbind/reject/source=overutf8",
          "Queue.Bind/reject/queue=overutf8",
          "Queue.DeclareOk/reject/queue=overutf8",
          "Queue.Purge/reject/queue=overutf8",
          "Queue.Unbind/reject/exchange=overutf8",
          "Queue.Unbind/reject/queue=overutf8",
        ],
      },
    ],
  },
  {
    decision:
      'Reserved arguments of Channel.Open and Channel.OpenOk may be empty, as the standard says and every broker sends, or "0", as pamqp has it.',
    cases: [
      {
        family: "errors",
        shows: "encodes as",
        vectors: [
          "Channel.Open/reject/out_of_band=empty",
          "Channel.OpenOk/reject/channel_id=empty",
          "Channel.OpenOk/reject/mutated,channel_id=empty",
        ],
      },
    ],
  },
  {
    decision: "JavaScript has no tuples, and every key of an object is a string.",
    cases: [
      {
        family: "errors",
        shows: "encodes as",
        vectors: [
          "Connection.StartOk/reject/client_properties=nonstring_key",
          "Connection.StartOk/reject/client_properties=tuple",
          "Queue.Declare/reject/arguments=nonstring_key",
        ],
      },
    ],
  },
  {
    decision: "Properties are validated when they are encoded, as commands are, and not in the constructor alone.",
    cases: [
      {
        family: "errors",
        shows: "throws Invalid delivery_mode value: 9",
        vectors: ["Basic.Properties/mutated/delivery_mode=9"],
      },
      {
        family: "errors",
        shows: "throws cluster_id must be empty",
        vectors: ["Basic.Properties/mutated/cluster_id=x"],
      },
    ],
  },
  {
    decision:
      "For old brokers we write no type octets but I and l, which every client reads; pamqp goes on writing b and s.",
    cases: [
      {
        family: "fields",
        shows: "encodes as 49",
        vectors: [
          "value.deprecated_rabbitmq/int-1",
          "value.deprecated_rabbitmq/int-128",
          "value.deprecated_rabbitmq/int0",
          "value.deprecated_rabbitmq/int1",
          "value.deprecated_rabbitmq/int127",
          "value.deprecated_rabbitmq/int128",
          "value.deprecated_rabbitmq/int256",
        ],
      },
    ],
  },
  {
    decision: "Octet 0 is no field type: RabbitMQ has none, and a peer that sends it is out of step.",
    cases: [{ family: "fields", shows: "has unknown field type 0", vectors: ["octet/0x00/empty"] }],
  },
  {
    decision: "Bits that mean nothing are ignored, and not kept.",
    cases: [
      {
        family: "errors",
        shows: "encodes what was decoded as",
        vectors: ["fuzz/069", "fuzz/130", "wire/header_reserved_bit", "wire/undefined_bits_set"],
      },
    ],
  },
  {
    decision: "Tables are nested 32 levels deep at most, unless the reader is told otherwise.",
    cases: [{ family: "errors", shows: "reject as field-depth", vectors: ["wire/deep_table_100"] }],
  },
  {
    decision: "A string that passes the end of what holds it is an error; pamqp gives what there is of it.",
    cases: [
      {
        family: "errors",
        shows: "reject as string-length",
        vectors: [
          "fuzz/043",
          "fuzz/053",
          "fuzz/103",
          "fuzz/118",
          "fuzz/152",
          "fuzz/240",
          "fuzz/258",
          "fuzz/264",
          "fuzz/265",
          "fuzz/291",
          "fuzz/309",
          "fuzz/323",
          "fuzz/366",
          "fuzz/396",
        ],
      },
    ],
  },
  {
    decision: "Octets left over behind the last argument or property are an error, as in RabbitMQ.",
    cases: [
      {
        family: "errors",
        shows: "reject as octets-left",
        vectors: [
          "fuzz/036",
          "fuzz/057",
          "fuzz/090",
          "fuzz/107",
          "fuzz/140",
          "fuzz/182",
          "fuzz/183",
          "fuzz/184",
          "fuzz/185",
          "fuzz/230",
          "fuzz/233",
          "fuzz/275",
          "fuzz/310",
          "fuzz/320",
          "fuzz/327",
          "fuzz/332",
          "fuzz/333",
          "fuzz/380",
        ],
      },
    ],
  },
  {
    decision:
      "Content headers are of class 60 and weight 0, and their flags have one word: RabbitMQ closes the connection for anything else.",
    cases: [
      { family: "errors", shows: "reject as header-class", vectors: ["fuzz/153"] },
      {
        family: "errors",
        shows: "reject as header-weight",
        vectors: ["fuzz/117", "fuzz/246", "fuzz/279", "fuzz/294", "fuzz/387"],
      },
      { family: "errors", shows: "reject as property-flags", vectors: ["fuzz/051"] },
    ],
  },
  {
    decision:
      "Property strings and field names need not be UTF-8: RabbitMQ does not check them, and one such message must not cost the connection.",
    cases: [
      {
        family: "errors",
        shows: "we accept, not reject",
        vectors: ["fuzz/055", "fuzz/078", "fuzz/157", "fuzz/217", "fuzz/293", "fuzz/329", "fuzz/376", "fuzz/391"],
      },
    ],
  },
];
