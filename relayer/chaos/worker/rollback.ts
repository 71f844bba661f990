import { explain } from "../../domain/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import type { Fault } from "../core/fault.ts";
import { resolve } from "../core/selector.ts";
import type { MethodServices } from "./method-run.ts";
import { injectorFor } from "./step-run.ts";

/** A restart is a crash that lasts no longer than it takes. */
const RESTART: Fault = { type: "ServiceCrash", mode: "kill", restartDelayMilliseconds: 0 };
const RESTART_MILLISECONDS = 1_000;

/** Does an experiment's rollbacks, each whatever became of the others. @returns why one could not be done */
export async function rollBack(
  { rollbacks }: Experiment,
  services: Pick<MethodServices, "inventory" | "injectors" | "clock" | "fence">,
): Promise<string | undefined> {
  const failures: string[] = [];
  for (const { name, action, selector } of rollbacks) {
    // Every step has healed what it did by now, and the leases end what is left of it.
    if (action === "heal-all" || selector === undefined) continue;
    try {
      const targets = resolve("ServiceCrash", { selector }, services.inventory());
      const until = services.clock.now() + RESTART_MILLISECONDS;
      const injector = injectorFor(RESTART, services.injectors);
      const injection = await injector.inject(RESTART, targets, until, services.fence);
      await injection.heal();
    } catch (error) {
      failures.push(`the rollback "${name}" could not be done: ${explain(error)}`);
    }
  }
  return failures[0];
}
