// A chaos controller to be killed by tests: node controlling-program.ts REQUEST
// REQUEST is JSON: where its journal is, what the injectors need, and the fault with its targets. It prints "injected" once it bites.
import type { z } from "zod";
import { Leases } from "../../../relayer/chaos/adapters/leases.ts";
import { linuxInjector, type LinuxOptions } from "../../../relayer/chaos/adapters/linux-injector.ts";
import { portableInjector } from "../../../relayer/chaos/adapters/portable-injector.ts";
import { faultSchema } from "../../../relayer/chaos/core/fault.ts";
import type { Target } from "../../../relayer/chaos/core/target.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";

/** What the program is asked for. */
export type Request = {
  readonly journal: string;
  readonly toxiproxy: string;
  readonly holdFolder: string;
  /** For the Linux tier; without it the fault is done by the portable one. */
  readonly linux?: LinuxOptions;
  readonly fault: z.input<typeof faultSchema>;
  readonly targets: readonly Target[];
  readonly milliseconds: number;
};

if (import.meta.main) {
  // The test that starts it is the only one who writes this.
  const request = JSON.parse(process.argv[2] ?? "") as Request;
  const services = { clock: systemClock, logger: createLogger("silent", {}) };
  const leases = await Leases.open(request.journal, services);
  const injector =
    request.linux === undefined
      ? portableInjector(
          // Not from chaos-scene.ts: that would mark what this starts as its own, and nobody would find it.
          { ...request, redisUrl: "redis://127.0.0.1:1", chainUrl: () => undefined },
          { leases, clock: systemClock },
        )
      : await linuxInjector(request.linux, { leases, clock: systemClock });
  const until = Date.now() + request.milliseconds;
  await injector.inject(faultSchema.parse(request.fault), request.targets, until);
  console.log("injected");
  setInterval(() => undefined, 1_000);
}
