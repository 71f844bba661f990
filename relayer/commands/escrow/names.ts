/** What a user can do with an escrow, or sign, by its name on the command line. */
export const actionNames = [
  "deliver",
  "release",
  "refund",
  "dispute",
  "evidence",
  "publish",
  "resolve",
] as const;
/** One of {@link actionNames}. */
export type ActionName = (typeof actionNames)[number];

/** The roles that an account can have in an escrow. */
export const partyRoles = ["buyer", "seller", "arbiter"] as const;
