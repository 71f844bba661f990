import { ApiClient } from "../api/client.ts";
import { type FullStatusView, fullStatusView } from "../api/list-schema.ts";
import type { CommandContext } from "./context.ts";
import { apiUrl } from "./follow.ts";

/** `dchat status`: how far are chains and lanes? */
export async function status({ network, output }: CommandContext): Promise<void> {
  const view = await new ApiClient(apiUrl(network)).status();
  output.result(fullStatusView.encode(view), describeStatus(view));
}

function describeStatus({ chains, lanes }: FullStatusView): string {
  return [
    ...chains.map(
      ({ name, chainId, block, final, validatorSet }) =>
        `chain ${name} (${chainId}): block ${block}, final ${final}; validators ${validatorSet.threshold} of ${validatorSet.members.length}, epoch ${validatorSet.epoch}`,
    ),
    ...lanes.map(
      ({ from, to, sent, accepted }) =>
        `lane ${from} → ${to}: ${sent} sent, ${accepted} accepted, ${sent - accepted} on the way`,
    ),
  ].join("\n");
}
