import { chainsOf, type ChainConfig, type Network } from "../domain/network.ts";
import { UsageError } from "../domain/errors.ts";

/** What main hands to a command that needs no network. */
export type LocalContext = {
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
  readonly output: Output;
};

/** What main hands to a command. */
export type CommandContext = LocalContext & { readonly network: Network };

/** How a command talks to whoever called it. */
export type Output = {
  /** The command's result: `text` for people, `value` as JSON. */
  readonly result: (value: unknown, text: string) => void;
  /** What is under way, and of work with a known end how much of it is done, from 0 to 1; for people only. */
  readonly step: (text: string, share?: number) => void;
  /** Takes away what {@link step} shows, so that a question can be asked. */
  readonly pause: () => void;
};

/** The chain that a user named, by its name in any case or by its chain id. */
export function findChain(network: Network, text: string, option: string): ChainConfig {
  const chains = chainsOf(network);
  const found = chains.find(
    ({ name, chainId }) => name.toLowerCase() === text.toLowerCase() || String(chainId) === text,
  );
  if (found !== undefined) return found;
  throw new UsageError(
    "CHAIN",
    `${option} ${text}: there is no such chain in the configuration. Nothing was done; name one of ${chains.map(({ name, chainId }) => `${name} (${chainId})`).join(", ")}.`,
  );
}
