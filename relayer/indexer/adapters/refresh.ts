import type { Transaction } from "kysely";
import { decodeTerms } from "../../escrow/adapters/decode.ts";
import type { EscrowLog } from "../../escrow/core/ledger.ts";
import type { EscrowId } from "../../escrow/core/types.ts";
import type { ChainId, Hash, MessageId, PublicKey } from "../../domain/ids.ts";
import type { EscrowFact, Subjects } from "../core/facts.ts";
import { summarizeEscrow, summarizeOutcome, summarizeValidator } from "../core/summaries.ts";
import { record, storedEvent, storedTerms } from "./escrow-codec.ts";
import type { Tables } from "./tables.ts";

type Tx = Transaction<Tables>;

/** Works the summaries of these subjects out again from all their facts. */
export async function refresh(
  tx: Tx,
  chainId: ChainId,
  { messages, validators, escrows }: Subjects,
): Promise<void> {
  if (messages.length > 0) await refreshMessages(tx, messages);
  if (validators.length > 0) await refreshValidators(tx, chainId, validators);
  if (escrows.length > 0) await refreshEscrows(tx, chainId, escrows);
}

async function refreshMessages(tx: Tx, ids: readonly MessageId[]): Promise<void> {
  const facts = await tx
    .selectFrom("outcomes")
    .selectAll()
    .where("messageId", "in", ids)
    .orderBy("blockNumber")
    .orderBy("logIndex")
    .execute();
  const byId = Map.groupBy(facts, ({ messageId }) => messageId);
  const byOutcome = Map.groupBy(ids, (id) => summarizeOutcome(byId.get(id) ?? []));
  for (const [outcome, some] of byOutcome)
    await tx.updateTable("messages").set({ outcome }).where("id", "in", some).execute();
}

async function refreshValidators(tx: Tx, chainId: ChainId, keys: readonly PublicKey[]): Promise<void> {
  await tx.deleteFrom("validators").where("chainId", "=", chainId).where("key", "in", keys).execute();
  const facts = await tx
    .selectFrom("validatorEvents")
    .selectAll()
    .where("chainId", "=", chainId)
    .where("key", "in", keys)
    .orderBy("blockNumber")
    .orderBy("logIndex")
    .execute();
  const rows = [...Map.groupBy(facts, ({ key }) => key)].flatMap(([key, own]) => {
    const summary = summarizeValidator(own);
    return summary === undefined ? [] : [{ chainId, key, ...summary }];
  });
  if (rows.length > 0) await tx.insertInto("validators").values(rows).execute();
}

async function refreshEscrows(tx: Tx, chainId: ChainId, ids: readonly Hash[]): Promise<void> {
  await tx.deleteFrom("escrows").where("id", "in", ids).execute();
  const facts = await tx
    .selectFrom("escrowEvents")
    .selectAll()
    .where("chainId", "=", chainId)
    .where("escrowId", "in", ids)
    .orderBy("blockNumber")
    .orderBy("logIndex")
    .execute();
  const rows = [...Map.groupBy(facts, ({ escrowId }) => escrowId)].flatMap(([id, own]) => {
    const created = own.find(({ name }) => name === "Created");
    const summary = summarizeEscrow(own.flatMap(logOf));
    if (created === undefined || summary === undefined) return [];
    const terms = JSON.stringify(record.parse(created.details)["terms"]);
    return [
      {
        chainId,
        id,
        ...summary,
        terms,
        createdAt: created.blockTime,
        createdBlock: created.blockNumber,
        createdLog: created.logIndex,
        createdTransaction: created.transactionHash,
      },
    ];
  });
  if (rows.length > 0) await tx.insertInto("escrows").values(rows).execute();
}

/** A stored fact as the escrow's own rules take it; none for events that change nothing. */
function logOf({ escrowId, name, details, blockTime }: EscrowFact): readonly EscrowLog[] {
  const id = String(escrowId) as EscrowId;
  const time = BigInt(blockTime);
  if (name === "Created")
    return [{ id, time, event: { name }, terms: decodeTerms(storedTerms.parse(details)) }];
  const event = storedEvent.safeParse({ ...record.parse(details), name });
  return event.success ? [{ id, time, event: event.data }] : [];
}
