import { Counter, Gauge, type Registry } from "prom-client";

/** Registers the metrics of whoever writes the index. */
export function createIndexerMetrics(registry: Registry) {
  const labelNames = ["chain"] as const;
  const registers = [registry];
  return {
    rows: new Counter({
      name: "dchat_index_rows_written_total",
      help: "Rows of facts that were written into the index",
      labelNames,
      registers,
    }),
    reorgs: new Counter({
      name: "dchat_index_reorgs_total",
      help: "Reorganisations after which facts were taken back",
      labelNames,
      registers,
    }),
  };
}

/** What is known of one chain's lag. */
export type Lag = { readonly chain: string; readonly blocks: number; readonly seconds: number };

/** Registers the lag of the index, worked out when it is asked for. @param lags none while it cannot be told */
export function createLagMetrics(registry: Registry, lags: () => Promise<readonly Lag[]>): void {
  const gauge = (name: string, help: string, value: (lag: Lag) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["chain"],
      registers: [registry],
      async collect() {
        this.reset();
        // While it cannot be told, nothing is told; the readiness says why.
        for (const lag of await lags().catch(() => [])) this.set({ chain: lag.chain }, value(lag));
      },
    });
  gauge(
    "dchat_index_lag_blocks",
    "How many blocks of the chain are not in the index yet",
    ({ blocks }) => blocks,
  );
  gauge(
    "dchat_index_lag_seconds",
    "How old the newest block of the index is while the chain has a newer one, else how long nobody has looked",
    ({ seconds }) => seconds,
  );
}
