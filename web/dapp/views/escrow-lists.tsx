import { changeEscrow, changeMilestone, changePayee, escrowText } from "../services/escrow-form.ts";
import { Field } from "../../shared/views/parts.tsx";

/** A field for an account's address. */
export function AccountInput({
  id,
  value,
  onChange,
}: {
  readonly id: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}) {
  return (
    <input
      id={id}
      class="mono"
      autocomplete="off"
      spellcheck={false}
      placeholder="0x…"
      value={value}
      onInput={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

/** Who is paid a share beside the seller. */
export function Payees({ error }: { readonly error: string | undefined }) {
  const { payees } = escrowText.value;
  return (
    <fieldset>
      <legend>Others who are paid a share</legend>
      {payees.map(({ account, share }, i) => (
        <div class="pair" key={i}>
          <Field id={`payee-${i}`} label={`Payee ${i + 2}`}>
            <AccountInput
              id={`payee-${i}`}
              value={account}
              onChange={(text) => {
                changePayee(i, { account: text });
              }}
            />
          </Field>
          <Field id={`share-${i}`} label="Per cent">
            <input
              id={`share-${i}`}
              inputMode="decimal"
              value={share}
              onInput={(event) => {
                changePayee(i, { share: event.currentTarget.value });
              }}
            />
          </Field>
          <Remove
            what={`payee ${i + 2}`}
            onRemove={() => {
              changeEscrow({ payees: payees.filter((_, at) => at !== i) });
            }}
          />
        </div>
      ))}
      <Add
        onAdd={() => {
          changeEscrow({ payees: [...payees, { account: "", share: "" }] });
        }}
      >
        Add a payee
      </Add>
      {error !== undefined && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** The parts of a delivery that comes in parts. */
export function Milestones({ error }: { readonly error: string | undefined }) {
  const { milestones } = escrowText.value;
  return (
    <fieldset>
      <legend>Milestones, if it is delivered in parts</legend>
      {milestones.map(({ amount, deliverBy }, i) => (
        <div class="pair" key={i}>
          <Field id={`milestone-${i}`} label={`Amount of milestone ${i + 1}`}>
            <input
              id={`milestone-${i}`}
              inputMode="decimal"
              value={amount}
              onInput={(event) => {
                changeMilestone(i, { amount: event.currentTarget.value.replace(",", ".") });
              }}
            />
          </Field>
          <Field id={`milestone-by-${i}`} label="Deliver by">
            <input
              id={`milestone-by-${i}`}
              type="datetime-local"
              value={deliverBy}
              onInput={(event) => {
                changeMilestone(i, { deliverBy: event.currentTarget.value });
              }}
            />
          </Field>
          <Remove
            what={`milestone ${i + 1}`}
            onRemove={() => {
              changeEscrow({ milestones: milestones.filter((_, at) => at !== i) });
            }}
          />
        </div>
      ))}
      <Add
        onAdd={() => {
          changeEscrow({ milestones: [...milestones, { amount: "", deliverBy: "" }] });
        }}
      >
        Add a milestone
      </Add>
      {error !== undefined && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function Add({ onAdd, children }: { readonly onAdd: () => void; readonly children: string }) {
  return (
    <button type="button" class="tiny add" onClick={onAdd}>
      {children}
    </button>
  );
}

function Remove({ what, onRemove }: { readonly what: string; readonly onRemove: () => void }) {
  return (
    <button type="button" class="close" aria-label={`Remove ${what}`} onClick={onRemove}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="m4 4 8 8M12 4l-8 8" />
      </svg>
    </button>
  );
}
