import { Exchange as ExchangeClass, type FieldTable } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { sameArgument, sameArguments } from "./equivalence.js";
import { typeName } from "./field-types.js";
import { isExchangeKind, type Exchange } from "./exchange.js";
import { accessRefused, commandInvalid, notFound, preconditionFailed } from "./refusal.js";
import type { VirtualHost } from "./virtual-host.js";

const described = (name: string, host: VirtualHost): string => `exchange '${name}' in vhost '${host.name}'`;

/** @throws Refusal 404 where there is none. */
export function exchangeNamed(name: string, host: VirtualHost): Exchange {
  const exchange = host.exchange(name);
  if (exchange === undefined) throw notFound(`no ${described(name, host)}`);
  return exchange;
}

export function declareExchange(channel: Channel, method: ExchangeClass.Declare): void {
  const { connection } = channel;
  const { host } = connection;
  const { exchange: name, type, passive, durable, autoDelete, internal } = method;
  const table = method.arguments as FieldTable;
  if (name === "") throw accessRefused("operation not permitted on the default exchange");
  if (passive) {
    exchangeNamed(name, host);
  } else {
    if (!isExchangeKind(type)) throw commandInvalid(`unknown exchange type '${type}'`);
    const found = host.exchange(name);
    if (found === undefined) {
      if (name.startsWith("amq.")) throw accessRefused(`exchange name '${name}' contains reserved prefix 'amq.*'`);
      if (host.exchanges.size >= connection.broker.limits.maxExchanges) {
        throw preconditionFailed(`cannot declare ${described(name, host)}: the limit of exchanges is reached`);
      }
      checkAlternate(table, described(name, host));
      host.declareExchange(name, { kind: type, durable, autoDelete, internal, arguments: table });
    } else {
      const what = described(name, host);
      sameArgument(what, "type", type, found.settings.kind);
      sameArgument(what, "durable", durable, found.settings.durable);
      sameArgument(what, "auto_delete", autoDelete, found.settings.autoDelete);
      sameArgument(what, "internal", internal, found.settings.internal);
      sameArguments(what, ["alternate-exchange"], table, found.settings.arguments);
    }
  }
  if (!method.noWait) channel.send(new ExchangeClass.DeclareOk());
}

function checkAlternate(table: FieldTable, what: string): void {
  const alternate = table.get("alternate-exchange");
  if (alternate === undefined || typeof alternate === "string") return;
  throw preconditionFailed(
    `invalid type '${typeName(table, "alternate-exchange")}' for arg 'alternate-exchange' in ${what}`,
  );
}

export function deleteExchange(channel: Channel, method: ExchangeClass.Delete): void {
  const { host } = channel.connection;
  const name = method.exchange;
  if (name === "") throw accessRefused("operation not permitted on the default exchange");
  if (name.startsWith("amq.")) throw accessRefused(`deletion of system ${described(name, host)} not allowed`);
  const exchange = host.exchange(name);
  if (exchange !== undefined) {
    if (method.ifUnused && exchange.outgoing.size > 0) throw preconditionFailed(`${described(name, host)} in use`);
    host.deleteExchange(exchange);
  }
  if (!method.noWait) channel.send(new ExchangeClass.DeleteOk());
}

export function bindExchange(channel: Channel, method: ExchangeClass.Bind): void {
  const { host } = channel.connection;
  const [source, destination] = ends(method, host);
  host.bind(source, destination, method.routingKey, method.arguments as FieldTable);
  if (!method.noWait) channel.send(new ExchangeClass.BindOk());
}

export function unbindExchange(channel: Channel, method: ExchangeClass.Unbind): void {
  const { host } = channel.connection;
  const [source, destination] = ends(method, host);
  const binding = host.binding(source, destination, method.routingKey, method.arguments as FieldTable);
  if (binding !== undefined) host.unbind(binding);
  if (!method.noWait) channel.send(new ExchangeClass.UnbindOk());
}

function ends(method: ExchangeClass.Bind | ExchangeClass.Unbind, host: VirtualHost): [Exchange, Exchange] {
  for (const name of [method.source, method.destination]) {
    if (name === "") throw accessRefused("operation not permitted on the default exchange");
  }
  return [exchangeNamed(method.source, host), exchangeNamed(method.destination, host)];
}
