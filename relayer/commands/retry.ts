import { hexlify, Wallet } from "ethers";
import { InboxReader } from "../bridge/adapters/destination.ts";
import { OutboxReader } from "../bridge/adapters/origin.ts";
import { isKept, retryMessage } from "../bridge/adapters/retry-wallet.ts";
import type { Message } from "../domain/bridge.ts";
import { ConfigurationError, FatalError, UsageError } from "../domain/errors.ts";
import { type ChainId, type MessageId } from "../domain/ids.ts";
import { type ChainConfig, chainsOf } from "../domain/network.ts";
import { readKeyFile } from "../platform/key-file.ts";
import { Rpc } from "../platform/rpc.ts";
import type { CommandContext } from "./context.ts";
import { readMessageId } from "./message.ts";

/** `dchat message retry <id>`: executes a message again that its recipient refused, and says what became of it. */
export async function retry(
  given: string,
  { keyFile }: { readonly keyFile?: string },
  { network, signal, output }: CommandContext,
): Promise<void> {
  const id = readMessageId(given);
  const file = keyFile ?? network.walletKeyFile;
  if (file === undefined)
    throw new ConfigurationError(
      "NO_WALLET",
      "No wallet: name a key file with --key-file, or walletKeyFile in the configuration. Nothing was sent.",
    );
  const key = hexlify(readKeyFile(file, "the wallet"));
  const rpcs = chainsOf(network).map((chain) => new Rpc(chain));
  try {
    const { message, origin, destination } = await find(id, rpcs);
    const failed = { inbox: destination.chain.inbox, origin: origin.chainId, message };
    const signer = new Wallet(key, destination.provider);
    if (!(await destination.ask("eth_call", () => isKept(failed, signer))))
      throw await notKept(id, destination);
    output.step(`retrying message ${id} on ${destination.chain.name}`);
    const transaction = await retryMessage(failed, signer, signal);
    output.result(
      { messageId: id, state: "delivered", destinationTx: transaction },
      `${origin.name} → ${destination.chain.name} #${message.nonce}: delivered\n  message      ${id}\n  destination  ${transaction} (${destination.chain.name})`,
    );
  } finally {
    for (const rpc of rpcs) rpc.close();
  }
}

type Found = { readonly message: Message; readonly origin: ChainConfig; readonly destination: Rpc };

async function find(id: MessageId, rpcs: readonly Rpc[]): Promise<Found> {
  const ids: readonly ChainId[] = rpcs.map(({ chain }) => chain.chainId);
  for (const rpc of rpcs) {
    const outbox = new OutboxReader(rpc, ids);
    const message = await outbox.message(id);
    const lane = outbox.lanes.find((each) => each.id === message?.lane);
    const destination = rpcs.find(({ chain }) => chain.chainId === lane?.destinationChainId);
    if (message !== undefined && destination !== undefined)
      return { message, origin: rpc.chain, destination };
  }
  throw new UsageError(
    "UNKNOWN_MESSAGE",
    `No chain of this network has a message ${id}. Nothing was sent. Check the id, and that its transaction is in a block.`,
  );
}

async function notKept(id: MessageId, destination: Rpc): Promise<FatalError> {
  const outcome = await new InboxReader(destination).outcome(id);
  const why =
    outcome === undefined
      ? "has not been delivered yet: the relayers deliver it by themselves"
      : `was executed already, by transaction ${outcome.transactionHash}`;
  return new FatalError(
    "NOT_RETRYABLE",
    `Message ${id} ${why}. Nothing was sent, and nothing needs to be; see "dchat message ${id}".`,
    { messageId: id },
  );
}
