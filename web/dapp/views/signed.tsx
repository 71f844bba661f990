import { useSignal } from "@preact/signals";
import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";
import type { SignedAction } from "../../../relayer/escrow/core/signed-action.ts";
import { sameAddress } from "../../../relayer/escrow/core/types.ts";
import { partyOf, readEscrow } from "../core/escrow-outlook.ts";
import { showAmount, showCountdown, showMoment } from "../../shared/core/format.ts";
import { fragmentOf, outlookOfSigned, readSigned, type SignedOutlook } from "../core/signed-action.ts";
import type { WalletTrouble } from "../core/wallet-error.ts";
import { type ChainView, connection, walletChain } from "../services/connection.ts";
import { carryOut, findEscrow, type HeldToken, heldToken } from "../services/escrow.ts";
import { network, now } from "../../shared/services/network.ts";
import { executeCall, tryOut } from "../services/signed.ts";
import { Field, Hash, Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";
import { SwitchNetwork } from "./switch-network.tsx";

const POLL_MILLISECONDS = 3_000;

/** What somebody has signed, for whoever shall send it. @param coded the end of the link; empty for a place to put it */
export function SignedView({ coded, onConnect }: { readonly coded: string; readonly onConnect: () => void }) {
  const read = coded === "" ? undefined : readSigned(coded);
  if (read?.ok !== true) return <Open wrong={read?.message} />;
  const { signed } = read;
  const chain = network.value?.chains.find(({ chainId }) => chainId === signed.chainId);
  if (chain === undefined || !sameAddress(chain.escrow ?? "", signed.contract))
    return (
      <Open wrong="It is for an escrow contract of another network than this page's. Nothing was sent; open it where it was made." />
    );
  return <Sheet signed={signed} chain={chain} onConnect={onConnect} />;
}

/** A place to put what somebody has signed. */
function Open({ wrong }: { readonly wrong: string | undefined }) {
  const text = useSignal("");
  const said = useSignal(wrong);
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        const read = readSigned(text.value);
        said.value = read.ok ? undefined : read.message;
        if (read.ok) location.hash = fragmentOf(read.signed);
      }}
    >
      <p class="crumb">
        <a href="#/escrows">Escrows</a>
      </p>
      <h1>Send what somebody has signed</h1>
      <Field
        id="signed"
        label="What was signed"
        help="The text that this page or “dchat escrow sign” made, or its link. You see what it does before you send it."
        error={said.value}
      >
        <textarea
          id="signed"
          class="mono"
          rows={8}
          spellcheck={false}
          aria-describedby="signed-help"
          aria-invalid={said.value !== undefined}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </Field>
      <button type="submit" class="primary wide">
        Open
      </button>
    </form>
  );
}

type SheetProps = {
  readonly signed: SignedAction;
  readonly chain: ChainView;
  readonly onConnect: () => void;
};

function Sheet({ signed, chain, onConnect }: SheetProps) {
  const detail = useSignal<EscrowDetail | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  /** Why the chain would refuse it; empty when it would not, undefined before it was asked. */
  const refusal = useSignal<string | undefined>(undefined);
  const view = network.value;
  const account = connection.value?.account;
  const isHere = connection.value?.chainId === chain.chainId;
  usePolling(
    async (isStopped) => {
      const found = await findEscrow(signed.id);
      const wallet = isHere ? walletChain.value : undefined;
      const answer =
        found === undefined || view === undefined || wallet === undefined || account === undefined
          ? undefined
          : await tryOut(
              wallet,
              signed,
              readEscrow(found).terms,
              account,
              heldToken(view, chain, found.token),
            );
      if (isStopped()) return;
      detail.value = found;
      refusal.value = answer;
      trouble.value = found === undefined ? "The index knows no escrow of this id yet." : undefined;
    },
    (text) => {
      trouble.value = text;
    },
    POLL_MILLISECONDS,
    [signed, account, isHere],
  );
  if (view === undefined || detail.value === undefined)
    return (
      <section class="card narrow">
        <Skeleton lines={6} label="Loading the escrow" />
        {trouble.value !== undefined && <Notice tone="warn">{trouble.value}</Notice>}
      </section>
    );
  const token = heldToken(view, chain, detail.value.token);
  const outlook = outlookOfSigned(signed, readEscrow(detail.value), BigInt(now.value), token);
  const refused = outlook.refusal ?? (refusal.value === "" ? undefined : refusal.value);
  return (
    <article class="card narrow escrow">
      <p class="crumb">
        <a href={`#/escrow/${signed.id}`}>The escrow</a>
      </p>
      <h1>{outlook.title}</h1>
      <p>{outlook.meaning}</p>
      {trouble.value !== undefined && <Notice tone="warn">What you see may be old. {trouble.value}</Notice>}
      <Particulars signed={signed} detail={detail.value} outlook={outlook} chain={chain} token={token} />
      {refused !== undefined ? (
        <Notice tone="warn">{refused}</Notice>
      ) : refusal.value === undefined ? (
        <Notice tone="plain">
          By what the index knows it is still good. Only the chain knows whether it was taken back: with a
          wallet on {chain.name} it is tried out before you send it.
        </Notice>
      ) : (
        <Notice tone="good">It was tried out on {chain.name} just now, and goes through.</Notice>
      )}
      {account === undefined ? (
        <button type="button" class="primary wide" onClick={onConnect}>
          Connect a wallet
        </button>
      ) : !isHere ? (
        <SwitchNetwork chain={chain} />
      ) : (
        refused === undefined &&
        refusal.value === "" && <Send signed={signed} detail={detail.value} account={account} token={token} />
      )}
    </article>
  );
}

