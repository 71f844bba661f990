import { ApiClient } from "../api/client.ts";
import type { MessageView } from "../api/schema.ts";
import { type DchatError, FatalError, InterruptedError, RetryableError } from "../domain/errors.ts";
import type { MessageId } from "../domain/ids.ts";
import type { Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";

/** How often a waiting command asks where a message is. */
const POLL_MILLISECONDS = 200;

/** For how long the API may be silent before nobody can be told where the message is. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Waits until a message is delivered or failed, telling each change of its state.
 * @throws RetryableError `API` when the API stays silent; InterruptedError when `signal` aborts
 */
export async function follow(
  network: Network,
  id: MessageId,
  signal: AbortSignal,
  onStep: (text: string) => void,
): Promise<MessageView> {
  const api = new ApiClient(apiUrl(network));
  let told = "";
  let heard = systemClock.now();
  const tell = (text: string) => {
    if (text !== told) onStep(text);
    told = text;
  };
  for (;;) {
    const answer = await ask(api, id);
    if (!(answer instanceof Error)) {
      heard = systemClock.now();
      tell(describeMessage(answer).split("\n")[0] ?? "");
      if (answer.state === "delivered" || answer.state === "failed") return answer;
    } else if (systemClock.now() - heard > PATIENCE_MILLISECONDS) throw givenUp(id, answer);
    else tell(`Waiting for word of message ${id}, which its chain holds. ${answer.message}`);
    await systemClock.sleep(POLL_MILLISECONDS, signal).catch(() => {
      throw interrupted(id);
    });
  }
}

/** The API may be restarting, or its node may not have the block yet: such answers are waited out. */
async function ask(api: ApiClient, id: MessageId): Promise<MessageView | DchatError> {
  try {
    return await api.message(id);
  } catch (error) {
    if (error instanceof RetryableError) return error;
    if (error instanceof FatalError && error.code === "UNKNOWN_MESSAGE") return error;
    throw error;
  }
}

function givenUp(id: MessageId, cause: DchatError): RetryableError {
  return new RetryableError(
    cause.code,
    `Message ${id} was sent, but where it is cannot be said. ${cause.message} It is delivered all the same as soon as the relayers run: do not send it again, and ask later with "dchat message ${id}".`,
    {},
    cause,
  );
}

function interrupted(id: MessageId): InterruptedError {
  return new InterruptedError(
    "INTERRUPTED",
    `Interrupted. Message ${id} was sent and goes on without this command; see where it is with "dchat message ${id}".`,
  );
}

/** Where the API of a network listens. */
export function apiUrl({ api }: Network): string {
  return `http://${api.host}:${api.port}`;
}

/** A message's whereabouts for people: one line, then its transactions. */
export function describeMessage({
  lane,
  nonce,
  state,
  source,
  destination,
  attestations,
  messageId: id,
}: MessageView): string {
  const progress =
    attestations === null
      ? ""
      : `, attested by ${attestations.count} of ${attestations.validators} validators (${attestations.threshold} needed)`;
  const lines = [
    `${lane.from} → ${lane.to} #${nonce}: ${state}${progress}`,
    `  message      ${id}`,
    `  source       ${source.transactionHash} (${source.chain}, block ${source.blockNumber})`,
  ];
  if (destination !== null)
    lines.push(
      `  destination  ${destination.transactionHash} (${destination.chain}, block ${destination.blockNumber})`,
    );
  return lines.join("\n");
}
