import { hexlify, Wallet } from "ethers";
import { OperatorWallet } from "../../bridge/adapters/operator-wallet.ts";
import { ValidatorsReader } from "../../bridge/adapters/validators.ts";
import { ConfigurationError, UsageError } from "../../domain/errors.ts";
import { address, type Address, publicKey, type PublicKey } from "../../domain/ids.ts";
import type { ChainConfig, Network } from "../../domain/network.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import { Rpc } from "../../platform/rpc.ts";
import { type CommandContext, findChain } from "../context.ts";
import type { KeyOptions } from "../signer/start.ts";

/** The registry on the home chain, opened. */
export type RegistrySession = {
  readonly chain: ChainConfig;
  readonly home: NonNullable<Network["home"]>;
  readonly rpc: Rpc;
  readonly validators: ValidatorsReader;
};

/** The option of every command that sends. */
export type OperatorOptions = { readonly keyFile: string };

/** The options of every command for which the validator's key signs. */
export type SignerKeyOptions = {
  readonly signerKeyFile?: string;
  readonly keystore?: string;
  readonly passphraseFile?: string;
};

/** Which key is meant. */
export function keyOptions({ signerKeyFile, keystore, passphraseFile }: SignerKeyOptions): KeyOptions {
  return {
    ...(signerKeyFile === undefined ? {} : { keyFile: signerKeyFile }),
    ...(keystore === undefined ? {} : { keystore }),
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
  };
}

/** Opens the registry and closes it after `work`. @throws UsageError `NO_HOME` */
export async function withRegistry<T>(
  { network }: CommandContext,
  work: (session: RegistrySession) => Promise<T>,
): Promise<T> {
  const { home } = network;
  if (home === undefined)
    throw new UsageError(
      "NO_HOME",
      "The configuration names no registry of validators (home). Nothing was done; add it, or use the configuration of a network that has one.",
    );
  const chain = findChain(network, home.chain, "home.chain");
  const rpc = new Rpc(chain);
  try {
    // The first validators join before the Inboxes exist, which are deployed with their set.
    await rpc.verifyChain();
    if ((await rpc.ask("eth_getCode", () => rpc.provider.getCode(home.registry))) === "0x")
      throw new ConfigurationError(
        "NO_CONTRACT",
        `Chain ${chain.name}: there is no contract at home.registry (${home.registry}). Nothing was done; correct the address.`,
      );
    return await work({ chain, home, rpc, validators: new ValidatorsReader(home.registry, rpc) });
  } finally {
    rpc.close();
  }
}

/** Reads a validator's key from a command line. @throws UsageError `KEY` */
export function readValidatorKey(text: string): PublicKey {
  const parsed = publicKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    "KEY",
    `${text} is no validator's key: ${parsed.error.issues[0]?.message ?? "not a key"}. Nothing was done.`,
  );
}

/** The operator's wallet, and its address. @throws ConfigurationError `KEY_FILE` */
export function openOperator(
  { rpc, home }: RegistrySession,
  { keyFile }: OperatorOptions,
  { signal }: CommandContext,
): { readonly wallet: OperatorWallet; readonly operator: Address } {
  const account = new Wallet(hexlify(readKeyFile(keyFile, "the operator")), rpc.provider);
  return {
    wallet: new OperatorWallet(home.registry, account, signal),
    operator: address.parse(account.address),
  };
}
