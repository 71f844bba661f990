import { Counter, Gauge, type Registry } from "prom-client";

/** The metrics of a sender of transactions. */
export type TransactionMetrics = ReturnType<typeof createTransactionMetrics>;

/** Registers the metrics of a sender of transactions. */
export function createTransactionMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ["chain"] as const;
  return {
    transactions: new Counter({
      name: "dchat_sender_transactions_total",
      help: "Calls by what became of them: included, failed (in a block), refused (by the simulation), too_big; and nonces that were rebroadcast, filled or abandoned",
      labelNames: ["chain", "outcome"] as const,
      registers,
    }),
    replacements: new Counter({
      name: "dchat_sender_replacements_total",
      help: "Transactions that were signed again with higher fees",
      labelNames,
      registers,
    }),
    balance: new Gauge({
      name: "dchat_sender_balance_wei",
      help: "What the sending key has to pay fees with, as its owner last saw it",
      labelNames: ["chain", "address"] as const,
      registers,
    }),
    pending: new Gauge({
      name: "dchat_sender_pending",
      help: "Nonces whose transaction is not final yet",
      labelNames,
      registers,
    }),
  };
}
