import { formatEther } from "ethers";
import type { ValidatorRecord } from "../../bridge/adapters/validators.ts";
import { systemClock } from "../../platform/clock.ts";
import type { CommandContext } from "../context.ts";
import { withRegistry } from "./session.ts";

/** `dchat validator status`: who validates, with which bond, and who will be in the next set. */
export async function validatorStatus(context: CommandContext): Promise<void> {
  await withRegistry(context, async ({ chain, home, rpc, validators }) => {
    const [records, next, epoch] = await Promise.all([
      validators.list(),
      validators.nextMembers(),
      rpc.ask("eth_call", () => validators.contract.epoch()),
    ]);
    const { formedAt, expiresAt } = await rpc.ask("eth_call", () => validators.contract.epochOf(epoch));
    const view = {
      chain: chain.name,
      registry: home.registry,
      epoch: epoch.toString(),
      formedAt: Number(formedAt),
      expiresAt: Number(expiresAt),
      validators: records.map((record) => ({
        key: record.key,
        operator: record.operator,
        bond: record.bond.toString(),
        state: stateOf(record),
        lastEpoch: record.lastEpoch.toString(),
        isInNextSet: next.includes(record.key),
        withdrawableAt: Number(record.withdrawableAt),
      })),
    };
    const days = (Number(expiresAt) - systemClock.now() / 1_000) / 86_400;
    const lines = [
      `epoch ${epoch} of the registry on ${chain.name}, formed ${new Date(Number(formedAt) * 1_000).toISOString()}; its set expires in ${days.toFixed(1)} days`,
      ...view.validators.map(
        ({ key, operator, bond, state, isInNextSet }) =>
          `${key}  ${state.padEnd(10)}  bond ${formatEther(bond)}  operator ${operator}${isInNextSet ? "  in the next set" : ""}`,
      ),
    ];
    context.output.result(view, lines.join("\n"));
  });
}

/** In one word what a validator is. */
function stateOf({ isTombstoned, exitedAt, jailedUntil, isEligible }: ValidatorRecord): string {
  if (isTombstoned) return "tombstoned";
  if (exitedAt > 0n) return "exited";
  if (jailedUntil > 0n) return "jailed";
  return isEligible ? "bonded" : "underbonded";
}
