import type { EscrowText } from "../core/escrow-form.ts";
import { ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  changeEscrow,
  chooseEscrowChain,
  chooseEscrowToken,
  choosePermit,
  escrowPlace,
  escrowText,
  fundingOf,
} from "../services/escrow-form.ts";
import { AgreementField } from "./agreement.tsx";
import { AccountInput, Milestones, Payees } from "./escrow-lists.tsx";
import { Field } from "../../shared/views/parts.tsx";

type Wrong = { readonly field: keyof EscrowText | undefined; readonly message: string } | undefined;

/** The fields of a new escrow. @param wrong what stands against it, once somebody has tried */
export function EscrowFields({ wrong }: { readonly wrong: Wrong }) {
  const error = (field: keyof EscrowText) => (wrong?.field === field ? wrong.message : undefined);
  const text = escrowText.value;
  return (
    <>
      <Money error={error("amount")} />
      <Field id="seller" label="Seller" error={error("seller")}>
        <AccountInput
          id="seller"
          value={text.seller}
          onChange={(seller) => {
            changeEscrow({ seller });
          }}
        />
      </Field>
      <Payees error={error("payees")} />
      {text.milestones.length === 0 && (
        <Field id="deliver-by" label="Deliver by" error={error("deliverBy")}>
          <input
            id="deliver-by"
            type="datetime-local"
            value={text.deliverBy}
            onInput={(event) => {
              changeEscrow({ deliverBy: event.currentTarget.value });
            }}
          />
        </Field>
      )}
      <Milestones error={error("milestones")} />
      <Review error={error("reviewDays")} />
      <Dispute error={error} />
      <Tip error={error("tip")} />
      <AgreementField />
    </>
  );
}

function Money({ error }: { readonly error: string | undefined }) {
  const place = escrowPlace.value;
  if (place === undefined) return null;
  const { chain, chains, token, tokens } = place;
  const isNative = token.address === ZERO_ADDRESS;
  return (
    <>
      <div class="trio">
        <Field id="escrow-amount" label="Amount" error={error}>
          <input
            id="escrow-amount"
            inputMode="decimal"
            autocomplete="off"
            value={escrowText.value.amount}
            onInput={(event) => {
              changeEscrow({ amount: event.currentTarget.value.replace(",", ".") });
            }}
          />
        </Field>
        <Field id="escrow-token" label="Of">
          <select
            id="escrow-token"
            value={token.address}
            onChange={(event) => {
              chooseEscrowToken(event.currentTarget.value);
            }}
          >
            {tokens.map(({ address, symbol }) => (
              <option key={address} value={address}>
                {symbol}
              </option>
            ))}
          </select>
        </Field>
        <Field id="escrow-chain" label="On">
          <select
            id="escrow-chain"
            value={chain.name}
            onChange={(event) => {
              chooseEscrowChain(event.currentTarget.value);
            }}
          >
            {chains.map(({ name }) => (
              <option key={name} value={name}>
                Chain {name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {!isNative && (
        <label class="check">
          <input
            type="checkbox"
            checked={fundingOf(isNative) === "permit"}
            onChange={(event) => {
              choosePermit(event.currentTarget.checked);
            }}
          />
          Pay by a signed permit: one transaction instead of two
        </label>
      )}
    </>
  );
}

function Review({ error }: { readonly error: string | undefined }) {
  const { reviewDays, onSilence } = escrowText.value;
  return (
    <div class="duo">
      <Field id="review-days" label="Days to look at a delivery" error={error}>
        <input
          id="review-days"
          inputMode="decimal"
          value={reviewDays}
          onInput={(event) => {
            changeEscrow({ reviewDays: event.currentTarget.value });
          }}
        />
      </Field>
      <Field id="on-silence" label="If you say nothing then">
        <select
          id="on-silence"
          value={onSilence}
          onChange={(event) => {
            changeEscrow({ onSilence: event.currentTarget.value === "buyer" ? "buyer" : "seller" });
          }}
        >
          <option value="seller">the seller is paid</option>
          <option value="buyer">you get it back</option>
        </select>
      </Field>
    </div>
  );
}

function Tip({ error }: { readonly error: string | undefined }) {
  return (
    <Field
      id="tip"
      label="Tip, per cent"
      help="Of what is paid when time decides, for whoever carries that out; 5 at most. With none it is left to the parties, and to keepers that work for nothing."
      error={error}
    >
      <input
        id="tip"
        inputMode="decimal"
        aria-describedby="tip-help"
        value={escrowText.value.tip}
        onInput={(event) => {
          changeEscrow({ tip: event.currentTarget.value.replace(",", ".") });
        }}
      />
    </Field>
  );
}

function Dispute({ error }: { readonly error: (field: keyof EscrowText) => string | undefined }) {
  const { arbiter, arbiterDays, split } = escrowText.value;
  return (
    <>
      <Field
        id="arbiter"
        label="Arbiter"
        help="Rules if you dispute. Leave it empty for nobody: the split below decides then."
        error={error("arbiter")}
      >
        <AccountInput
          id="arbiter"
          value={arbiter}
          onChange={(text) => {
            changeEscrow({ arbiter: text });
          }}
        />
      </Field>
      <div class="duo">
        <Field id="arbiter-days" label="Days for a ruling" error={error("arbiterDays")}>
          <input
            id="arbiter-days"
            inputMode="decimal"
            value={arbiterDays}
            onInput={(event) => {
              changeEscrow({ arbiterDays: event.currentTarget.value });
            }}
          />
        </Field>
        <Field id="split" label="Per cent to the payees without one" error={error("split")}>
          <input
            id="split"
            inputMode="decimal"
            value={split}
            onInput={(event) => {
              changeEscrow({ split: event.currentTarget.value });
            }}
          />
        </Field>
      </div>
    </>
  );
}
