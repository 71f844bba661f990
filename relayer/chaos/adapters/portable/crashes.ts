import { FatalError } from "../../../domain/errors.ts";
import { holdFile, holdRestarts } from "../../../platform/restart-holds.ts";
import type { FaultType } from "../../core/fault.ts";
import type { ProcessTarget, Target } from "../../core/target.ts";
import { type Deed, type Maker, maker, processesOf, type Term } from "../leased-injector.ts";
import { signalSame, withDescendants } from "../processes.ts";
import { Sentinels } from "../sentinels.ts";

/** How long Sentinels may take to begin a fail-over, in milliseconds. */
const FAIL_OVER_MILLISECONDS = 2_000;

/**
 * Crashes and freezes, by signals, and the fail-over of Redis.
 * @param holdFolder where the supervisor looks for what it may not start again yet
 * @param redisUrl the Redis of the fleet, past every proxy
 */
export function crashMakers(holdFolder: string, redisUrl: string): readonly (readonly [FaultType, Maker])[] {
  const signals = (name: string, what: string) => ({ tier: "portable" as const, name, what });
  const kill = (targets: readonly Target[], downMilliseconds: number, term: Term) =>
    processesOf(targets).map((target) => killDeed(target, holdFolder, downMilliseconds, term));
  return [
    maker(
      "ServiceCrash",
      signals(
        "signals",
        "SIGKILL, and the supervisor starts it again after the delay at the earliest; or SIGSTOP, to it and what it has started",
      ),
      ({ mode, restartDelayMilliseconds }, targets, term) =>
        mode === "kill"
          ? kill(targets, restartDelayMilliseconds, term)
          : processesOf(targets).map((target) => freezeDeed(target)),
    ),
    failOverMaker(redisUrl, (targets, term) => kill(targets, 0, term)),
  ];
}

/** Where Sentinels look after Redis they fail over; a Redis without any is killed, and is its own successor. */
function failOverMaker(
  redisUrl: string,
  kill: (targets: readonly Target[], term: Term) => readonly Deed[],
): readonly [FaultType, Maker] {
  const sentinels = Sentinels.of(redisUrl);
  if (sentinels === undefined) {
    const what = "it comes back with what was on its disk; there is no replica that takes over";
    const mechanism = { tier: "portable", name: "SIGKILL of the one Redis", what } as const;
    return maker("RedisFailover", mechanism, (_fault, targets, term) => kill(targets, term));
  }
  const what = "a replica becomes the master, and the one before follows it; that stays so";
  const mechanism = { tier: "portable", name: "SENTINEL FAILOVER", what } as const;
  return maker("RedisFailover", mechanism, () => [
    { undo: [], act: () => sentinels.failOver(FAIL_OVER_MILLISECONDS) },
  ]);
}

function killDeed(target: ProcessTarget, holdFolder: string, downMilliseconds: number, term: Term): Deed {
  const file = holdFile(holdFolder, target.name);
  return {
    undo: downMilliseconds > 0 ? [{ kind: "file", path: file }] : [],
    act: async () => {
      if (downMilliseconds > 0)
        holdRestarts(file, Math.min(term.until, term.until - term.milliseconds + downMilliseconds));
      if (!signalSame(target, "SIGKILL")) throw gone(target);
      await Promise.resolve();
    },
  };
}

function freezeDeed(target: ProcessTarget): Deed {
  const all = withDescendants(target);
  return {
    undo: all.map(({ pid, startTime }) => ({ kind: "continue", pid, startTime })),
    act: async () => {
      if (!signalSame(target, "SIGSTOP")) throw gone(target);
      for (const one of all) signalSame(one, "SIGSTOP");
      await Promise.resolve();
    },
  };
}

function gone({ name, pid }: ProcessTarget): FatalError {
  return new FatalError("TARGET_GONE", `${name} is no longer the process ${pid}. No signal was sent to it.`, {
    name,
    pid,
  });
}
