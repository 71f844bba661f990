import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { catalogueView, ChaosClient } from "./client.ts";

/** `dchat chaos list`. */
export async function list({ network, output }: CommandContext): Promise<void> {
  const found = await new ChaosClient(network).get("/api/v1/catalogue", catalogueView);
  const { scenarios, faults, processes } = found;
  const tiers = faults[0]?.tiers.map(({ tier }) => tier) ?? [];
  const text = [
    table(
      ["Scenario", "Lasts", "What happens"],
      scenarios.map((each) => [each.id, `${each.seconds} s`, each.description]),
    ),
    table(
      ["Fault", ...tiers],
      faults.map((each) => [
        each.type,
        ...each.tiers.map(({ mechanism, whyNot }) => mechanism ?? `no: ${whyNot ?? ""}`),
      ]),
    ),
    table(
      ["Process", "Service", "Zone"],
      processes.map(({ name, service, zone }) => [name, service, zone]),
    ),
  ];
  output.result(found, text.join("\n\n"));
}
