import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { wordsOf } from "../../shared/services/http.ts";
import { Dialog, Field, Notice } from "../../shared/views/parts.tsx";
import type { Alert } from "../core/alert-schema.ts";
import { headlineOf } from "../core/alerts.ts";
import { DURATIONS, matchersOf, problemOf, type SilenceForm, silenceOf } from "../core/silence.ts";
import { alerting } from "../services/alerting.ts";

/** So many of the alerts that would be hidden are named. */
const NAMED = 8;

/** Makes a silence. What it would hide is shown before it can be made. */
export function SilenceDialog({
  labels,
  onDone,
  onClose,
}: {
  readonly labels: Readonly<Record<string, string>>;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}) {
  const form = useSignal<SilenceForm>(silenceOf(labels));
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const hidden = usePreview(form.value, (text) => {
    trouble.value = text;
  });
  const wrong = problemOf(form.value);
  const change = (part: Partial<SilenceForm>) => {
    form.value = { ...form.value, ...part };
  };
  const submit = async () => {
    isBusy.value = true;
    try {
      await alerting.silence(form.value);
      onDone("Silenced: what fits it is told to nobody until it ends. It is under Silences.");
      onClose();
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog title="Silence" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong === undefined && hidden !== undefined) void submit();
        }}
      >
        <Matchers form={form.value} onChange={change} />
        <Field id="silence-for" label="For how long">
          <select
            id="silence-for"
            value={String(form.value.minutes)}
            onChange={(event) => {
              change({ minutes: Number(event.currentTarget.value) });
            }}
          >
            {DURATIONS.map(([minutes, words]) => (
              <option key={minutes} value={String(minutes)}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Field id="silence-why" label="Why" help="Others see it, and it is in the audit log.">
          <input
            id="silence-why"
            autocomplete="off"
            value={form.value.comment}
            aria-describedby="silence-why-help"
            onInput={(event) => {
              change({ comment: event.currentTarget.value });
            }}
          />
        </Field>
        <Preview hidden={hidden} />
        {trouble.value !== undefined && <Notice tone="bad">{trouble.value}</Notice>}
        <div class="dialog-actions">
          <span role="status" class="quiet">
            {wrong ?? ""}
          </span>
          <button type="button" class="secondary" onClick={onClose}>
            Not now
          </button>
          <button
            type="submit"
            class="primary"
            disabled={wrong !== undefined || hidden === undefined || isBusy.value}
          >
            Silence
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Matchers({
  form,
  onChange,
}: {
  readonly form: SilenceForm;
  readonly onChange: (part: Partial<SilenceForm>) => void;
}) {
  return (
    <fieldset class="matchers">
      <legend>Every alert with these labels</legend>
      {form.matchers.map(({ name, value, isUsed }) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={isUsed}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              onChange({
                matchers: form.matchers.map((each) =>
                  each.name === name ? { ...each, isUsed: checked } : each,
                ),
              });
            }}
          />
          <code>
            {name}={value}
          </code>
        </label>
      ))}
    </fieldset>
  );
}

/** @returns what would be hidden; undefined until that is known, for the labels as they are now */
function usePreview(form: SilenceForm, onTrouble: (text: string | undefined) => void) {
  const found = useSignal<readonly Alert[] | undefined>(undefined);
  const matchers = matchersOf(form);
  const asked = JSON.stringify(matchers);
  useEffect(() => {
    let isOld = false;
    found.value = undefined;
    if (matchers.length === 0) return;
    alerting.preview(form).then(
      (alerts) => {
        if (isOld) return;
        found.value = alerts;
        onTrouble(undefined);
      },
      (error: unknown) => {
        if (!isOld) onTrouble(wordsOf(error));
      },
    );
    return () => {
      isOld = true;
    };
  }, [asked]);
  return found.value;
}

function Preview({ hidden }: { readonly hidden: readonly Alert[] | undefined }) {
  const count = hidden?.length ?? 0;
  return (
    <div class="preview" role="status">
      <p>
        <strong>
          {hidden === undefined
            ? "Looking what it would hide…"
            : count === 0
              ? "It hides nothing that fires now."
              : `It hides ${count === 1 ? "one alert" : `${count} alerts`} that fire${count === 1 ? "s" : ""} now:`}
        </strong>
      </p>
      {count > 0 && (
        <ul>
          {hidden?.slice(0, NAMED).map((alert) => (
            <li key={alert.fingerprint}>{headlineOf(alert)}</li>
          ))}
          {count > NAMED && <li>and {count - NAMED} more</li>}
        </ul>
      )}
    </div>
  );
}
