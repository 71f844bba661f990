import { Signature, TypedDataEncoder, type Wallet } from "ethers";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { formatAmount } from "../../domain/amount.ts";
import { FatalError, UsageError } from "../../domain/errors.ts";
import { address, type Address } from "../../domain/ids.ts";
import type { ChainConfig, Network } from "../../domain/network.ts";
import { chainAnswer } from "../../platform/chain-answer.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { sameAddress, ZERO_ADDRESS } from "../core/types.ts";
import type { ShowAmount } from "./refusals.ts";
import type { EscrowWallet, WalletCall } from "./wallet.ts";

/** What an escrow can hold: a token, or the native currency (the zero address). */
export type Token = {
  readonly address: Address;
  readonly symbol: string;
  readonly decimals: number;
  readonly show: ShowAmount;
};

const NATIVE = address.parse(ZERO_ADDRESS);
const tokenInterface = DemoToken__factory.createInterface();

/**
 * The token that a user named: `native`, a symbol of the configuration, or an address.
 * @throws UsageError `TOKEN`
 */
export async function findToken(
  network: Network,
  chain: ChainConfig,
  rpc: Rpc,
  text: string,
): Promise<Token> {
  if (text.toLowerCase() === "native") return tokenAt(network, chain, rpc, NATIVE);
  const symbol = Object.keys(network.tokens).find((name) => name.toLowerCase() === text.toLowerCase());
  const side = symbol === undefined ? undefined : network.tokens[symbol]?.sides[chain.name];
  if (side !== undefined) return tokenAt(network, chain, rpc, side.token);
  const parsed = address.safeParse(text);
  if (parsed.success) return tokenAt(network, chain, rpc, parsed.data);
  throw new UsageError(
    "TOKEN",
    `--token ${text}: no such token on ${chain.name}. Nothing was done; name native, ${Object.keys(network.tokens).join(", ")}, or a token's address.`,
  );
}

/** The token at an address. One that does not say how it is called, or divided, is shown in its smallest unit. */
export async function tokenAt(network: Network, chain: ChainConfig, rpc: Rpc, at: string): Promise<Token> {
  const of = (tokenAddress: string, symbol: string, decimals: number): Token => ({
    address: address.parse(tokenAddress),
    symbol,
    decimals,
    show: (amount) => `${formatAmount(amount, decimals)} ${symbol}`,
  });
  if (sameAddress(at, NATIVE)) return of(NATIVE, "native", 18);
  for (const [symbol, { sides, decimals }] of Object.entries(network.tokens))
    if (sameAddress(sides[chain.name]?.token ?? "", at)) return of(at, symbol, decimals);

  const contract = DemoToken__factory.connect(at, rpc.provider);
  try {
    const symbol = await rpc.ask("eth_call", () => contract.symbol());
    const decimals = Number(await rpc.ask("eth_call", () => contract.decimals()));
    // A token is free to answer with anything, terminal sequences among it.
    if (/^[\p{L}\p{N}$.+-]{1,16}$/u.test(symbol) && decimals <= 36) return of(at, symbol, decimals);
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
  }
  return of(at, `of the smallest unit of ${at}`, 0);
}

/** Whether a contract, as opposed to the road to it, failed to answer as a token does. */
function isNoAnswer(error: unknown): boolean {
  return chainAnswer(error) !== undefined || (error instanceof Error && explainsBadData(error));
}

function explainsBadData(error: Error): boolean {
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause && cause.code === "BAD_DATA";
}

/** @throws FatalError `BALANCE` when the account has less than `amount` */
export async function requireBalance(rpc: Rpc, token: Token, owner: string, amount: bigint): Promise<void> {
  const contract = DemoToken__factory.connect(token.address, rpc.provider);
  if ((await rpc.ask("eth_getCode", () => rpc.provider.getCode(token.address))) === "0x")
    throw new UsageError(
      "TOKEN",
      `There is no contract at ${token.address} on ${rpc.chain.name}, so it is no token. Nothing was sent; check --token and --chain.`,
    );
  const balance = await rpc.ask("eth_call", () => contract.balanceOf(owner));
  if (balance < amount)
    throw new FatalError(
      "BALANCE",
      `${owner} has ${token.show(balance)} on ${rpc.chain.name}, which is less than ${token.show(amount)}. Nothing was sent. Get some more, or choose a smaller amount.`,
    );
}

/** Lets `spender` take exactly `amount`, if it may not take as much already. Returns whether anything was approved. */
export async function approve(
  rpc: Rpc,
  wallet: EscrowWallet,
  token: Token,
  spender: Address,
  amount: bigint,
): Promise<boolean> {
  const contract = DemoToken__factory.connect(token.address, rpc.provider);
  const allowance = await rpc.ask("eth_call", () => contract.allowance(wallet.signer.address, spender));
  if (allowance >= amount) return false;
  // Some tokens, Tether's among them, take a new allowance only when there is none.
  if (allowance > 0n) await wallet.send(approval(token, spender, 0n), token.show);
  await wallet.send(approval(token, spender, amount), token.show);
  return true;
}

/** The call that allows `spender` to take `amount`. */
export function approval(token: Token, spender: Address, amount: bigint): WalletCall {
  const what = amount === 0n ? "withdrawing the approval" : `approving ${token.show(amount)} for the escrow`;
  return { to: token.address, data: tokenInterface.encodeFunctionData("approve", [spender, amount]), what };
}

/**
 * Signs an ERC-2612 permit.
 * @param deadline last Unix second at which the token takes it
 * @throws FatalError `PERMIT` when the token has none as the standard says
 */
export async function signPermit(
  rpc: Rpc,
  signer: Wallet,
  token: Token,
  spender: Address,
  { value, deadline }: { readonly value: bigint; readonly deadline: bigint },
) {
  const contract = DemoToken__factory.connect(token.address, rpc.provider);
  const read = async () => {
    const [name, nonce, separator] = await Promise.all([
      contract.name(),
      contract.nonces(signer.address),
      contract.DOMAIN_SEPARATOR(),
    ]);
    // ERC-2612 has no function that tells the version; the separator tells whether it was guessed right.
    const domain = ["1", "2"]
      .map((version) => ({ name, version, chainId: rpc.chain.chainId, verifyingContract: token.address }))
      .find((candidate) => TypedDataEncoder.hashDomain(candidate) === separator);
    return domain === undefined ? undefined : { domain, nonce };
  };
  const permit = await rpc.ask("eth_call", read).catch((error: unknown) => {
    if (isNoAnswer(error)) return undefined;
    throw error;
  });
  if (permit === undefined)
    throw new FatalError(
      "PERMIT",
      `${token.symbol} (${token.address}) takes no ERC-2612 permits. Nothing was sent; leave --permit out, and the amount is approved by a transaction.`,
    );
  const fields = ["owner", "spender", "value", "nonce", "deadline"];
  const types = { Permit: fields.map((name, i) => ({ name, type: i < 2 ? "address" : "uint256" })) };
  const message = { owner: signer.address, spender, value, nonce: permit.nonce, deadline };
  const { v, r, s } = Signature.from(await signer.signTypedData(permit.domain, types, message));
  return { value, deadline, v, r, s };
}
