import { ApiClient } from "../api/client.ts";
import { messageView } from "../api/schema.ts";
import { UsageError } from "../domain/errors.ts";
import { type MessageId, messageId } from "../domain/ids.ts";
import type { CommandContext } from "./context.ts";
import { apiUrl, describeMessage, follow } from "./follow.ts";

/** `dchat message <id>`: where is it? */
export async function message(
  id: string,
  { wait }: { readonly wait: boolean },
  { network, signal, output }: CommandContext,
): Promise<void> {
  const wanted = readMessageId(id);
  // Asked once in either case: an id that nobody knows would be waited for without an end.
  const now = await new ApiClient(apiUrl(network)).message(wanted);
  const view = wait ? await follow(network, wanted, signal, output.step) : now;
  output.result(messageView.encode(view), describeMessage(view));
}

/** Reads a message id. @throws UsageError `MESSAGE_ID` */
export function readMessageId(given: string): MessageId {
  const parsed = messageId.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    "MESSAGE_ID",
    `"${given}" is no message id: expected 0x and 64 hexadecimal digits, as "dchat transfer" prints it. Nothing was done.`,
  );
}
