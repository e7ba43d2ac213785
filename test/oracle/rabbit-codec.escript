#!/usr/bin/env escript
%% RabbitMQ's own codec, asked about frames: no broker is needed.
%%
%%   escript rabbit-codec.escript EBIN FILE
%%
%% EBIN is rabbit_common's, FILE has a whole frame in hexadecimal on each line. Answers one JSON value a line: what the codec reads,
%% and in "again" the octets it makes of that.
-define(CODEC, rabbit_framing_amqp_0_9_1).

main([Ebin, File]) ->
    true = code:add_path(Ebin),
    ok = io:setopts([{encoding, unicode}]),
    {ok, Text} = file:read_file(File),
    [io:put_chars([json(answer(binary:decode_hex(Line))), $\n]) || Line <- binary:split(Text, <<"\n">>, [global, trim_all])].

answer(<<Type, Channel:16, Size:32, Payload:Size/binary, 206>>) ->
    [{channel, Channel} | read(Type, Payload)].

read(1, <<ClassId:16, MethodId:16, Fields/binary>>) ->
    Name = ?CODEC:lookup_method_name({ClassId, MethodId}),
    Record = ?CODEC:decode_method_fields(Name, Fields),
    [_ | Values] = tuple_to_list(Record),
    [{name, text(Name)},
     {synchronous, ?CODEC:is_method_synchronous(Record)},
     {content, ?CODEC:method_has_content(Name)},
     {arguments, [[text(Key), value(Value)] || {Key, Value} <- lists:zip(?CODEC:method_fieldnames(Name), Values)]},
     {again, hex(?CODEC:encode_method_fields(Record))}];
read(2, <<ClassId:16, 0:16, BodySize:64, Properties/binary>>) ->
    Record = ?CODEC:decode_properties(ClassId, Properties),
    [Name | Values] = tuple_to_list(Record),
    [{name, text(Name)},
     {bodySize, integer_to_binary(BodySize)},
     {properties, [value(Value) || Value <- Values]},
     {again, hex(?CODEC:encode_properties(Record))}].

%% Text as text where it is UTF-8; numbers as text, because JSON readers round them.
value(undefined) -> null;
value(Value) when is_boolean(Value) -> Value;
value(Value) when is_integer(Value) -> integer_to_binary(Value);
value(Value) when is_float(Value) -> iolist_to_binary(io_lib:format("~p", [Value]));
value(Value) when is_binary(Value) -> Value;
value({Scale, Unscaled}) -> [integer_to_binary(Scale), integer_to_binary(Unscaled)];
value(Fields) when is_list(Fields) -> [field(Field) || Field <- Fields].

field({Key, Type, Value}) -> [Key | typed(Type, Value)];
field({Type, Value}) -> typed(Type, Value).

typed(binary, Value) -> [<<"binary">>, hex(Value)];
typed(Type, Value) -> [text(Type), value(Value)].

text(Atom) -> atom_to_binary(Atom).
hex(Octets) -> string:lowercase(binary:encode_hex(iolist_to_binary(Octets))).

json(null) -> "null";
json(Value) when is_boolean(Value) -> atom_to_list(Value);
json(Value) when is_integer(Value) -> integer_to_list(Value);
json(Value) when is_binary(Value) -> [$", [escape(Char) || Char <- unicode:characters_to_list(Value)], $"];
json([]) -> "[]";
json([{Key, _} | _] = Pairs) when is_atom(Key) ->
    ["{", lists:join($,, [[json(text(Name)), $:, json(Value)] || {Name, Value} <- Pairs]), "}"];
json(Values) -> ["[", lists:join($,, [json(Value) || Value <- Values]), "]"].

escape($") -> "\\\"";
escape($\\) -> "\\\\";
escape(Char) when Char < 32 -> io_lib:format("\\u~4.16.0b", [Char]);
escape(Char) -> Char.
