import { existsSync, readFileSync } from "node:fs";
import { keccak256, toUtf8Bytes } from "ethers";
import { UsageError } from "../../domain/errors.ts";
import { address, type Address, hash } from "../../domain/ids.ts";
import type { EscrowId, Hex, Payee } from "../../escrow/core/types.ts";

/** A moment as a user names it: a Unix second, or seconds after something else, such as now. */
export type When = { readonly at: bigint } | { readonly after: bigint };

const SECONDS: Readonly<Record<string, bigint>> = {
  s: 1n,
  m: 60n,
  h: 3_600n,
  d: 86_400n,
  w: 604_800n,
};

/** An escrow's id. @throws UsageError `ESCROW_ID` */
export function readId(text: string): EscrowId {
  const parsed = hash.safeParse(text);
  if (parsed.success) return parsed.data as string as EscrowId;
  throw new UsageError(
    "ESCROW_ID",
    `"${text}" is no escrow id. Nothing was done; an id is 0x and 64 hexadecimal digits, as "dchat escrow create" and "dchat escrow list" print it.`,
  );
}

/** Reads an account. @throws UsageError `ADDRESS` */
export function readAddress(text: string): Address {
  const parsed = address.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    "ADDRESS",
    `"${text}" is no account: ${parsed.error.issues[0]?.message ?? "not an address"}. Nothing was done.`,
  );
}

/** Reads a duration such as 3d or 90m, in seconds. @throws UsageError `DURATION` */
export function readDuration(text: string): bigint {
  const [, count, unit] = /^([0-9]{1,9})([smhdw])$/.exec(text) ?? [];
  const seconds = SECONDS[unit ?? ""];
  if (count !== undefined && seconds !== undefined) return BigInt(count) * seconds;
  throw new UsageError(
    "DURATION",
    `"${text}" is no duration. Nothing was done; write a number and s, m, h, d or w, such as 3d.`,
  );
}

/** Reads a moment: an ISO 8601 date (midnight UTC), a time with its zone, or +3d. @throws UsageError `DATE` */
export function readWhen(text: string): When {
  if (text.startsWith("+")) return { after: readDuration(text.slice(1)) };
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const milliseconds = isIso ? Date.parse(text) : NaN;
  // Date.parse takes the 31st of February for the 3rd of March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  if (!Number.isNaN(milliseconds) && isDay && milliseconds >= 0) return { at: BigInt(milliseconds / 1_000) };
  throw new UsageError(
    "DATE",
    `"${text}" is no moment. Nothing was done; write a date such as 2027-01-31 (midnight UTC), a time such as 2027-01-31T12:00:00Z, or a duration from now such as +3d.`,
  );
}

/** The Unix second of a moment. @param from what a duration counts from */
export function secondOf(when: When, from: bigint): bigint {
  return "at" in when ? when.at : from + when.after;
}

/** Reads basis points. @throws UsageError `SHARE` */
export function readShare(text: string): bigint {
  if (/^[0-9]{1,5}$/.test(text) && BigInt(text) <= 10_000n) return BigInt(text);
  throw new UsageError(
    "SHARE",
    `"${text}" is no share. Nothing was done; write basis points, 0 to 10000: 250 is 2.5 %.`,
  );
}

/** Reads a salt. @throws UsageError `SALT` */
export function readSalt(text: string): bigint {
  if (/^[0-9]{1,30}$/.test(text) && BigInt(text) < 2n ** 96n) return BigInt(text);
  throw new UsageError("SALT", `"${text}" is no salt. Nothing was done; write a whole number below 2^96.`);
}

/** Reads a payee, `address:basis points`, after those before it. @throws UsageError `PAYEE` */
export function readPayee(text: string, before: readonly Payee[] = []): readonly Payee[] {
  const [account, share, ...rest] = text.split(":");
  if (account !== undefined && share !== undefined && rest.length === 0)
    return [...before, { account: readAddress(account), share: readShare(share) }];
  throw new UsageError(
    "PAYEE",
    `"${text}" is no payee. Nothing was done; write an address, a colon and basis points.`,
  );
}

/** A milestone as a user names it; the amount in the token's whole units. */
export type MilestoneText = { readonly amount: string; readonly when: When };

/** Reads a milestone, `amount@date`, after those before it. @throws UsageError `MILESTONE` */
export function readMilestone(text: string, before: readonly MilestoneText[] = []): readonly MilestoneText[] {
  const [amount, when, ...rest] = text.split("@");
  if (amount !== undefined && when !== undefined && rest.length === 0)
    return [...before, { amount, when: readWhen(when) }];
  throw new UsageError(
    "MILESTONE",
    `"${text}" is no milestone. Nothing was done; write an amount, @ and a date, such as 10@+7d or 10@2027-01-31.`,
  );
}

/** The digest of an agreement: of a file's bytes if there is such a file, otherwise of the text. @throws UsageError `AGREEMENT` */
export function digestAgreement(text: string | undefined): Hex {
  if (text === undefined) return `0x${"0".repeat(64)}`;
  if (existsSync(text)) return keccak256(readFileSync(text));
  // Rather refused than taken for a text of one word that nobody agreed on.
  if (!/\s/.test(text) && /[/\\]|\.\w{1,5}$/.test(text))
    throw new UsageError(
      "AGREEMENT",
      `--agreement ${text}: there is no such file, and it looks like one. Nothing was done; correct the path.`,
    );
  return keccak256(toUtf8Bytes(text));
}

/** An amount that may be nothing, or fails as `parse` does. */
export function orZero(text: string, parse: (text: string) => bigint): bigint {
  return /^0+(\.0+)?$/.test(text) ? 0n : parse(text);
}
