import { Confirm, Tx } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { Confirms } from "./confirms.js";
import { preconditionFailed } from "./refusal.js";
import { newTransaction } from "./transaction.js";

export function selectConfirms(channel: Channel, method: Confirm.Select): void {
  if (channel.transaction !== undefined) throw preconditionFailed("cannot switch from tx to confirm mode");
  channel.confirms ??= new Confirms();
  if (!method.noWait) channel.send(new Confirm.SelectOk());
}

export function selectTransactions(channel: Channel): void {
  if (channel.confirms !== undefined) throw preconditionFailed("cannot switch from confirm to tx mode");
  channel.transaction ??= newTransaction();
  channel.send(new Tx.SelectOk());
}

export function commit(channel: Channel): void {
  checkTransactional(channel);
  channel.commit();
  channel.send(new Tx.CommitOk());
}

export function rollback(channel: Channel): void {
  checkTransactional(channel);
  channel.rollback();
  channel.send(new Tx.RollbackOk());
}

function checkTransactional({ transaction }: Channel): void {
  if (transaction === undefined) throw preconditionFailed("channel is not transactional");
}
