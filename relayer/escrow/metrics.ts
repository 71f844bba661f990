import { Counter, Gauge, type Registry } from "prom-client";

/** The metrics of a keeper. */
export type KeeperMetrics = ReturnType<typeof createKeeperMetrics>;

/** Registers the metrics of a keeper. */
export function createKeeperMetrics(registry: Registry) {
  const registers = [registry];
  return {
    open: new Gauge({ name: "dchat_escrow_open", help: "Escrows that are open", registers }),
    due: new Gauge({
      name: "dchat_escrow_due",
      help: "Escrows whose time is up and that wait to be expired",
      registers,
    }),
    near: new Gauge({
      name: "dchat_escrow_near_deadline",
      help: "Open escrows whose present window ends within the hour: whoever has to act has not acted yet",
      registers,
    }),
    expired: new Counter({
      name: "dchat_keeper_expired_total",
      help: "Escrows, or milestones of them, that this keeper expired",
      registers,
    }),
    skipped: new Counter({
      name: "dchat_keeper_skipped_total",
      help: "Items of batches that did not expire although they were due",
      registers,
    }),
    batches: new Counter({
      name: "dchat_keeper_batches_total",
      help: "Batches that this keeper sent",
      registers,
    }),
    spent: new Counter({
      name: "dchat_keeper_spent_wei_total",
      help: "Wei that this keeper paid for its transactions",
      registers,
    }),
    tips: new Counter({
      name: "dchat_keeper_tips_total",
      help: "Tips that this keeper was given, in the token's smallest unit; the zero address is the native currency",
      labelNames: ["token"],
      registers,
    }),
    postponed: new Counter({
      name: "dchat_keeper_postponed_total",
      help: "Times that due escrows waited because gas was too dear",
      registers,
    }),
  };
}
