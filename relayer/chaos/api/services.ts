import type { Access } from "../../platform/access.ts";
import type { Logger } from "../../platform/log.ts";
import type { Inventory } from "../core/selector.ts";
import type { ChaosStore, Injector } from "../ports.ts";
import type { ChaosController } from "../worker/controller.ts";
import type { Scheduler } from "../worker/scheduler.ts";

/** What the API serves from. */
export type ChaosApiServices = {
  readonly controller: ChaosController;
  readonly scheduler: Scheduler;
  readonly store: ChaosStore;
  readonly inventory: () => Inventory;
  /** All tiers that there are here. */
  readonly injectors: readonly Injector[];
  readonly access: Access;
  readonly logger: Logger;
};
