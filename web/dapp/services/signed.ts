import { TypedDataEncoder } from "ethers";
import { address, bytes, chainId, hash } from "../../../relayer/domain/ids.ts";
import { actionTypedData } from "../../../relayer/escrow/core/actions.ts";
import { kindName, sequenceOf, type SignedAction } from "../../../relayer/escrow/core/signed-action.ts";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { ActionKind, type EscrowId, type Terms } from "../../../relayer/escrow/core/types.ts";
import { signableKind, type SignableOffer } from "../core/escrow-outlook.ts";
import { contracts } from "../core/sentences.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { troubled } from "./bridge.ts";
import type { Call, WalletChain } from "./chain.ts";
import { type ActionInput, callOf, type HeldToken } from "./escrow.ts";

/** An escrow in which something is to be signed. */
export type SigningPlace = {
  readonly chainId: number;
  readonly contract: string;
  readonly id: EscrowId;
  readonly terms: Terms;
  readonly token: HeldToken;
};

/**
 * Has an action signed that somebody else will send. It is tried out before and after; nothing is sent.
 * @param deadline the last Unix second at which it shall be good
 * @param onStep told what is under way
 * @throws WalletTrouble
 */
export async function signAction(
  chain: WalletChain,
  { chainId: on, contract, id, terms, token }: SigningPlace,
  { action, input }: { readonly action: SignableOffer; readonly input: ActionInput },
  account: string,
  deadline: bigint,
  onStep: (text: string) => void,
): Promise<SignedAction> {
  return troubled("What you sign", token, async () => {
    await chain.call(callOf(contract, terms, action, input), account);
    const kind = signableKind(action, input.amount);
    const { amount = 0n, uri } = input;
    const sequence = sequenceOf(account, terms, await slotOf(chain, contract, id));
    const deployment = { chainId: BigInt(on), escrow: contract };
    const data = actionTypedData({ kind, id, amount, uri, sequence, deadline }, deployment);
    const payload = TypedDataEncoder.getPayload(data.domain, data.types, data.message) as unknown;
    onStep("Confirm in your wallet. It costs no fee.");
    const signature = await chain.signTypedData(account, JSON.stringify(payload));
    const signed: SignedAction = {
      ...{ chainId: chainId.parse(on), contract: address.parse(contract), id: hash.parse(id) },
      action: { kind: kindName(kind), account: address.parse(account), amount, sequence, uri },
      authorization: { deadline, signer: bytes.parse("0x"), signature: bytes.parse(signature) },
    };
    // A wallet may sign with another account than it shows.
    await chain.call(executeCall(signed, terms), account);
    return signed;
  });
}

/** The call that carries out what was signed; anybody may send it. */
export function executeCall({ contract, action, authorization }: SignedAction, terms: Terms): Call {
  const unnamed = { ...action, kind: ActionKind[action.kind] };
  const data = contracts.escrow.encodeFunctionData("execute", [packTerms(terms), unnamed, authorization]);
  return { to: contract, data };
}

/** @returns why the chain would refuse it now; empty when it would not */
export async function tryOut(
  chain: WalletChain,
  signed: SignedAction,
  terms: Terms,
  account: string,
  token: HeldToken,
): Promise<string> {
  try {
    await troubled("What was signed", token, () => chain.call(executeCall(signed, terms), account));
    return "";
  } catch (error) {
    return (error as WalletTrouble).message;
  }
}

/** Where the escrow stands by the chain: the index does not know sequences. */
async function slotOf(chain: WalletChain, contract: string, id: EscrowId) {
  const data = contracts.escrow.encodeFunctionData("escrowOf", [id]);
  const answer = await chain.call({ to: contract, data });
  // ethers has read it by the contract's own ABI, and types every result as any[].
  const [{ buyerSequence, sellerSequence }] = contracts.escrow.decodeFunctionResult(
    "escrowOf",
    answer,
  ) as unknown as [{ buyerSequence: bigint; sellerSequence: bigint }];
  return { buyerSequence, sellerSequence };
}
