import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { hexlify, randomBytes, toBigInt } from "ethers";
import { escrowId } from "../../../relayer/escrow/core/terms.ts";
import { type Terms, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import { NO_AGREEMENT } from "../core/agreement.ts";
import { draftTerms } from "../core/escrow-form.ts";
import { describeTerms } from "../core/escrow-outlook.ts";
import { showAmount, showMoment, showSpan } from "../../shared/core/format.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { connection, walletChain } from "../services/connection.ts";
import { createEscrow } from "../services/escrow.ts";
import { clearEscrow, escrowPlace, escrowText, fundingOf } from "../services/escrow-form.ts";
import { now } from "../../shared/services/network.ts";
import { EscrowFields } from "./escrow-fields.tsx";
import { Dialog, Hash, Notice } from "../../shared/views/parts.tsx";
import { SwitchNetwork } from "./switch-network.tsx";

/** Bytes of the number that sets apart escrows with otherwise equal terms. */
const SALT_BYTES = 12;

/** Locks money under terms. */
export function NewEscrowView({ onConnect }: { readonly onConnect: () => void }) {
  const place = escrowPlace.value;
  const reviewed = useSignal<Terms | undefined>(undefined);
  const wasTried = useSignal(false);
  const salt = useMemo(() => toBigInt(hexlify(randomBytes(SALT_BYTES))), []);
  if (place === undefined)
    return (
      <section class="card narrow">
        <h1>No escrow here</h1>
        <p>No chain of this network has an escrow contract. Its operator names them in the configuration.</p>
      </section>
    );
  const { chain, contract, token } = place;
  const account = connection.value?.account;
  const draft = draftTerms(escrowText.value, {
    ...{ buyer: account ?? ZERO_ADDRESS, contract, token, salt, now: BigInt(now.value) },
  });
  const isHere = connection.value?.chainId === chain.chainId;
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        wasTried.value = true;
        if (draft.ok && isHere && account !== undefined) reviewed.value = draft.terms;
      }}
    >
      <p class="crumb">
        <a href="#/escrows">Escrows</a>
      </p>
      <h1>New escrow</h1>
      <p class="quiet">
        You are the buyer: your money is locked under these terms until you release it, the seller refunds it,
        an arbiter rules, or time decides.
      </p>
      <EscrowFields wrong={wasTried.value && !draft.ok ? draft : undefined} />
      {wasTried.value && !draft.ok && draft.field === undefined && (
        <Notice tone="bad">{draft.message}</Notice>
      )}
      {account === undefined ? (
        <button type="button" class="primary wide" onClick={onConnect}>
          Connect a wallet
        </button>
      ) : isHere ? (
        <button type="submit" class="primary wide">
          Review
        </button>
      ) : (
        <SwitchNetwork chain={chain} />
      )}
      {reviewed.value !== undefined && (
        <Review
          terms={reviewed.value}
          onClose={() => {
            reviewed.value = undefined;
          }}
        />
      )}
    </form>
  );
}

function Review({ terms, onClose }: { readonly terms: Terms; readonly onClose: () => void }) {
  const step = useSignal<string | undefined>(undefined);
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const place = escrowPlace.value;
  if (place === undefined) return null;
  const { chain, contract, token } = place;
  const funding = fundingOf(terms.token === ZERO_ADDRESS);
  const show = (amount: bigint) => showAmount(amount, token.decimals, token.symbol);
  const sign = async () => {
    const wallet = walletChain.value;
    if (wallet === undefined) return;
    trouble.value = undefined;
    step.value = "Trying it out.";
    try {
      await createEscrow(wallet, contract, terms, token, funding, (said) => {
        step.value = said;
      });
      clearEscrow();
      onClose();
      location.hash = `#/escrow/${escrowId(terms, { chainId: BigInt(chain.chainId), escrow: contract })}`;
    } catch (error) {
      trouble.value = error as WalletTrouble;
    } finally {
      step.value = undefined;
    }
  };
  const seller = terms.payees[0]?.account ?? "";
  return (
    <Dialog title="Before you sign" onClose={onClose}>
      <p class="sum">{show(terms.amount)}</p>
      <p class="sum-way">locked on {chain.name}</p>
      <dl class="facts">
        <div>
          <dt>Seller</dt>
          <dd>
            <Hash value={seller} what="the seller" kind="address" chain={chain.name} />
          </dd>
        </div>
        {terms.metadata !== NO_AGREEMENT && (
          <div>
            <dt>Agreement</dt>
            <dd>
              {escrowText.value.agreement?.name} <Hash value={terms.metadata} what="the agreement’s digest" />
            </dd>
          </div>
        )}
        {describeTerms(terms, show, showMoment, showSpan).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <ol class="signatures">
        {funding === "approval" && (
          <li>An approval: the escrow may take {show(terms.amount)}, and no more.</li>
        )}
        {funding === "permit" && <li>A permit for {show(terms.amount)}: a signature that costs no fee.</li>}
        <li>The escrow itself. It is tried out before you sign it, and its terms can never be changed.</li>
      </ol>
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
        <button type="button" class="primary" onClick={() => void sign()} disabled={step.value !== undefined}>
          Lock the money
        </button>
      </div>
    </Dialog>
  );
}
