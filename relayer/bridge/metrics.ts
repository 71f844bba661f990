import { Histogram, type Registry } from "prom-client";

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
