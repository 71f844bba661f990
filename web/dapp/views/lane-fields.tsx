import { useSignal } from "@preact/signals";
import {
  choice,
  chooseFrom,
  chooseTo,
  recipientError,
  recipientText,
  swapChains,
} from "../services/bridge-form.ts";
import { Field } from "../../shared/views/parts.tsx";

/** From where to where. */
export function Lane() {
  const chosen = choice.value;
  if (chosen === undefined) return null;
  const { chains, from, to } = chosen;
  const options = chains.map(({ name }) => (
    <option key={name} value={name}>
      Chain {name}
    </option>
  ));
  return (
    <div class="lane">
      <div class="field">
        <label for="from">From</label>
        <select
          id="from"
          value={from.name}
          onChange={(event) => {
            chooseFrom(event.currentTarget.value);
          }}
        >
          {options}
        </select>
      </div>
      <button type="button" class="swap" aria-label="Swap the two chains" onClick={swapChains}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 10.5h-10M6 8l-2.5 2.5L6 13" />
        </svg>
      </button>
      <div class="field">
        <label for="to">To</label>
        <select
          id="to"
          value={to.name}
          onChange={(event) => {
            chooseTo(event.currentTarget.value);
          }}
        >
          {options}
        </select>
      </div>
    </div>
  );
}

/** To whom: oneself, unless one says otherwise. */
export function Recipient() {
  const isOther = useSignal(false);
  const to = choice.value?.to.name ?? "";
  return (
    <div class="recipient">
      <label class="check">
        <input
          type="checkbox"
          checked={isOther.value}
          onChange={(event) => {
            isOther.value = event.currentTarget.checked;
            if (!isOther.value) recipientText.value = "";
          }}
        />
        Send it to somebody else on {to}
      </label>
      {isOther.value && (
        <Field id="recipient" label="Recipient" error={recipientError.value}>
          <input
            id="recipient"
            class="mono"
            autocomplete="off"
            spellcheck={false}
            placeholder="0x…"
            value={recipientText.value}
            aria-invalid={recipientError.value !== undefined}
            onInput={(event) => {
              recipientText.value = event.currentTarget.value;
            }}
          />
        </Field>
      )}
    </div>
  );
}
