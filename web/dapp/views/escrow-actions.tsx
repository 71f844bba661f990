import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { parseAmount } from "../../../relayer/domain/amount.ts";
import { explain } from "../../../relayer/domain/errors.ts";
import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";
import { readDeadline } from "../core/signed-action.ts";
import type { EscrowId } from "../../../relayer/escrow/core/types.ts";
import type { SignedAction } from "../../../relayer/escrow/core/signed-action.ts";
import type { Offer, Outlook, ReadEscrow } from "../core/escrow-outlook.ts";
import { showAmount } from "../../shared/core/format.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { type ChainView, connection, walletChain } from "../services/connection.ts";
import {
  type ActionInput,
  callOf,
  carryOut,
  claimable,
  claimCall,
  type HeldToken,
} from "../services/escrow.ts";
import { now } from "../../shared/services/network.ts";
import { signAction } from "../services/signed.ts";
import { HandOver, Until } from "./hand-over.tsx";
import { Dialog, Field, Notice } from "../../shared/views/parts.tsx";
import { SwitchNetwork } from "./switch-network.tsx";

type Props = {
  readonly read: ReadEscrow;
  readonly detail: EscrowDetail;
  readonly chain: ChainView;
  readonly token: HeldToken;
  readonly outlook: Outlook;
};

/** What whoever looks can do now. */
export function Actions({ read, detail, chain, token, outlook }: Props) {
  const chosen = useSignal<Offer | undefined>(undefined);
  const account = connection.value?.account;
  if (outlook.offers.length === 0) return <Claim chain={chain} token={token} />;
  if (account !== undefined && connection.value?.chainId !== chain.chainId)
    return (
      <>
        <Notice tone="warn">Your wallet is on another network than this escrow.</Notice>
        <SwitchNetwork chain={chain} />
      </>
    );
  return (
    <div class="offers" role="group" aria-label="What you can do">
      {outlook.offers.map((offer) => (
        <button
          key={offer.action}
          type="button"
          class={offer.isPlanned ? "primary" : "secondary"}
          onClick={() => {
            chosen.value = offer;
          }}
        >
          {offer.label}
        </button>
      ))}
      {chosen.value !== undefined && (
        <ActionDialog
          offer={chosen.value}
          {...{ read, detail, chain, token }}
          onClose={() => {
            chosen.value = undefined;
          }}
        />
      )}
      <Claim chain={chain} token={token} />
    </div>
  );
}

