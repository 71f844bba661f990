import { hexlify, Wallet } from "ethers";
import { sendTransfer } from "../bridge/adapters/wallet.ts";
import { parseAmount } from "../domain/amount.ts";
import { ConfigurationError, FatalError, UsageError } from "../domain/errors.ts";
import { address } from "../domain/ids.ts";
import type { Network, TokenConfig } from "../domain/network.ts";
import { readKeyFile } from "../platform/key-file.ts";
import { Rpc } from "../platform/rpc.ts";
import { type CommandContext, findChain } from "./context.ts";
import { describeMessage, follow } from "./follow.ts";

/** The options of `dchat transfer`. */
export type TransferOptions = {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly token: string;
  readonly recipient?: string;
  readonly keyFile?: string;
  readonly wait: boolean;
};

/** `dchat transfer`: sends a token to another chain as a wallet would. */
export async function transfer(
  options: TransferOptions,
  { network, signal, output }: CommandContext,
): Promise<void> {
  const [from, to] = [findChain(network, options.from, "--from"), findChain(network, options.to, "--to")];
  if (from.chainId === to.chainId)
    throw new UsageError(
      "CHAIN",
      `--from and --to are both ${from.name}. Nothing was sent; name two different chains.`,
    );
  const [symbol, token] = findToken(network, options.token);
  const amount = parseAmount(options.amount, token.decimals);
  const rpc = new Rpc(from);
  try {
    await rpc.verify();
    const wallet = readWallet(network, options.keyFile).connect(rpc.provider);
    const recipient =
      options.recipient === undefined ? address.parse(wallet.address) : parseRecipient(options.recipient);
    const request = { from, to, symbol, token, amount, recipient };
    const sent = await sendTransfer(request, rpc, wallet, { onStep: output.step, signal });
    if (!options.wait) {
      output.result(
        { ...sent, state: "sent" },
        `sent: message ${sent.messageId}\nfollow it with: dchat message ${sent.messageId}`,
      );
      return;
    }
    const view = await follow(network, sent.messageId, signal, output.step);
    output.result(
      { ...sent, state: view.state, destinationTx: view.destination?.transactionHash },
      describeMessage(view),
    );
    if (view.state === "failed")
      throw new FatalError(
        "EXECUTION_FAILED",
        `The recipient's side refused message ${sent.messageId}. It is kept on ${to.name} and can be retried; the money is not lost.`,
      );
  } finally {
    rpc.close();
  }
}

function findToken(network: Network, text: string): readonly [string, TokenConfig] {
  const found = Object.entries(network.tokens).find(
    ([symbol, { sides }]) =>
      symbol.toLowerCase() === text.toLowerCase() ||
      Object.values(sides).some((side) => side.token.toLowerCase() === text.toLowerCase()),
  );
  if (found !== undefined) return found;
  throw new UsageError(
    "TOKEN",
    `--token ${text}: no such token is bridged here. Nothing was sent. The configuration knows ${Object.keys(network.tokens).join(", ")}.`,
  );
}

function readWallet(network: Network, keyFile: string | undefined): Wallet {
  const file = keyFile ?? network.walletKeyFile;
  if (file === undefined)
    throw new ConfigurationError(
      "WALLET",
      "No wallet: name a key file with --key-file, or walletKeyFile in the configuration. Nothing was sent.",
    );
  return new Wallet(hexlify(readKeyFile(file, "the wallet")));
}

function parseRecipient(text: string) {
  const parsed = address.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    "RECIPIENT",
    `--recipient ${text}: ${parsed.error.issues[0]?.message ?? "not an address"}. Nothing was sent.`,
  );
}
