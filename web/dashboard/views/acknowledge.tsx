import { useSignal } from "@preact/signals";
import { wordsOf } from "../../shared/services/http.ts";
import { Dialog, Field, Notice } from "../../shared/views/parts.tsx";
import type { Alert } from "../core/alert-schema.ts";
import { headlineOf } from "../core/alerts.ts";
import { DURATIONS } from "../core/silence.ts";
import { alerting } from "../services/alerting.ts";

/** Takes an alert over: it escalates no further. */
export function AcknowledgeDialog({
  alert,
  onDone,
  onClose,
}: {
  readonly alert: Alert;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}) {
  const comment = useSignal("");
  const minutes = useSignal<number | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async () => {
    isBusy.value = true;
    try {
      await alerting.acknowledge(alert.fingerprint, comment.value.trim(), minutes.value);
      onDone("Acknowledged: it is yours, and escalates no further.");
      onClose();
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog title="Acknowledge" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>
          <strong>{headlineOf(alert)}</strong>
        </p>
        <p>You take it over: nobody else is told of it, until it is over or you give it back.</p>
        <Field id="ack-comment" label="What you are doing about it" help="Others read it beside the alert.">
          <input
            id="ack-comment"
            autocomplete="off"
            value={comment.value}
            aria-describedby="ack-comment-help"
            onInput={(event) => {
              comment.value = event.currentTarget.value;
            }}
          />
        </Field>
        <Field id="ack-until" label="For how long">
          <select
            id="ack-until"
            value={minutes.value === undefined ? "" : String(minutes.value)}
            onChange={({ currentTarget: { value } }) => {
              minutes.value = value === "" ? undefined : Number(value);
            }}
          >
            <option value="">until it is over</option>
            {DURATIONS.map(([each, words]) => (
              <option key={each} value={String(each)}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        {trouble.value !== undefined && <Notice tone="bad">{trouble.value}</Notice>}
        <div class="dialog-actions">
          <button type="button" class="secondary" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={isBusy.value}>
            Acknowledge
          </button>
        </div>
      </form>
    </Dialog>
  );
}
