import { UsageError } from "../../domain/errors.ts";
import type { Address } from "../../domain/ids.ts";
import { chainsOf } from "../../domain/network.ts";
import type { KnownEscrow } from "../../escrow/core/ledger.ts";
import { type EscrowId, sameAddress, sellerOf } from "../../escrow/core/types.ts";
import type { CommandContext } from "../context.ts";
import { partyRoles } from "./names.ts";
import { type EscrowOptions, readSigner, type WalletOptions, withChain, withEscrow } from "./session.ts";
import { describeBriefly, describeEscrow, escrowJson } from "./view.ts";

/** The options of `dchat escrow list`. */
export type ListOptions = WalletOptions & {
  readonly chain?: string;
  readonly role?: (typeof partyRoles)[number];
  readonly account?: Address;
};

/** `dchat escrow show`: where an escrow stands, what remains, its deadlines, and who can do what next. */
export async function showEscrow(
  id: EscrowId,
  options: EscrowOptions,
  context: CommandContext,
): Promise<void> {
  await withEscrow(context, id, options, async (found) => {
    const [now, papers] = await Promise.all([found.now(), found.archive.papers(id)]);
    context.output.result(
      { ...escrowJson(found, found.chain.name, found.held, now), papers },
      describeEscrow(found, now, papers),
    );
  });
}

/** `dchat escrow list`: every escrow, or those in which an account has a role. */
export async function listEscrows(options: ListOptions, context: CommandContext): Promise<void> {
  const { network, output } = context;
  const account =
    options.account ?? (options.role === undefined ? undefined : readSigner(network, options).address);
  const withEscrows = chainsOf(network).filter(({ escrow }) => escrow !== undefined);
  const names = options.chain === undefined ? withEscrows.map(({ name }) => name) : [options.chain];
  if (names.length === 0)
    throw new UsageError(
      "NO_ESCROW",
      "No chain of the configuration has an escrow contract. Nothing was done.",
    );
  const rows = await Promise.all(
    names.map((name) =>
      withChain(context, name, async (side) => {
        const now = await side.now();
        const all = await side.archive.all(side.reader);
        const wanted = all.filter((known) => account === undefined || isParty(known, account, options.role));
        return Promise.all(
          wanted.map(async (known) => {
            const held = await side.token(known.terms.token);
            return {
              json: escrowJson(known, side.chain.name, held, now),
              text: describeBriefly(known, side.chain.name, held),
            };
          }),
        );
      }),
    ),
  );
  const found = rows.flat();
  output.result(
    { escrows: found.map(({ json }) => json) },
    found.map(({ text }) => text).join("\n") || "There is no such escrow.",
  );
}

function isParty({ terms }: KnownEscrow, account: string, role: ListOptions["role"]): boolean {
  const accounts = { buyer: terms.buyer, seller: sellerOf(terms), arbiter: terms.arbiter };
  return partyRoles.some((name) => (role ?? name) === name && sameAddress(accounts[name], account));
}
