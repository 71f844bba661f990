import type { SpeakerView, Told } from "../../../web/dashboard/core/speech-schema.ts";
import type { Scene } from "./fake-fleet.ts";

/** What the role speech would tell of itself. */
export function fakeSpeech(scene: Scene): {
  readonly state: SpeakerView;
  readonly transcript: { readonly utterances: readonly Told[] };
} {
  const count = { usual: 6, empty: 0, large: 200, trouble: 9 }[scene];
  const waiting = Math.min(3, count);
  const utterances = Array.from({ length: count }, (_, i) => ({
    ...{ id: `utterance-${i}`, priority: i === 3 ? ("urgent" as const) : ("normal" as const) },
    ...{ state: i < waiting ? "waiting" : "spoken", addedAt: Date.now() - 45_000 * i },
    text: "warning: Lane A to B has not moved for five minutes. Its messages are locked, not lost.",
  }));
  return {
    state: {
      ...{ control: { isEnabled: false, isPaused: false }, waiting, player: "aplay" },
      next: utterances.slice(0, waiting).map(({ id, priority }) => ({ id, priority })),
    },
    transcript: { utterances },
  };
}
