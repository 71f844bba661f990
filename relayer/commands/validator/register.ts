import { formatEther, parseEther, ZeroAddress, ZeroHash } from "ethers";
import { UsageError } from "../../domain/errors.ts";
import { hash } from "../../domain/ids.ts";
import type { CommandContext } from "../context.ts";
import { openKey } from "../signer/start.ts";
import {
  keyOptions,
  openOperator,
  type OperatorOptions,
  type SignerKeyOptions,
  withRegistry,
} from "./session.ts";

/** The options of `dchat validator register`. */
export type RegisterOptions = OperatorOptions & SignerKeyOptions & { readonly bond?: string };

/** `dchat validator register`: joins with a validator, under an operator that governance admitted. */
export async function register(options: RegisterOptions, context: CommandContext): Promise<void> {
  const { key } = await openKey(keyOptions(options));
  await withRegistry(context, async (session) => {
    const { contract } = session.validators;
    const { wallet, operator } = openOperator(session, options, context);
    const ask = <T>(call: () => Promise<T>) => session.rpc.ask("eth_call", call);
    const bond =
      options.bond === undefined ? await ask(() => contract.MINIMUM_BOND()) : readBond(options.bond);
    if ((await ask(() => contract.TOKEN())) !== ZeroAddress)
      throw new UsageError(
        "BOND_TOKEN",
        "This registry takes its bonds in an ERC-20 token, and this command pays native ones only. Nothing was sent; approve the token for the registry and call join with a wallet.",
      );
    const digest = hash.parse(await ask(() => contract.joinDigest(operator, key.publicKey, ZeroHash)));
    const proof = await key.sign(digest);
    context.output.step(`joining with validator ${key.publicKey}`);
    const transaction = await wallet.join({ key: key.publicKey, bond, proof });
    context.output.result(
      { key: key.publicKey, operator, bond: bond.toString(), transaction },
      `${key.publicKey} joined with a bond of ${formatEther(bond)}\ntransaction ${transaction}\nit belongs into the next set: dchat validator rotate`,
    );
  });
}

function readBond(text: string): bigint {
  try {
    return parseEther(text);
  } catch {
    // ethers says "invalid FixedNumber", which helps nobody who typed an amount.
    throw new UsageError("BOND", `--bond ${text}: expected an amount such as "100". Nothing was sent.`);
  }
}
