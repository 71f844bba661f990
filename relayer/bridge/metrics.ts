import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Registers the metrics of deliveries. */
export function createDeliveryMetrics(registry: Registry) {
  return {
    gasPerMessage: new Histogram({
      name: "dchat_delivery_gas_per_message",
      help: "Gas that a delivery used, divided by its messages",
      labelNames: ["chain"],
      buckets: [25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000, 5_000_000],
      registers: [registry],
    }),
  };
}

/** The metrics of a watchtower. */
export type WatchtowerMetrics = ReturnType<typeof createWatchtowerMetrics>;

/** Registers the metrics of a watchtower. */
export function createWatchtowerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    watched: new Counter({
      name: "dchat_watchtower_attestations_total",
      help: "Attestations that the watchtower has looked at: first, known, double-signing, or ignored as nobody's",
      labelNames: ["finding"],
      registers,
    }),
    cases: new Gauge({
      name: "dchat_watchtower_cases",
      help: "Offences that were found, by how far their report has come",
      labelNames: ["offence", "state"],
      registers,
    }),
    missed: new Gauge({
      name: "dchat_watchtower_missed_points",
      help: "At how many of the newest hundred points of its epoch a validator is missing; more than fifty are an offence",
      labelNames: ["validator"],
      registers,
    }),
    judged: new Gauge({
      name: "dchat_watchtower_judged_points",
      help: "How many of the newest points of its epoch, a hundred at most, the watchtower judges validators by",
      registers,
    }),
    rewards: new Counter({
      name: "dchat_watchtower_rewards_wei_total",
      help: "Rewards that were paid out, in the smallest unit of the bond's token",
      registers,
    }),
  };
}

/** Registers the metrics of an aggregator. */
export function createAttestationMetrics(registry: Registry) {
  return {
    attestations: new Counter({
      name: "dchat_attestations_total",
      help: "Attestations to messages on their way that were checked and counted, by validator and destination; a repetition counts again",
      labelNames: ["chain", "validator"],
      registers: [registry],
    }),
    behind: new Gauge({
      name: "dchat_validator_behind_seconds",
      help: "For how long other members of the set have attested and this one has not; it does not grow while nothing is to be attested to",
      labelNames: ["chain", "validator"],
      registers: [registry],
    }),
  };
}

/** Registers the metrics of a watcher. */
export function createLaneMetrics(registry: Registry) {
  const labelNames = ["from", "to"] as const;
  const registers = [registry];
  return {
    messages: new Gauge({
      name: "dchat_lane_lag_messages",
      help: "Messages that were sent and that the destination has not accepted",
      labelNames,
      registers,
    }),
    seconds: new Gauge({
      name: "dchat_lane_lag_seconds",
      help: "How long the oldest message that the destination has not accepted has waited, since its block was made",
      labelNames,
      registers,
    }),
  };
}

/** The metrics of tokens' bridges on one chain. */
export type TokenMetrics = ReturnType<typeof createTokenMetrics>;

/** Registers the metrics of tokens' bridges. */
export function createTokenMetrics(registry: Registry) {
  const registers = [registry];
  return {
    used: new Gauge({
      name: "dchat_token_limit_used_ratio",
      help: "Which part of what may cross at once between a token's bridge and its counterpart is used up now, from 0 to 1; direction is outgoing or incoming",
      labelNames: ["chain", "token", "counterpart", "direction"],
      registers,
    }),
    held: new Gauge({
      name: "dchat_transfers_held",
      help: "Transfers that have arrived and that the token's bridge holds back because of their size",
      labelNames: ["chain", "token"],
      registers,
    }),
    oldest: new Gauge({
      name: "dchat_transfer_held_oldest_seconds",
      help: "How long the oldest transfer that a token's bridge holds back has waited since it arrived; 0 when there is none",
      labelNames: ["chain", "token"],
      registers,
    }),
  };
}
