import { formatUnits, parseUnits } from "ethers";
import { UsageError } from "./errors.ts";

/**
 * Reads an amount as people write it, such as "12.5", into the token's smallest unit.
 * @throws UsageError `AMOUNT` for anything but a positive decimal number with at most `decimals` digits behind the point
 */
export function parseAmount(text: string, decimals: number): bigint {
  if (!/^[0-9]{1,78}(\.[0-9]{1,60})?$/.test(text))
    throw new UsageError(
      "AMOUNT",
      `The amount "${text}" is not a positive decimal number such as 12.5. Nothing was sent.`,
    );
  const digits = text.split(".")[1]?.length ?? 0;
  if (digits > decimals)
    throw new UsageError(
      "AMOUNT",
      `The amount ${text} has ${digits} digits behind the point, but the token has ${decimals}. Nothing was sent.`,
    );
  const amount = parseUnits(text, decimals);
  if (amount === 0n)
    throw new UsageError("AMOUNT", "The amount is zero. Nothing was sent; name more than zero.");
  if (amount >= 2n ** 256n)
    throw new UsageError("AMOUNT", `The amount ${text} is more than any token can hold. Nothing was sent.`);
  return amount;
}

/** An amount in the token's smallest unit as people write it: 12500000 with 6 decimals is "12.5". */
export function formatAmount(amount: bigint, decimals: number): string {
  return formatUnits(amount, decimals).replace(/\.0$/, "");
}
