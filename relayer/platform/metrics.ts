import { collectDefaultMetrics, Registry } from "prom-client";

/** The Prometheus metrics of one process, with Node's own among them. */
export function createRegistry(role: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  return registry;
}
