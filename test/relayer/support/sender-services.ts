import { Registry } from "prom-client";
import type { SenderServices } from "../../../relayer/platform/transaction-sender.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import type { JournalOwner } from "../../../relayer/platform/transactions/journal-database.ts";
import { createTransactionMetrics } from "../../../relayer/platform/transactions/metrics.ts";
import { SqliteTransactionJournal } from "../../../relayer/platform/transactions/sqlite-journal.ts";

/** What a sender works with when nobody competes for its key. */
export function senderServices(file: string, owner: JournalOwner): SenderServices {
  return {
    journal: new SqliteTransactionJournal(file, owner),
    owner: { token: () => 1 },
    metrics: createTransactionMetrics(new Registry()),
    logger: createLogger("silent", {}),
    clock: systemClock,
  };
}