function ActionDialog({
  offer,
  read,
  detail,
  chain,
  token,
  onClose,
}: Omit<Props, "outlook"> & { readonly offer: Offer; readonly onClose: () => void }) {
  const text = useSignal("");
  const until = useSignal<string | undefined>(undefined);
  const signed = useSignal<SignedAction | undefined>(undefined);
  const step = useSignal<string | undefined>(undefined);
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const wrong = useSignal<string | undefined>(undefined);
  const { action } = offer;
  const submit = async () => {
    const [wallet, account] = [walletChain.value, connection.value?.account];
    if (wallet === undefined || account === undefined || chain.escrow === null) return;
    const input = readInput(offer, text.value, token, detail.remaining);
    wrong.value = typeof input === "string" ? input : undefined;
    if (typeof input === "string") return;
    trouble.value = undefined;
    step.value = "Trying it out.";
    const say = (said: string) => {
      step.value = said;
    };
    try {
      if (until.value !== undefined && action !== "expire") {
        const place = {
          ...{ chainId: chain.chainId, contract: chain.escrow, terms: read.terms, token },
          id: detail.id as string as EscrowId,
        };
        const deadline = readDeadline(until.value, now.value);
        signed.value = await signAction(wallet, place, { action, input }, account, deadline, say);
        return;
      }
      const call = callOf(chain.escrow, read.terms, action, input);
      await carryOut(wallet, call, account, token, `“${offer.label}”`, say);
      onClose();
    } catch (error) {
      trouble.value = error as WalletTrouble;
    } finally {
      step.value = undefined;
    }
  };
  if (signed.value !== undefined)
    return (
      <Dialog title="Signed, and not sent" onClose={onClose}>
        <HandOver signed={signed.value} />
      </Dialog>
    );
  return (
    <Dialog title={offer.label} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>{offer.meaning}</p>
        <Input offer={offer} text={text} wrong={wrong.value} token={token} remaining={detail.remaining} />
        {action !== "expire" && <Until until={until} />}
        {trouble.value !== undefined && (
          <Notice tone={trouble.value.kind === "declined" ? "plain" : "bad"}>{trouble.value.message}</Notice>
        )}
        <div class="dialog-actions">
          <span role="status" class="quiet">
            {step.value ?? ""}
          </span>
          <button type="button" class="secondary" onClick={onClose} disabled={step.value !== undefined}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={step.value !== undefined}>
            {until.value === undefined ? "Sign" : "Sign, and send nothing"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Input({
  offer,
  text,
  wrong,
  token,
  remaining,
}: {
  readonly offer: Offer;
  readonly text: { value: string };
  readonly wrong: string | undefined;
  readonly token: HeldToken;
  readonly remaining: bigint;
}) {
  if (offer.needs === "nothing") return null;
  const left = showAmount(remaining, token.decimals, token.symbol);
  const [label, help] = {
    part: [`How much (${token.symbol})`, `Leave it empty for all that is due now; ${left} are left in it.`],
    evidence: ["Where the evidence is", "An address such as ipfs://… or https://…; everybody can read it."],
    ruling: [`Back to the buyer (${token.symbol})`, `From 0 to ${left}; the payees get the rest.`],
  }[offer.needs] as [string, string];
  return (
    <Field id="action-input" label={label} help={help} error={wrong}>
      <input
        id="action-input"
        autocomplete="off"
        spellcheck={false}
        inputMode={offer.needs === "evidence" ? "url" : "decimal"}
        aria-describedby="action-input-help"
        aria-invalid={wrong !== undefined}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </Field>
  );
}

/** @returns what the field holds, or what is wrong with it */
function readInput(
  { needs }: Offer,
  text: string,
  { decimals }: HeldToken,
  remaining: bigint,
): ActionInput | string {
  const trimmed = text.trim();
  if (needs === "nothing" || (needs === "part" && trimmed === "")) return { amount: undefined, uri: "" };
  if (needs === "evidence") return { amount: undefined, uri: trimmed };
  if (needs === "ruling" && /^0(\.0*)?$/.test(trimmed)) return { amount: 0n, uri: "" };
  try {
    const amount = parseAmount(trimmed, decimals);
    return amount > remaining ? "That is more than is left in it. Nothing was sent." : { amount, uri: "" };
  } catch (error) {
    return explain(error);
  }
}

/** Collects what could not be paid to whoever looks, where there is any. */
function Claim({ chain, token }: { readonly chain: ChainView; readonly token: HeldToken }) {
  const waiting = useSignal(0n);
  const step = useSignal<string | undefined>(undefined);
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const [wallet, account] = [walletChain.value, connection.value?.account];
  const isHere = connection.value?.chainId === chain.chainId;
  useEffect(() => {
    if (wallet === undefined || account === undefined || !isHere || chain.escrow === null) return;
    claimable(wallet, chain.escrow, token.address, account).then(
      (amount) => {
        waiting.value = amount;
      },
      () => undefined, // nothing is offered while the wallet does not answer
    );
  }, [wallet, account, isHere, step.value]);
  if (waiting.value === 0n || wallet === undefined || account === undefined || chain.escrow === null)
    return null;
  const call = claimCall(chain.escrow, token.address, account);
  const claim = () =>
    carryOut(wallet, call, account, token, "The claim", (said) => {
      step.value = said;
    })
      .catch((error: unknown) => {
        trouble.value = error as WalletTrouble;
      })
      .finally(() => {
        step.value = undefined;
      });
  return (
    <Notice tone="plain">
      <p>
        {showAmount(waiting.value, token.decimals, token.symbol)} could not be paid to you before, and wait
        for you. {step.value ?? trouble.value?.message ?? ""}
      </p>
      <button
        type="button"
        class="secondary small"
        disabled={step.value !== undefined}
        onClick={() => void claim()}
      >
        Claim
      </button>
    </Notice>
  );
}
