/** From so many seconds behind on a validator counts as one that does not sign, as the rule `ValidatorBehind` has it. */
const MISSING_SECONDS = 600;

/**
 * Whether a validator signs: by what senders heard lately, or else by what the watchtower has recorded, where more than half is an offence.
 * @returns undefined where neither says anything
 */
export function isSigning(
  behindSeconds: number | null | undefined,
  window: { readonly missed: number; readonly of: number } | null | undefined,
): boolean | undefined {
  if (typeof behindSeconds === "number") return behindSeconds < MISSING_SECONDS;
  if (window === null || window === undefined || window.of === 0) return undefined;
  return window.missed * 2 <= window.of;
}
