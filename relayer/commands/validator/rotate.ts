import type { CommandContext } from "../context.ts";
import { openOperator, type OperatorOptions, withRegistry } from "./session.ts";

/** `dchat validator rotate`: forms the next set; the fleet carries it to every Inbox. Anybody may. */
export async function rotate(options: OperatorOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  await withRegistry(context, async (session) => {
    const chosen = await session.validators.nextMembers();
    output.step(`forming a set of ${chosen.length} validators`);
    const { set, transaction } = await openOperator(session, options, context).wallet.formSet(chosen);
    const { epoch, threshold, members, expiresAt } = set;
    output.result(
      { epoch: epoch.toString(), threshold, members, expiresAt: expiresAt.toString(), transaction },
      `formed the set of epoch ${epoch}: ${threshold} of ${members.length}\n${members.join("\n")}\nthe current set attests to it, and the fleet brings it to every chain: see dchat status`,
    );
  });
}
