import { Signature, TypedDataEncoder } from "ethers";
import { z } from "zod";
import { contracts } from "../core/sentences.ts";
import { WalletTrouble } from "../core/wallet-error.ts";
import type { WalletChain } from "./chain.ts";

/** For how long a permit is good, in seconds: long enough for a transaction to be included. */
const PERMIT_SECONDS = 3_600n;

const word = z.string().regex(/^0x[0-9a-f]{64}$/i);

/** Who may take how much of whose tokens. */
export type PermitWish = {
  readonly token: string;
  readonly owner: string;
  readonly spender: string;
  /** In the token's smallest unit. */
  readonly amount: bigint;
};

/**
 * Has an ERC-2612 permit signed.
 * @throws WalletTrouble where the token takes none; whatever the wallet throws
 */
export async function signPermit(chain: WalletChain, { token, owner, spender, amount }: PermitWish) {
  const { token: erc20 } = contracts;
  const read = async (name: "name" | "nonces" | "DOMAIN_SEPARATOR", args: readonly string[] = []) => {
    const data = erc20.encodeFunctionData(name as "nonces", args as [string]);
    return erc20.decodeFunctionResult(name as "nonces", await chain.call({ to: token, data }))[0] as unknown;
  };
  const [name, nonce, separator, chainId, now] = await Promise.all([
    read("name"),
    read("nonces", [owner]),
    read("DOMAIN_SEPARATOR"),
    chain.chainId(),
    chain.now(),
  ]);
  // ERC-2612 has no function that tells the version; the separator tells whether it was guessed right.
  const domain = ["1", "2"]
    .map((version) => ({ name: String(name), version, chainId, verifyingContract: token }))
    .find((candidate) => TypedDataEncoder.hashDomain(candidate) === word.parse(separator));
  if (domain === undefined)
    throw new WalletTrouble("refused", "This token takes no permits. Nothing was sent; choose the approval.");
  const deadline = now + PERMIT_SECONDS;
  const fields = ["owner", "spender", "value", "nonce", "deadline"];
  const types = { Permit: fields.map((field, i) => ({ name: field, type: i < 2 ? "address" : "uint256" })) };
  const message = { owner, spender, value: amount, nonce: String(nonce), deadline };
  const payload = TypedDataEncoder.getPayload(domain, types, message) as unknown;
  const { v, r, s } = Signature.from(await chain.signTypedData(owner, JSON.stringify(payload)));
  return { value: amount, deadline, v, r, s };
}