function Particulars({
  signed: { id, action, authorization },
  detail,
  outlook,
  chain,
  token,
}: {
  readonly signed: SignedAction;
  readonly detail: EscrowDetail;
  readonly outlook: SignedOutlook;
  readonly chain: ChainView;
  readonly token: HeldToken;
}) {
  const party = partyOf(readEscrow(detail).terms, action.account);
  const deadline = Number(authorization.deadline);
  return (
    <dl class="facts">
      {outlook.payments.map(({ to, amount }) => (
        <div key={to}>
          <dt>Pays {showAmount(amount, token.decimals, token.symbol)} to</dt>
          <dd>
            <Hash value={to} what="who is paid" kind="address" chain={chain.name} />
          </dd>
        </div>
      ))}
      {action.uri !== "" && (
        <div>
          <dt>Where it can be read</dt>
          <dd class="uri">{action.uri}</dd>
        </div>
      )}
      <div>
        <dt>Signed for</dt>
        <dd>
          {party !== "nobody" && `the ${party}, `}
          <Hash
            value={action.account}
            what="the account it is signed for"
            kind="address"
            chain={chain.name}
          />
        </dd>
      </div>
      <div>
        <dt>Good until</dt>
        <dd>
          {showMoment(deadline)} ({showCountdown(deadline, now.value)})
        </dd>
      </div>
      <div>
        <dt>Escrow on {chain.name}</dt>
        <dd>
          <Hash value={id} what="the escrow’s id" />
        </dd>
      </div>
    </dl>
  );
}

function Send({
  signed,
  detail,
  account,
  token,
}: {
  readonly signed: SignedAction;
  readonly detail: EscrowDetail;
  readonly account: string;
  readonly token: HeldToken;
}) {
  const step = useSignal<string | undefined>(undefined);
  const trouble = useSignal<WalletTrouble | undefined>(undefined);
  const send = async () => {
    const wallet = walletChain.value;
    if (wallet === undefined) return;
    trouble.value = undefined;
    step.value = "Trying it out.";
    try {
      const call = executeCall(signed, readEscrow(detail).terms);
      await carryOut(wallet, call, account, token, "What was signed", (said) => {
        step.value = said;
      });
      location.hash = `#/escrow/${signed.id}`;
    } catch (error) {
      trouble.value = error as WalletTrouble;
    } finally {
      step.value = undefined;
    }
  };
  return (
    <>
      {trouble.value !== undefined && (
        <Notice tone={trouble.value.kind === "declined" ? "plain" : "bad"}>{trouble.value.message}</Notice>
      )}
      <p class="quiet" role="status">
        {step.value ?? "You pay the fee of the transaction, and nothing else."}
      </p>
      <button
        type="button"
        class="primary wide"
        disabled={step.value !== undefined}
        onClick={() => void send()}
      >
        Send it
      </button>
    </>
  );
}
