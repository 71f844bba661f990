import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";
import type { NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { sameAddress, type Terms, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import type { Action } from "../core/escrow-outlook.ts";
import { contracts, type TokenWords } from "../core/sentences.ts";
import { WalletTrouble } from "../core/wallet-error.ts";
import { api } from "./api.ts";
import { included, troubled } from "./bridge.ts";
import type { Call, WalletChain } from "./chain.ts";
import { signPermit } from "./permit.ts";

export type HeldToken = { readonly address: string; readonly symbol: string; readonly decimals: number };

/** How an escrow is paid for. */
export type Funding = "native" | "approval" | "permit";

/** What somebody gives with an action. */
export type ActionInput = {
  /** Part of a release or refund, or what a ruling gives the buyer; undefined for all of it. */
  readonly amount: bigint | undefined;
  readonly uri: string;
};

/** What an escrow on a chain can hold, by the configuration: the native currency, and the tokens. */
export function holdable(view: NetworkView, chain: NetworkView["chains"][number]): readonly HeldToken[] {
  return [
    ...view.tokens.flatMap(({ symbol, decimals, sides }) =>
      sides
        .filter((side) => side.chain === chain.name)
        .map(({ token }) => ({ address: token, symbol, decimals })),
    ),
    { address: ZERO_ADDRESS, symbol: chain.currency, decimals: 18 },
  ];
}

/** The token at an address; one that the configuration does not name is shown in its smallest unit. */
export function heldToken(view: NetworkView, chain: NetworkView["chains"][number], at: string): HeldToken {
  const found = holdable(view, chain).find(({ address }) => sameAddress(address, at));
  return found ?? { address: at, symbol: `smallest units of ${at.slice(0, 8)}…`, decimals: 0 };
}

/** One escrow; undefined while the index knows none of this id. Only what it knows is asked for: browsers put an unknown id on their console. */
export async function findEscrow(id: string): Promise<EscrowDetail | undefined> {
  const { escrows } = await api.escrows({ id, limit: "1" });
  return escrows.length === 0 ? undefined : api.escrow(id);
}

/** The call that carries an action out. */
export function callOf(contract: string, terms: Terms, action: Action, { amount, uri }: ActionInput): Call {
  const packed = packTerms(terms);
  const { escrow } = contracts;
  const encode = (): string => {
    switch (action) {
      case "deliver":
        return escrow.encodeFunctionData("deliver", [packed]);
      case "release":
        return amount === undefined
          ? escrow.encodeFunctionData("release", [packed])
          : escrow.encodeFunctionData("releasePartial", [packed, amount]);
      case "refund":
        return amount === undefined
          ? escrow.encodeFunctionData("refund", [packed])
          : escrow.encodeFunctionData("refundPartial", [packed, amount]);
      case "dispute":
        return escrow.encodeFunctionData("fileDisputeWithEvidence", [packed, uri]);
      case "evidence":
        return escrow.encodeFunctionData("submitEvidence", [packed, uri]);
      case "resolve":
        return escrow.encodeFunctionData("resolve", [packed, amount ?? 0n]);
      case "expire":
        return escrow.encodeFunctionData("expire", [packed]);
    }
  };
  return { to: contract, data: encode() };
}

/** The call that collects what could not be paid to an account. */
export function claimCall(contract: string, token: string, account: string): Call {
  return { to: contract, data: contracts.escrow.encodeFunctionData("claim", [token, account]) };
}

/** What waits to be claimed by an account. */
export async function claimable(
  chain: WalletChain,
  contract: string,
  token: string,
  account: string,
): Promise<bigint> {
  const data = contracts.escrow.encodeFunctionData("claimable", [token, account]);
  return BigInt(await chain.call({ to: contract, data }));
}

/**
 * Simulates a call, has it signed, and waits until a block holds it.
 * @param what what it is before people, such as "The release"
 * @param onStep told what is under way
 * @throws WalletTrouble
 */
export async function carryOut(
  chain: WalletChain,
  call: Call,
  account: string,
  token: TokenWords,
  what: string,
  onStep: (text: string) => void,
): Promise<void> {
  await troubled(what, token, async () => {
    await chain.call(call, account);
    onStep("Confirm in your wallet.");
    const sent = await chain.send(call, account);
    onStep("Waiting for a block.");
    await included(chain, sent, what, onStep);
  });
}

/**
 * Locks the amount of new terms.
 * @throws WalletTrouble, saying what became of the money
 */
export async function createEscrow(
  chain: WalletChain,
  contract: string,
  terms: Terms,
  token: HeldToken,
  funding: Funding,
  onStep: (text: string) => void,
): Promise<void> {
  const packed = packTerms(terms);
  const { escrow } = contracts;
  const create = { to: contract, data: escrow.encodeFunctionData("create", [packed]) };
  const lock = (call: Call) => carryOut(chain, call, terms.buyer, token, "Locking the money", onStep);
  if (funding === "native") return lock({ ...create, value: terms.amount });
  if (funding === "permit") {
    onStep("Sign the permit in your wallet. It costs no fee.");
    const permit = await troubled("The permit", token, () =>
      signPermit(chain, { token: terms.token, owner: terms.buyer, spender: contract, amount: terms.amount }),
    );
    return lock({ to: contract, data: escrow.encodeFunctionData("createWithPermit", [packed, permit]) });
  }
  const allowance = contracts.token.encodeFunctionData("allowance", [terms.buyer, contract]);
  const allowed = await troubled("The approval", token, () =>
    chain.call({ to: terms.token, data: allowance }),
  );
  if (BigInt(allowed) >= terms.amount) return lock(create);
  const approve = contracts.token.encodeFunctionData("approve", [contract, terms.amount]);
  onStep("First an approval, for this amount and no more.");
  await carryOut(chain, { to: terms.token, data: approve }, terms.buyer, token, "The approval", onStep);
  await lock(create).catch((trouble: unknown) => {
    const { kind, message } = trouble as WalletTrouble;
    const rest = `Your ${token.symbol} are still in your wallet. The approval stays, for this amount only; you can go on from here.`;
    throw new WalletTrouble(kind, `${message} ${rest}`);
  });
}
