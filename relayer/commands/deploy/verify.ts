import { explain } from "../../domain/errors.ts";
import { explorerOf, showSource } from "../../deployment/adapters/explorer.ts";
import type { HardhatSession } from "../../deployment/adapters/hardhat.ts";
import type { LocalContext } from "../context.ts";
import type { AddressBook } from "./addresses.ts";
import type { ChainLook, Look } from "./look.ts";

/** A contract whose source was handed to an explorer; `why` says why it is not shown. */
export type Shown = { readonly chain: string; readonly key: string; readonly why?: string };

/** Hands the sources of all contracts to the explorers of their chains. An explorer that refuses changes nothing that is deployed. */
export async function showSources(
  { chains }: Look,
  hardhat: (chain: ChainLook) => Promise<HardhatSession>,
  book: AddressBook,
  { output }: LocalContext,
): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const chain of chains) {
    const { name, entry, reader } = chain.open;
    const kind = explorerOf(entry);
    if (kind === undefined) continue;
    for (const { key, contract, address, state } of chain.contracts) {
      const { transaction, isVerified } = book.known(name, key);
      if (state !== "there" || isVerified || transaction === undefined) continue;
      output.step(`${name}: showing the source of ${key}`);
      try {
        const creation = await reader.creation(transaction);
        await showSource(await hardhat(chain), { kind, contract, address, creation });
        book.note(name, key, { isVerified: true });
        shown.push({ chain: name, key });
      } catch (error) {
        shown.push({ chain: name, key, why: explain(error) });
      }
    }
  }
  return shown;
}
