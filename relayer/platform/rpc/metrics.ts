import { Counter, type Registry } from "prom-client";

/** The metrics of reading chains. */
export type RpcMetrics = ReturnType<typeof createRpcMetrics>;

/** Registers the metrics of reading chains. */
export function createRpcMetrics(registry: Registry) {
  const registers = [registry];
  return {
    disagreements: new Counter({
      name: "dchat_rpc_disagreements_total",
      help: "Answers of a provider that others contradicted: outvoted, or when no agreement was reached",
      labelNames: ["chain", "provider"],
      registers,
    }),
    errors: new Counter({
      name: "dchat_rpc_errors_total",
      help: "Requests that a provider did not answer, or answered with an error of its own",
      labelNames: ["chain", "provider", "method"],
      registers,
    }),
  };
}
