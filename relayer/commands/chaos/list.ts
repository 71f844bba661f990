import { readInventory } from "../../chaos/adapters/inventory-file.ts";
import { Leases } from "../../chaos/adapters/leases.ts";
import { catalogue } from "../../chaos/core/catalogue.ts";
import { methodMilliseconds } from "../../chaos/core/experiment.ts";
import { bitesOn, type FaultType } from "../../chaos/core/fault.ts";
import type { CommandContext } from "../context.ts";
import { join } from "node:path";
import { systemClock } from "../../platform/clock.ts";
import { createLogger } from "../../platform/log.ts";
import { table } from "../../platform/table.ts";
import { openInjectors, requireChaos } from "./fleet.ts";

/** `dchat chaos list`. */
export async function list({ network, output }: CommandContext): Promise<void> {
  const config = requireChaos(network);
  const inventory = readInventory(config.inventoryFile);
  const logger = createLogger("silent", {});
  await using leases = await Leases.open(join(config.folder, "list.sqlite"), { clock: systemClock, logger });
  const injectors = await openInjectors(network, "auto", leases);
  const scenarios = Object.entries(catalogue()).map(([id, experiment]) => ({
    id,
    title: experiment.title,
    description: experiment.description,
    seconds: methodMilliseconds(experiment) / 1_000,
  }));
  const faults = (Object.keys(bitesOn) as FaultType[]).map((type) => ({
    type,
    tiers: injectors.map((injector) => ({
      tier: injector.tier,
      mechanism: injector.mechanismOf(type)?.name ?? null,
      whyNot: injector.whyNot(type) ?? null,
    })),
  }));
  const text = [
    table(
      ["Scenario", "Lasts", "What happens"],
      scenarios.map((each) => [each.id, `${each.seconds} s`, each.description]),
    ),
    table(
      ["Fault", ...injectors.map(({ tier }) => tier)],
      faults.map(({ type, tiers }) => [
        type,
        ...tiers.map(({ mechanism, whyNot }) => mechanism ?? `no: ${whyNot ?? ""}`),
      ]),
    ),
    table(
      ["Process", "Service", "Zone"],
      inventory.processes.map(({ name, service, zone }) => [name, service, zone]),
    ),
  ];
  output.result({ scenarios, faults, ...inventory }, text.join("\n\n"));
}
