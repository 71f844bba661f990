import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { showAmount, showSpan } from "../../shared/core/format.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { planTransfer, type TransferPlan } from "../services/bridge.ts";
import {
  amountState,
  amountText,
  balance,
  choice,
  chooseToken,
  fillMost,
  followForm,
  formTrouble,
  isOnOrigin,
  takesLeave,
  terms,
  wantsPermit,
  wish,
} from "../services/bridge-form.ts";
import { type ChainView, connection, walletChain } from "../services/connection.ts";
import { network } from "../../shared/services/network.ts";
import { Lane, Recipient } from "./lane-fields.tsx";
import { Notice } from "../../shared/views/parts.tsx";
import { SwitchNetwork } from "./switch-network.tsx";
import { ReviewDialog } from "./review.tsx";
import { Transfers } from "./transfers.tsx";

/** Brings a token to another chain, and shows what was brought before. */
export function BridgeView({ onConnect }: { readonly onConnect: () => void }) {
  useEffect(followForm, []);
  const chosen = choice.value;
  if (chosen === undefined)
    return (
      <section class="card narrow">
        <h1>Nothing to bring over</h1>
        <p>
          This network bridges no token yet. Its operator names them in the configuration, under “tokens”.
        </p>
      </section>
    );
  return (
    <div class="columns">
      <section class="card" aria-labelledby="bridge-title">
        <h1 id="bridge-title">Send to another chain</h1>
        <TransferForm onConnect={onConnect} />
      </section>
      <Transfers />
    </div>
  );
}

function TransferForm({ onConnect }: { readonly onConnect: () => void }) {
  const plan = useSignal<TransferPlan | undefined>(undefined);
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const isPlanning = useSignal(false);
  const review = async () => {
    const [ready, chain] = [wish.value, walletChain.value];
    if (ready === undefined || chain === undefined) return;
    isPlanning.value = true;
    trouble.value = undefined;
    try {
      plan.value = await planTransfer(ready, chain, wantsPermit.value);
    } catch (error) {
      trouble.value = error as WalletTrouble;
    } finally {
      isPlanning.value = false;
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void review();
      }}
    >
      <Lane />
      <AmountField />
      <Recipient />
      {takesLeave.value && <PermitChoice />}
      <Facts />
      {trouble.value !== undefined && (
        <Notice tone={trouble.value.kind === "declined" ? "plain" : "bad"}>{trouble.value.message}</Notice>
      )}
      {formTrouble.value !== undefined && <Notice tone="warn">{formTrouble.value}</Notice>}
      <Submit onConnect={onConnect} isBusy={isPlanning.value} />
      {plan.value !== undefined && (
        <ReviewDialog
          plan={plan.value}
          onClose={() => {
            plan.value = undefined;
          }}
        />
      )}
    </form>
  );
}

function AmountField() {
  const chosen = choice.value;
  if (chosen === undefined) return null;
  const { token, from } = chosen;
  const state = amountState.value;
  const has = balance.value;
  const error = state.kind === "refused" ? state.message : undefined;
  return (
    <div class="field">
      <div class="label-line">
        <label for="amount">Amount</label>
        <span class="balance">
          {has === undefined
            ? isOnOrigin.value
              ? "Reading your balance…"
              : ""
            : `${showAmount(has, token.decimals, token.symbol)} on ${from.name}`}
        </span>
      </div>
      <div class={error === undefined ? "amount-box" : "amount-box bad"}>
        <input
          id="amount"
          inputMode="decimal"
          autocomplete="off"
          placeholder="0"
          value={amountText.value}
          aria-invalid={error !== undefined}
          aria-describedby="amount-says"
          onInput={(event) => {
            amountText.value = event.currentTarget.value.replace(",", ".");
          }}
        />
        <button
          type="button"
          class="tiny"
          disabled={has === undefined || terms.value === undefined}
          onClick={fillMost}
        >
          Max
        </button>
        <select
          aria-label="Token"
          value={token.symbol}
          onChange={(event) => {
            chooseToken(event.currentTarget.value);
          }}
        >
          <Tokens />
        </select>
      </div>
      <div id="amount-says" role="status">
        {error !== undefined && <p class="wrong">{error}</p>}
        {state.kind === "ready" &&
          state.notices.map((notice) => (
            <p key={notice} class="warned">
              {notice}
            </p>
          ))}
      </div>
    </div>
  );
}

function PermitChoice() {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={wantsPermit.value}
        onChange={(event) => {
          wantsPermit.value = event.currentTarget.checked;
        }}
      />
      Send by a signed permit: one transaction instead of two
    </label>
  );
}

function Tokens() {
  const symbols = (network.value?.tokens ?? []).map((token) => token.symbol);
  return (
    <>
      {symbols.map((symbol) => (
        <option key={symbol} value={symbol}>
          {symbol}
        </option>
      ))}
    </>
  );
}

/** What a transfer along this lane meets with. */
function Facts() {
  const [chosen, limits] = [choice.value, terms.value];
  if (chosen === undefined) return null;
  const { decimals, symbol } = chosen.token;
  const show = (amount: bigint) => showAmount(amount, decimals, symbol);
  return (
    <dl class="facts">
      <div>
        <dt>Crosses after</dt>
        <dd>{finalityWords(chosen.from)}, and a quorum of validators</dd>
      </div>
      <div>
        <dt>May leave {chosen.from.name} now</dt>
        <dd>{limits === undefined ? "…" : show(limits.outgoing.available)}</dd>
      </div>
      <div>
        <dt>May arrive on {chosen.to.name} now</dt>
        <dd>{limits === undefined ? "…" : show(limits.incoming.available)}</dd>
      </div>
      <div class="long">
        <dt>Large transfers</dt>
        <dd>
          {limits === undefined
            ? "…"
            : `from ${show(limits.delay.threshold)} on, paid after ${showSpan(limits.delay.seconds)}`}
        </dd>
      </div>
    </dl>
  );
}

function Submit({ onConnect, isBusy }: { readonly onConnect: () => void; readonly isBusy: boolean }) {
  const from = choice.value?.from;
  if (connection.value === undefined || from === undefined)
    return (
      <button type="button" class="primary wide" onClick={onConnect}>
        Connect a wallet
      </button>
    );
  if (!isOnOrigin.value)
    return (
      <>
        <Notice tone="warn">
          Your wallet is on another network. Switch it to {from.name} to send from there; nothing is sent by
          that.
        </Notice>
        <SwitchNetwork chain={from} />
      </>
    );
  return (
    <button type="submit" class="primary wide" disabled={wish.value === undefined || isBusy}>
      {isBusy ? "Trying it out…" : "Review"}
    </button>
  );
}

function finalityWords({ finality }: ChainView): string {
  if (!("depth" in finality)) return `its block is ${finality.tag}`;
  return finality.depth === 1 ? "1 confirmation" : `${finality.depth} confirmations`;
}
