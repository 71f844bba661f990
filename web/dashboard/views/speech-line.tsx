import { listening, state, stopHere, words } from "../services/speech.ts";

/** What is said while another view is looked at: for whoever has turned it on. */
export function SpeechLine() {
  const said = words.value;
  const isUrgent = said?.priority === "urgent";
  if (!listening.value.isOn) return null;
  const isSpeaking = state.value === "speaking" || state.value === "urgent";
  return (
    <div class={isUrgent && isSpeaking ? "speech-line urgent" : "speech-line"}>
      <a href="#/speech">{isSpeaking ? "Said now" : "Speech is on"}</a>
      <p role={isUrgent ? "alert" : "status"}>{isSpeaking ? said?.text : ""}</p>
      {isSpeaking && (
        <button type="button" class="secondary tight" onClick={stopHere}>
          Stop
        </button>
      )}
    </div>
  );
}
