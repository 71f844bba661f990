import type { SpeechPriority } from "../../domain/speech-jobs.ts";

/** What a listener may ask for. */
export const commands = ["enable", "disable", "pause", "resume", "stop", "skip"] as const;
export type Command = (typeof commands)[number];

/** What is being said. */
export type Current = { readonly id: string; readonly priority: SpeechPriority };

/** Whether anything may be said, and what is. */
export type Control = {
  /** Nothing is heard on this machine's own device before a listener turns it on. */
  readonly isEnabled: boolean;
  /** Somebody listens on a page, having turned that on there: what waits is said to the page, whatever the device does. */
  readonly isAttended: boolean;
  readonly isPaused: boolean;
  readonly current: Current | undefined;
};

/** What happens to a speaker. */
export type SpeakerEvent =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "attended"; readonly isAttended: boolean }
  | { readonly kind: "arrived"; readonly priority: SpeechPriority }
  | { readonly kind: "started"; readonly current: Current }
  | { readonly kind: "ended" };

/** What becomes of the utterance that is silenced. */
export type Silenced = "put-back" | "skipped" | "stopped";

/** What a speaker was at the beginning: silent. */
export const SILENT: Control = {
  isEnabled: false,
  isPaused: false,
  isAttended: false,
  current: undefined,
};

/** Whether the next utterance may be taken. */
export function mayTake(state: Control): boolean {
  return isOn(state) && state.current === undefined;
}

/** Whether anybody would hear what is said. */
export function isOn({ isEnabled, isAttended, isPaused }: Control): boolean {
  return (isEnabled || isAttended) && !isPaused;
}

/**
 * What a speaker does about an event: the rules of interruption, pause, stop and skip.
 *
 * - urgent interrupts what is not urgent; that goes on, afterwards, at the start of its sentence
 * - `pause` and `disable` do the same, and nothing is said before `resume` or `enable`; what pages turned on goes on after `disable`
 * - when the last page is gone and the device is not enabled, the same
 * - `stop` silences and ends what is being said; everything else waits for `resume`
 * - `skip` ends what is being said and goes on with the next
 *
 * @returns `silence` when what is being said must end now, and what becomes of it
 */
export function control(
  state: Control,
  event: SpeakerEvent,
): { readonly state: Control; readonly silence: Silenced | undefined } {
  switch (event.kind) {
    case "command":
      return obey(state, event.command);
    case "attended": {
      const attended = { ...state, isAttended: event.isAttended };
      return attended.isEnabled || attended.isAttended
        ? { state: attended, silence: undefined }
        : silenced(attended, "put-back");
    }
    case "arrived": {
      const isInterrupted =
        event.priority === "urgent" && state.current !== undefined && state.current.priority !== "urgent";
      return isInterrupted ? silenced(state, "put-back") : { state, silence: undefined };
    }
    case "started":
      return { state: { ...state, current: event.current }, silence: undefined };
    case "ended":
      return { state: { ...state, current: undefined }, silence: undefined };
  }
}

function obey(
  state: Control,
  command: Command,
): { readonly state: Control; readonly silence: Silenced | undefined } {
  switch (command) {
    case "enable":
      return { state: { ...state, isEnabled: true }, silence: undefined };
    case "disable":
      return silenced({ ...state, isEnabled: false }, "put-back");
    case "pause":
      return silenced({ ...state, isPaused: true }, "put-back");
    case "resume":
      return { state: { ...state, isPaused: false }, silence: undefined };
    case "stop":
      return silenced({ ...state, isPaused: true }, "stopped");
    case "skip":
      return silenced(state, "skipped");
  }
}

function silenced(
  state: Control,
  silence: Silenced,
): { readonly state: Control; readonly silence: Silenced | undefined } {
  return { state: { ...state, current: undefined }, silence: state.current && silence };
}
