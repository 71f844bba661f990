import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { EscrowDetail } from "../../../relayer/api/list-schema.ts";
import { sameAddress, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import { NO_AGREEMENT } from "../core/agreement.ts";
import { historyOf } from "../core/escrow-history.ts";
import { describeTerms, outlookOf, partyOf, readEscrow, type ReadEscrow } from "../core/escrow-outlook.ts";
import { shorten, showAmount, showCountdown, showMoment, showSpan } from "../../shared/core/format.ts";
import { type ChainView, connection } from "../services/connection.ts";
import { findEscrow, type HeldToken, heldToken } from "../services/escrow.ts";
import { network, now } from "../../shared/services/network.ts";
import { AgreementCheck } from "./agreement.tsx";
import { Actions } from "./escrow-actions.tsx";
import { Hash, Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";

const POLL_MILLISECONDS = 1_500;

/** How many looks at the index nothing may come of before an id is called unknown. */
const PATIENCE = 4;
const UNKNOWN =
  "No chain of this network has an escrow under this id. If it was just made, it appears here by itself; otherwise check the id.";

/** One escrow, for whoever looks at it. */
export function EscrowView({ id }: { readonly id: string }) {
  const detail = useSignal<EscrowDetail | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  const misses = useRef(0);
  usePolling(
    async (isStopped) => {
      const found = await findEscrow(id);
      if (isStopped()) return;
      misses.current = found === undefined ? misses.current + 1 : 0;
      trouble.value = misses.current < PATIENCE ? undefined : UNKNOWN;
      if (found !== undefined || misses.current >= PATIENCE) detail.value = found;
    },
    (text) => {
      trouble.value = text;
    },
    POLL_MILLISECONDS,
    [id],
  );
  const view = network.value;
  const chain = view?.chains.find(({ name }) => name === detail.value?.chain);
  if (view === undefined || detail.value === undefined || chain === undefined)
    return (
      <section class="card narrow">
        <p class="crumb">
          <a href="#/escrows">Escrows</a>
        </p>
        {trouble.value === undefined ? (
          <Skeleton lines={6} label="Loading the escrow" />
        ) : (
          <Notice tone="warn">{trouble.value}</Notice>
        )}
      </section>
    );
  const token = heldToken(view, chain, detail.value.token);
  return <Sheet detail={detail.value} chain={chain} token={token} stale={trouble.value} />;
}

function Sheet({
  detail,
  chain,
  token,
  stale,
}: {
  readonly detail: EscrowDetail;
  readonly chain: ChainView;
  readonly token: HeldToken;
  readonly stale: string | undefined;
}) {
  const read = readEscrow(detail);
  const account = connection.value?.account;
  const show = (amount: bigint) => showAmount(amount, token.decimals, token.symbol);
  const outlook = outlookOf(read, account, BigInt(now.value), show);
  const { decidedAt } = outlook;
  return (
    <article class="card narrow escrow">
      <p class="crumb">
        <a href="#/escrows">Escrows</a>
      </p>
      <p class="sum">{show(detail.amount)}</p>
      <p class="sum-way">
        <span>escrow on {chain.name}</span>
        {outlook.party !== "nobody" && <span class="you">you are the {outlook.party}</span>}
      </p>
      <div class="headline" role="status">
        <h1>{outlook.headline}</h1>
        <p>{outlook.meaning}</p>
      </div>
      {stale !== undefined && <Notice tone="warn">What you see may be old. {stale}</Notice>}
      {decidedAt !== undefined && (
        <dl class="clock">
          <dt>{decidedAt > now.value ? "Time decides" : "Time decided"}</dt>
          <dd class="countdown">{showCountdown(decidedAt, now.value)}</dd>
          <dd>
            {showMoment(decidedAt)}: {outlook.afterwards}
          </dd>
        </dl>
      )}
      <Actions read={read} detail={detail} chain={chain} token={token} outlook={outlook} />
      <Timeline detail={detail} read={read} show={show} chain={chain.name} />
      <Terms read={read} detail={detail} show={show} chain={chain.name} />
      {read.terms.metadata !== NO_AGREEMENT && <AgreementCheck digest={read.terms.metadata} />}
    </article>
  );
}

function Timeline({
  detail,
  read,
  show,
  chain,
}: {
  readonly detail: EscrowDetail;
  readonly read: ReadEscrow;
  readonly show: (amount: bigint) => string;
  readonly chain: string;
}) {
  const name = (account: string) => {
    const party = partyOf(read.terms, account);
    return party === "nobody" ? shorten(account) : `The ${party}`;
  };
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">What has happened</h2>
      <ol class="steps history">
        {historyOf(detail.events, show, name).map((line) => (
          <li key={`${line.transaction}-${line.text}`} data-state="done">
            <div>
              <strong>{line.text}</strong>
              {line.uri !== undefined && <p class="uri">{line.uri}</p>}
              <p>{showMoment(line.time)}</p>
            </div>
            <Hash value={line.transaction} what="the transaction" chain={chain} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Terms({
  read: { terms },
  detail,
  show,
  chain,
}: {
  readonly read: ReadEscrow;
  readonly detail: EscrowDetail;
  readonly show: (amount: bigint) => string;
  readonly chain: string;
}) {
  const account = (label: string, value: string, more = "") => (
    <div key={label + value}>
      <dt>{label}</dt>
      <dd>
        <Hash value={value} what={`the ${label.toLowerCase()}`} kind="address" chain={chain} />
        {more}
      </dd>
    </div>
  );
  const share = (basisPoints: bigint) => (terms.payees.length > 1 ? ` ${Number(basisPoints) / 100} %` : "");
  return (
    <section aria-labelledby="terms-title">
      <h2 id="terms-title">Terms</h2>
      <dl class="facts">
        <div>
          <dt>Left in it</dt>
          <dd>{show(detail.remaining)}</dd>
        </div>
        {account("Buyer", terms.buyer)}
        {terms.payees.map((payee, i) =>
          account(i === 0 ? "Seller" : "Payee", payee.account, share(payee.share)),
        )}
        {sameAddress(terms.arbiter, ZERO_ADDRESS) ? (
          <div>
            <dt>Arbiter</dt>
            <dd>nobody</dd>
          </div>
        ) : (
          account("Arbiter", terms.arbiter)
        )}
        {describeTerms(terms, show, showMoment, showSpan).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {terms.metadata !== NO_AGREEMENT && (
          <div>
            <dt>Agreement’s digest</dt>
            <dd>
              <Hash value={terms.metadata} what="the agreement’s digest" />
            </dd>
          </div>
        )}
        <div>
          <dt>Id</dt>
          <dd>
            <Hash value={detail.id} what="the escrow’s id" />
          </dd>
        </div>
      </dl>
    </section>
  );
}
