import { useSignal } from "@preact/signals";
import { showAmount, showRoughly, showSpan } from "../../shared/core/format.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { sendTransfer, type TransferPlan, underWay } from "../services/bridge.ts";
import { amountText, terms } from "../services/bridge-form.ts";
import { walletChain } from "../services/connection.ts";
import { Dialog, Hash, Notice } from "../../shared/views/parts.tsx";

const SIMULATED: Readonly<Record<TransferPlan["leave"], string>> = {
  none: "The transfer was simulated and goes through.",
  approval:
    "The approval was simulated and goes through. The transfer is simulated once the approval is there, before you sign it.",
  permit: "The transfer is simulated once the permit is signed, before you sign the transfer itself.",
};

/** Says in plain words what signing will do, as it was simulated, and has it signed. */
export function ReviewDialog({
  plan,
  onClose,
}: {
  readonly plan: TransferPlan;
  readonly onClose: () => void;
}) {
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const { wish, leave, fee } = plan;
  const { token, from, to, amount, account, recipient } = wish;
  const sum = showAmount(amount, token.decimals, token.symbol);
  const sign = async () => {
    const chain = walletChain.value;
    if (chain === undefined) return;
    trouble.value = undefined;
    try {
      const { hash } = await sendTransfer(plan, chain);
      amountText.value = "";
      onClose();
      location.hash = `#/transfer/${hash}`;
    } catch (error) {
      trouble.value = error as WalletTrouble;
    }
  };
  const delay = terms.value?.delay;
  return (
    <Dialog title="Before you sign" onClose={onClose}>
      <p class="sum">{sum}</p>
      <p class="sum-way">
        from {from.name} to {to.name}
      </p>
      <dl class="facts">
        <div>
          <dt>Leaves</dt>
          <dd>
            <Hash value={account} what="your account" kind="address" chain={from.name} />
          </dd>
        </div>
        <div>
          <dt>Goes to</dt>
          <dd>
            {recipient === account && "yourself, "}
            <Hash value={recipient} what="the recipient" kind="address" chain={to.name} />
          </dd>
        </div>
        <div>
          <dt>Fee on {from.name}</dt>
          <dd>
            {fee === undefined
              ? "your wallet tells it, once the permit is signed"
              : `about ${showRoughly(fee, 18, from.currency)}`}
            {leave === "approval" && " for the approval; the transfer comes on top"}
          </dd>
        </div>
      </dl>
      <ol class="signatures">
        {leave === "approval" && <li>An approval: the bridge may take {sum}, and no more.</li>}
        {leave === "permit" && <li>A permit for {sum}, and no more: a signature that costs no fee.</li>}
        <li>The transfer itself. From then on it goes on without this page, and cannot be called back.</li>
      </ol>
      <p class="quiet">
        {SIMULATED[leave]}
        {delay !== undefined &&
          amount >= delay.threshold &&
          ` It is a large one, and is paid ${showSpan(delay.seconds)} after it has arrived.`}
      </p>
      {trouble.value !== undefined && (
        <Notice tone={trouble.value.kind === "declined" ? "plain" : "bad"}>{trouble.value.message}</Notice>
      )}
      <div class="dialog-actions">
        <span role="status" class="quiet">
          {underWay.value ?? ""}
        </span>
        <button type="button" class="secondary" onClick={onClose} disabled={underWay.value !== undefined}>
          Not now
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => void sign()}
          disabled={underWay.value !== undefined}
        >
          {leave === "approval" ? "Approve and send" : "Sign and send"}
        </button>
      </div>
    </Dialog>
  );
}
