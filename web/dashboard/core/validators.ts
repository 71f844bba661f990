import type { FullStatusView, SlashingList, ValidatorList } from "../../../relayer/api/list-schema.ts";
import type { FleetView } from "../../../relayer/api/operator-schema.ts";
import { showSpan } from "../../shared/core/format.ts";
import type { Tone } from "./health.ts";

/** A validator as it is shown, whoever looks. What is not known to whoever looks is undefined. */
export type ShownValidator = {
  readonly key: string;
  readonly operator: string | null;
  readonly bond: bigint;
  readonly standing: "active" | "jailed" | "exited" | "tombstoned";
  /** Unix milliseconds; null where it is in no jail. */
  readonly jailedUntil: number | null;
  readonly window: { readonly missed: number; readonly of: number } | null | undefined;
  readonly seats: FleetView["validators"][number]["seats"] | undefined;
};

/** Everybody who ever joined, with what the fleet knows of them beside it. */
export function showValidators(
  { validators }: Pick<ValidatorList, "validators">,
  fleet: FleetView | undefined,
  now: number,
): readonly ShownValidator[] {
  const told = new Map(fleet?.validators.map((each) => [each.key, each]));
  return validators.map(({ key, operator, bond, jailedUntil, isTombstoned, exitedAt }) => {
    const known = told.get(key);
    const isJailed = Number(jailedUntil) > now;
    return {
      ...{ key, operator, bond },
      standing:
        known?.standing ??
        (isTombstoned ? "tombstoned" : Number(exitedAt) > 0 ? "exited" : isJailed ? "jailed" : "active"),
      jailedUntil: known?.jailedUntil ?? (isJailed ? Number(jailedUntil) * 1_000 : null),
      window: known?.window,
      seats: known?.seats,
    };
  });
}

/** How long a signature takes as a rule, and from when on its validator counts as missing rather than late, in seconds. */
const [USUAL_SECONDS, LATE_SECONDS] = [5, 30];

/** How one seat of a set signs. */
export function seatWords(behind: number | null | undefined): { readonly word: string; readonly tone: Tone } {
  if (behind == null) return { word: "not known", tone: "unknown" };
  if (behind === 0) return { word: "signed", tone: "good" };
  if (behind < USUAL_SECONDS) return { word: "signing", tone: "good" };
  return { word: `${showSpan(behind)} behind`, tone: behind < LATE_SECONDS ? "warn" : "bad" };
}

/** One set in force, seat by seat. */
export type ShownSet = {
  readonly chain: string;
  readonly epoch: bigint;
  readonly threshold: number;
  readonly members: number;
  /** Members that sign; undefined where whoever looks may not know. */
  readonly present: number | undefined;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly seats: readonly { readonly key: string; readonly behind: number | null | undefined }[];
};

/** The sets in force: by the fleet for whoever is signed in, by the chains for everybody. */
export function showSets(
  fleet: FleetView | undefined,
  status: FullStatusView | undefined,
): readonly ShownSet[] {
  if (fleet !== undefined)
    return fleet.quorums.map(({ chain, epoch, threshold, members, present, expiresAt }) => ({
      ...{ chain, epoch, threshold, members, present, expiresAt: Math.floor(expiresAt / 1_000) },
      seats: fleet.validators.flatMap(({ key, seats }) =>
        seats
          .filter((seat) => seat.chain === chain)
          .map(({ behindSeconds }) => ({ key, behind: behindSeconds })),
      ),
    }));
  return (status?.chains ?? []).map(({ name, validatorSet: set }) => ({
    ...{ chain: name, epoch: set.epoch, threshold: set.threshold, members: set.members.length },
    ...{ present: undefined, expiresAt: Number(set.expiresAt) },
    seats: set.scheme === "Ed25519" ? set.members.map((key) => ({ key, behind: undefined })) : [],
  }));
}

type Slashing = SlashingList["slashings"][number];

/** What a step of a slashing means, in words. */
export function slashingWords({ kind, executableAt }: Pick<Slashing, "kind" | "executableAt">): {
  readonly word: string;
  readonly tone: Tone;
} {
  switch (kind) {
    case "punished":
      return { word: "evidence held", tone: "bad" };
    case "pending":
      return {
        word: executableAt === null ? "waits for a veto" : "waits for a veto, then is executed",
        tone: "warn",
      };
    case "vetoed":
      return { word: "vetoed", tone: "unknown" };
    case "executed":
      return { word: "executed", tone: "bad" };
    case "collusion":
      return { word: "together with others", tone: "bad" };
    case "paid":
      return { word: "paid", tone: "unknown" };
  }
}
