import { FatalError } from "../../domain/errors.ts";
import { bitesOn, type Fault, type FaultType } from "../core/fault.ts";
import { type Fence, fencedNames } from "../core/fence.ts";
import type { LinkTarget, ProcessTarget, Target, Tier } from "../core/target.ts";
import type { Undo } from "../core/undo.ts";
import type { Clock, Injection, Injector, Mechanism } from "../ports.ts";
import { newLeaseId } from "./lease-id.ts";
import type { Lease, Leases } from "./leases.ts";
import { isRunning } from "./processes.ts";

/** One thing that is done for a fault. */
export type Deed = {
  /** What takes it back; it is in the journal before `act` is called. */
  readonly undo: readonly Undo[];
  readonly act: (lease: Lease) => Promise<void>;
};

/** For how long a fault lasts from now on, and the id in the names of what it is made of. */
export type Term = { readonly id: string; readonly milliseconds: number; readonly until: number };

type Plan = readonly Deed[] | Promise<readonly Deed[]>;

/** What does faults of one type. */
export type Maker = {
  readonly mechanism: Mechanism;
  /** What is to be done, without doing any of it. @throws when it cannot be done to these targets */
  readonly plan: (fault: Fault, targets: readonly Target[], term: Term) => Plan;
};

/** A maker of one type of fault, given as itself. */
export function maker<T extends FaultType>(
  type: T,
  mechanism: Mechanism,
  plan: (fault: Extract<Fault, { type: T }>, targets: readonly Target[], term: Term) => Plan,
): readonly [FaultType, Maker] {
  const isIt = (fault: Fault): fault is Extract<Fault, { type: T }> => fault.type === type;
  return [
    type,
    {
      mechanism,
      plan: (fault, targets, term) => {
        if (!isIt(fault)) throw new Error(`this does ${type}, not ${fault.type}`);
        return plan(fault, targets, term);
      },
    },
  ];
}

/** Does faults by the makers of one tier, each under a lease. */
export class LeasedInjector implements Injector {
  readonly tier: Tier;
  readonly #makers: ReadonlyMap<FaultType, Maker>;
  readonly #reasons: ReadonlyMap<FaultType, string>;
  readonly #leases: Leases;
  readonly #clock: Clock;

  /** @param reasons why it cannot do what it has no maker for */
  constructor(
    tier: Tier,
    makers: Iterable<readonly [FaultType, Maker]>,
    reasons: Iterable<readonly [FaultType, string]>,
    { leases, clock }: { readonly leases: Leases; readonly clock: Clock },
  ) {
    this.tier = tier;
    this.#makers = new Map(makers);
    this.#reasons = new Map(reasons);
    this.#leases = leases;
    this.#clock = clock;
  }

  mechanismOf(type: FaultType): Mechanism | undefined {
    return this.#makers.get(type)?.mechanism;
  }

  whyNot(type: FaultType): string | undefined {
    if (this.#makers.has(type)) return undefined;
    return this.#reasons.get(type) ?? `the tier ${this.tier} has no means for it`;
  }

  async inject(fault: Fault, targets: readonly Target[], until: number, fence?: Fence): Promise<Injection> {
    const found = this.#makers.get(fault.type);
    if (found === undefined)
      throw this.#refusal(fault, this.whyNot(fault.type) ?? "there is nothing that does it");
    const milliseconds = until - this.#clock.now();
    if (milliseconds <= 0) throw this.#refusal(fault, "its end is past");
    this.#requireSound(fault, targets);
    const id = newLeaseId();
    const deeds = await found.plan(fault, targets, { id, milliseconds, until });
    const what = `${fault.type} on ${targets.map(({ name }) => name).join(", ")}`;
    const undo = deeds.flatMap((deed) => deed.undo);
    const fenced = fence && { fence, targets: fencedNames(targets) };
    const lease = this.#leases.take(id, what, until, undo, fenced);
    try {
      for (const { act } of deeds) await act(lease);
    } catch (error) {
      await lease.heal();
      throw error;
    }
    return { mechanism: found.mechanism, heal: () => lease.heal() };
  }

  /** Whoever does chaos, and whoever heals it, is no target of it; nor is a process that is gone or another now. */
  #requireSound(fault: Fault, targets: readonly Target[]): void {
    if (targets.length === 0) throw this.#refusal(fault, "it has no targets");
    for (const target of targets) {
      if (target.kind !== bitesOn[fault.type])
        throw this.#refusal(
          fault,
          `${target.name} is a ${target.kind}, and it is done to a ${bitesOn[fault.type]}`,
        );
      if (target.kind !== "process") continue;
      if (target.pid === process.pid || target.pid === this.#leases.deadManPid)
        throw this.#refusal(fault, `${target.name} is what does chaos`);
      if (!isRunning(target))
        throw this.#refusal(fault, `${target.name} is no longer the process ${target.pid}`);
    }
  }

  #refusal(fault: Fault, why: string): FatalError {
    return new FatalError(
      "CANNOT_INJECT",
      `${fault.type} cannot be done in the tier ${this.tier}: ${why}. Nothing was done.`,
      { fault: fault.type, tier: this.tier },
    );
  }
}

/** The targets of a fault that is done to links; the injector has let no others through. */
export function linksOf(targets: readonly Target[]): readonly LinkTarget[] {
  return targets.filter((target) => target.kind === "link");
}

/** The targets of a fault that is done to processes; the injector has let no others through. */
export function processesOf(targets: readonly Target[]): readonly ProcessTarget[] {
  return targets.filter((target) => target.kind === "process");
}
