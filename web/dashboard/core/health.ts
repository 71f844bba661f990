import type { FullStatusView } from "../../../relayer/api/list-schema.ts";
import type { FleetView } from "../../../relayer/api/operator-schema.ts";
import { showSpan } from "../../shared/core/format.ts";

export type Tone = "good" | "warn" | "bad" | "unknown";

/** One of the three questions that come first, answered. */
export type Answer = {
  readonly question: string;
  readonly word: string;
  readonly tone: Tone;
  readonly text: string;
};

const QUESTIONS = { value: "Is value moving?", safety: "Is it safe?", missing: "Who is missing?" } as const;

/** What the fleet says of itself. */
export function answersOf({ health, lanes, quorums, holdings }: FleetView): readonly Answer[] {
  const waiting = lanes.reduce((sum, { inFlight }) => sum + inFlight, 0);
  const oldest = lanes.reduce((most, { oldestSeconds }) => Math.max(most, oldestSeconds ?? 0), 0);
  const margins = quorums.map(({ present, threshold }) => present - threshold);
  return [
    { question: QUESTIONS.value, ...value(health.value, waiting, oldest) },
    { question: QUESTIONS.safety, ...safety(health.safety, margins, holdings) },
    { question: QUESTIONS.missing, ...missing(health.missing, quorums) },
  ];
}

/** What anybody may know: what is on the way, and no more. */
export function publicAnswers({ lanes, chains }: FullStatusView, now: number): readonly Answer[] {
  const waiting = lanes.reduce((sum, { sent, accepted }) => sum + Number(sent - accepted), 0);
  const expired = chains.filter(({ validatorSet }) => Number(validatorSet.expiresAt) <= now);
  const names = expired.map(({ name }) => name).join(" and ");
  return [
    {
      question: QUESTIONS.value,
      ...(waiting === 0
        ? { word: "Idle", tone: "good", text: "Nothing is on the way." }
        : { word: onTheWay(waiting), tone: "unknown", text: "Sign in to see for how long." }),
    },
    {
      question: QUESTIONS.safety,
      ...(expired.length === 0
        ? { word: "Unknown", tone: "unknown", text: "Sign in to see what is locked and minted." }
        : {
            word: "At a stop",
            tone: "bad",
            text: `The validator set on ${names} has expired: nothing is accepted there until the next set is in force. No money is lost.`,
          }),
    },
    { question: QUESTIONS.missing, word: "Unknown", tone: "unknown", text: "Sign in to see who signs." },
  ];
}

type Said = Omit<Answer, "question">;

function value(state: FleetView["health"]["value"], waiting: number, oldest: number): Said {
  switch (state) {
    case "moving":
      return {
        word: "Moving",
        tone: "good",
        text:
          waiting === 0 ? "Nothing waits now." : `${onTheWay(waiting)}, the oldest for ${showSpan(oldest)}.`,
      };
    case "idle":
      return { word: "Idle", tone: "good", text: "Nothing waits, and nothing was sent lately." };
    case "stalled":
      return {
        word: "Stalled",
        tone: "bad",
        text: `${onTheWay(waiting)}, and nothing arrives; the oldest waits for ${showSpan(oldest)}. It is locked, not lost.`,
      };
    case "unknown":
      return { word: "Unknown", tone: "unknown", text: "The chains do not say at the moment." };
  }
}

function safety(
  state: FleetView["health"]["safety"],
  margins: readonly number[],
  holdings: FleetView["holdings"],
): Said {
  const least = margins.reduce((a, b) => Math.min(a, b), Infinity);
  switch (state) {
    case "safe":
      return {
        word: "Safe",
        tone: "good",
        text: `Everything minted is covered${
          Number.isFinite(least) ? `, and ${validators(least)} more may go missing` : ""
        }.`,
      };
    case "at-risk":
      return {
        word: "At risk",
        tone: "warn",
        text: "Everything minted is covered, but no validator more may go missing: then messages wait.",
      };
    case "unsafe":
      return {
        word: "Unsafe",
        tone: "bad",
        text: "What was minted is not covered, or evidence against validators is open. See below.",
      };
    case "unknown":
      return {
        word: "Unknown",
        tone: "unknown",
        text:
          holdings.length > 0 && holdings.every(({ isWhole }) => isWhole === true)
            ? "Everything minted is covered; who signs is not known for every chain yet."
            : "What is locked and minted cannot be read at the moment.",
      };
  }
}

function missing(names: readonly string[], quorums: FleetView["quorums"]): Said {
  const present = quorums
    .map((each) => `${each.present} of ${each.members} sign on ${each.chain}`)
    .join(", ");
  if (quorums.length === 0)
    return { word: "Unknown", tone: "unknown", text: "No validator set could be read." };
  if (names.length === 0) return { word: "Nobody", tone: "good", text: `${present}.` };
  const isLost = quorums.some((each) => each.present < each.threshold);
  return {
    word: `${names.length} missing`,
    tone: isLost ? "bad" : "warn",
    text: `${present}${isLost ? "; that is no quorum" : ""}.`,
  };
}

function onTheWay(count: number): string {
  return count === 1 ? "1 message on the way" : `${count} messages on the way`;
}

function validators(count: number): string {
  return count === 1 ? "one validator" : `${count} validators`;
}
