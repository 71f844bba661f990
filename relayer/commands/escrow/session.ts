import { hexlify, Wallet } from "ethers";
import { ConfigurationError, FatalError, UsageError } from "../../domain/errors.ts";
import type { Address } from "../../domain/ids.ts";
import { type ChainConfig, chainsOf, type Network } from "../../domain/network.ts";
import { EscrowArchive } from "../../escrow/adapters/archive.ts";
import { EscrowCalls } from "../../escrow/adapters/calls.ts";
import { EscrowContractReader } from "../../escrow/adapters/reader.ts";
import { type Token, tokenAt } from "../../escrow/adapters/token.ts";
import { EscrowWallet } from "../../escrow/adapters/wallet.ts";
import type { KnownEscrow } from "../../escrow/core/ledger.ts";
import { type Deployment, type EscrowId, State } from "../../escrow/core/types.ts";
import type { EscrowReader } from "../../escrow/ports.ts";
import { systemClock } from "../../platform/clock.ts";
import { readKeyFile } from "../../platform/key-file.ts";
import { Rpc } from "../../platform/rpc.ts";
import { type CommandContext, findChain } from "../context.ts";

/** One chain's escrow contract, opened. */
export type EscrowSide = {
  readonly chain: ChainConfig;
  readonly contract: Address;
  readonly deployment: Deployment;
  readonly rpc: Rpc;
  readonly reader: EscrowReader;
  readonly archive: EscrowArchive;
  readonly calls: EscrowCalls;
  /** The token at an address, as the configuration or the token itself describes it. */
  readonly token: (at: string) => Promise<Token>;
  /** The second (Unix) that the next block cannot be far from: a chain may have been idle, or its clock may be ahead. */
  readonly now: () => Promise<bigint>;
};

/** An escrow that was looked up, and the chain that holds it. */
export type FoundEscrow = EscrowSide & KnownEscrow & { readonly held: Token };

/** The options of every command that is about one escrow. */
export type EscrowOptions = { readonly chain?: string };

/** The options of every command that sends or signs. */
export type WalletOptions = { readonly keyFile?: string };

/** Opens the escrow contract of a chain that a user named, and closes it after `work`. */
export async function withChain<T>(
  { network }: CommandContext,
  chainText: string,
  work: (side: EscrowSide) => Promise<T>,
): Promise<T> {
  const chain = findChain(network, chainText, "--chain");
  const side = open(network, chain);
  try {
    await side.rpc.verify();
    return await work(side);
  } finally {
    side.rpc.close();
  }
}

/**
 * Looks an escrow up, on the chain that the user named or on all of them (its id is of one chain only), and closes what it
 * opened after `work`.
 * @throws FatalError `UNKNOWN_ESCROW`
 */
export async function withEscrow<T>(
  context: CommandContext,
  id: EscrowId,
  { chain }: EscrowOptions,
  work: (found: FoundEscrow) => Promise<T>,
): Promise<T> {
  const { network } = context;
  const withEscrows = chainsOf(network).filter(({ escrow }) => escrow !== undefined);
  const chains = chain === undefined ? withEscrows : [findChain(network, chain, "--chain")];
  const sides = chains.map((config) => open(network, config));
  try {
    for (const side of sides) {
      await side.rpc.verify();
      const escrow = await side.reader.escrow(id);
      const terms = escrow.state === State.None ? undefined : await side.archive.terms(id);
      if (terms !== undefined)
        return await work({ ...side, id, escrow, terms, held: await side.token(terms.token) });
    }
  } finally {
    for (const { rpc } of sides) rpc.close();
  }
  throw new FatalError(
    "UNKNOWN_ESCROW",
    `There is no escrow ${id} on ${chains.map(({ name }) => name).join(" or ") || "any chain of the configuration"}. Nothing was done; check the id and --chain. If it was created just now, try again in a moment.`,
  );
}

function open(network: Network, chain: ChainConfig): EscrowSide {
  if (chain.escrow === undefined)
    throw new UsageError(
      "NO_ESCROW",
      `Chain ${chain.name} has no escrow contract in the configuration (chains.${chain.name}.escrow). Nothing was done; name another chain, or add it.`,
    );
  const { contract } = chain.escrow;
  const rpc = new Rpc(chain);
  const reader = new EscrowContractReader(rpc, contract);
  return {
    chain,
    contract,
    deployment: { chainId: BigInt(chain.chainId), escrow: contract },
    rpc,
    reader,
    archive: new EscrowArchive(rpc, contract),
    calls: new EscrowCalls(contract),
    token: (at) => tokenAt(network, chain, rpc, at),
    now: async () => {
      const { time } = (await reader.heights()).newest;
      const clock = BigInt(Math.floor(systemClock.now() / 1_000));
      return time > clock ? time : clock;
    },
  };
}

/** The key that a command signs with. @throws ConfigurationError `WALLET` or `KEY_FILE` */
export function readSigner({ walletKeyFile }: Network, { keyFile }: WalletOptions): Wallet {
  const file = keyFile ?? walletKeyFile;
  if (file === undefined)
    throw new ConfigurationError(
      "WALLET",
      "No wallet: name a key file with --key-file, or walletKeyFile in the configuration. Nothing was sent.",
    );
  return new Wallet(hexlify(readKeyFile(file, "the wallet")));
}

/** A wallet that sends on one chain. */
export function openWallet(
  { rpc }: EscrowSide,
  { network, signal, output }: CommandContext,
  options: WalletOptions,
): EscrowWallet {
  return new EscrowWallet(rpc, readSigner(network, options), { onStep: output.step, signal });
}
