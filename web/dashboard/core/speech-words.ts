import type { Preferences, SpeakerView } from "./speech-schema.ts";

/** What a listener has to know about what is said, in words. */

export type SpeechState =
  "connecting" | "unreachable" | "off" | "no-voices" | "quiet" | "speaking" | "urgent";

/** What speech is like on this page at the moment. */
export type Listening = {
  /** What the role says of itself; undefined while it is not reachable. */
  readonly speaker: SpeakerView | undefined;
  /** Why it is not; empty while it is, and before it was asked. */
  readonly trouble: string;
  readonly isOn: boolean;
  readonly way: Preferences["way"];
  readonly hasVoices: boolean;
  readonly current: { readonly id: string; readonly priority: string } | undefined;
  /** The utterance that the listener has stopped here. */
  readonly stopped: string | undefined;
  /** The browser's own voice is at it. */
  readonly isBrowserSpeaking: boolean;
};

export function speechState(now: Listening): SpeechState {
  const { speaker, trouble, isOn, way, hasVoices, current, stopped, isBrowserSpeaking } = now;
  if (speaker === undefined) return trouble === "" ? "connecting" : "unreachable";
  if (!isOn) return "off";
  if (way === "browser" && !hasVoices) return "no-voices";
  if (isBrowserSpeaking || (current !== undefined && stopped !== current.id))
    return current?.priority === "urgent" ? "urgent" : "speaking";
  return "quiet";
}

/** A word, and what follows from it. */
export function speechWords(state: SpeechState, now: Listening): readonly [word: string, more: string] {
  const { speaker, stopped } = now;
  const waits = speaker === undefined || speaker.waiting === 0 ? "" : ` ${waitingWords(speaker.waiting)}`;
  switch (state) {
    case "connecting":
      return ["Connecting", ""];
    case "unreachable":
      return ["Not reachable", "Nothing is heard until the speaker answers."];
    case "off":
      return ["Off", `Nothing plays here until you turn it on.${waits}`];
    case "no-voices":
      return ["No voices", "This browser has none. Choose another way; the text is below."];
    case "quiet":
      if (speaker?.control.isPaused === true) return ["Paused", `“Go on” lets it speak again.${waits}`];
      return [
        "On",
        stopped === undefined ? "Quiet: nothing is being said." : "Stopped; the next message is heard again.",
      ];
    case "speaking":
      return ["Speaking", "The words are below."];
    case "urgent":
      return ["Urgent", "The words are below."];
  }
}

function waitingWords(count: number): string {
  return count === 1 ? "One message waits." : `${count} messages wait.`;
}
