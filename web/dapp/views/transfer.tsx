import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { shorten, showAmount, showMoment, showSpan } from "../../shared/core/format.ts";
import { type Journey, journeyOf, type JourneyStep } from "../core/journey.ts";
import { type Followed, followTransfer } from "../services/follow.ts";
import { network, now } from "../../shared/services/network.ts";
import { failureOf, pushOf } from "../services/push.ts";
import { Copy, Hash, Notice, Skeleton } from "../../shared/views/parts.tsx";
import { PushButton } from "./push.tsx";
import { amountOf } from "./transfers.tsx";

/** Where one transfer is, anybody's, until it is delivered. */
export function TransferView({ id, onConnect }: { readonly id: string; readonly onConnect: () => void }) {
  const view = network.value;
  const followed = useMemo(() => (view === undefined ? undefined : followTransfer(id, view)), [id, view]);
  useEffect(() => followed?.stop, [followed]);
  if (view === undefined || followed === undefined) return <Skeleton lines={5} label="Loading" />;
  const state = followed.state.value;
  const [from, to] = placesOf(state);
  const origin = view.chains.find(({ name }) => name === from);
  if (state.isUnknown) return <Unknown id={id} />;
  if (origin === undefined || from === undefined || to === undefined)
    return (
      <section class="card narrow">
        <Skeleton lines={6} label="Looking for the transfer" />
        {state.stale !== undefined && <Notice tone="warn">{state.stale}</Notice>}
      </section>
    );
  const { own, fate, detail, listed, hasFailed } = state;
  const facts = {
    from,
    to,
    finality: origin.finality,
    fate,
    detail,
    listed,
    signedAt: own?.signedAt,
    hasFailed,
    why: detail === undefined ? undefined : failureOf(detail, view),
  };
  const push = detail === undefined ? undefined : pushOf(detail, view, now.value);
  return (
    <Way journey={journeyOf(facts, now.value)} state={state} from={from} to={to} id={id}>
      {push !== undefined && <PushButton push={push} onConnect={onConnect} />}
    </Way>
  );
}

function Way({
  journey,
  state,
  from,
  to,
  id,
  children,
}: {
  readonly children: ComponentChildren;
  readonly journey: Journey;
  readonly state: Followed;
  readonly from: string;
  readonly to: string;
  readonly id: string;
}) {
  const { headline, meaning, tone, elapsed, steps, isOver } = journey;
  return (
    <article class="card narrow way" data-tone={tone} data-over={String(isOver)}>
      <p class="crumb">
        <a href="#/bridge">Bridge</a>
      </p>
      <p class="sum">{sumOf(state)}</p>
      <p class="sum-way">
        {from} → {to}
        {elapsed !== undefined && (
          <span class="elapsed">
            {isOver ? "took" : "for"} {showSpan(elapsed)}
          </span>
        )}
      </p>
      <div class="headline" role="status">
        <h1>{headline}</h1>
        <p>{meaning}</p>
      </div>
      {children}
      {state.stale !== undefined && <Notice tone="warn">What you see may be old. {state.stale}</Notice>}
      <ol class="steps" aria-label="The way of the transfer">
        {steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
      <Particulars state={state} id={id} />
    </article>
  );
}

function Step({ step }: { readonly step: JourneyStep }) {
  const { name, state, detail, transaction, progress } = step;
  return (
    <li data-state={state} aria-current={state === "current" || state === "trouble" ? "step" : undefined}>
      <div>
        <strong>{name}</strong>
        <span class="sr">{state === "done" ? " (done)" : state === "ahead" ? " (not yet)" : ""}</span>
        {detail !== "" && <p>{detail}</p>}
        {progress !== undefined && (
          <progress
            value={progress.count}
            max={progress.of}
            aria-label={`${name}: ${progress.count} of ${progress.of}`}
          />
        )}
      </div>
      {transaction !== undefined && (
        <Hash
          value={transaction.hash}
          what={`the transaction on ${transaction.chain}`}
          chain={transaction.chain}
        />
      )}
    </li>
  );
}

function Particulars({ state, id }: { readonly state: Followed; readonly id: string }) {
  const { own, detail, listed } = state;
  const recipient = listed?.transfer?.recipient ?? own?.recipient;
  const sentAt = listed?.sentAt ?? own?.signedAt;
  return (
    <dl class="facts">
      {recipient !== undefined && (
        <div>
          <dt>Recipient</dt>
          <dd>
            <Hash
              value={recipient}
              what="the recipient"
              kind="address"
              chain={own?.destination ?? detail?.lane.to ?? ""}
            />
          </dd>
        </div>
      )}
      {detail !== undefined && (
        <div>
          <dt>Message {String(detail.nonce)}</dt>
          <dd>
            <span class="hash">
              <code title={detail.messageId}>{shorten(detail.messageId, 8, 6)}</code>
              <Copy text={detail.messageId} what="the message id" />
            </span>
          </dd>
        </div>
      )}
      {sentAt !== undefined && (
        <div>
          <dt>Sent</dt>
          <dd>{showMoment(sentAt)}</dd>
        </div>
      )}
      <div>
        <dt>This page</dt>
        <dd>
          <span class="hash">
            anybody can open it
            <Copy
              text={`${location.origin}${location.pathname}#/transfer/${detail?.messageId ?? id}`}
              what="the link to this page"
            />
          </span>
        </dd>
      </div>
    </dl>
  );
}

function Unknown({ id }: { readonly id: string }) {
  return (
    <section class="card narrow">
      <p class="crumb">
        <a href="#/bridge">Bridge</a>
      </p>
      <h1>No transfer under this id</h1>
      <p>
        No chain of this network has a message or a transaction <code title={id}>{shorten(id, 8, 6)}</code>{" "}
        that sent one. If it was just sent, it appears here by itself; otherwise check the id, and that it
        belongs to this network.
      </p>
    </section>
  );
}

function placesOf({ own, detail, listed }: Followed): readonly [string | undefined, string | undefined] {
  const lane = detail?.lane ?? listed?.lane;
  return [lane?.from ?? own?.origin, lane?.to ?? own?.destination];
}

function sumOf({ own, listed }: Followed): string {
  if (listed !== undefined) return amountOf(listed);
  const token = network.value?.tokens.find(({ symbol }) => symbol === own?.symbol);
  if (own === undefined || token === undefined) return "A message";
  return showAmount(own.amount, token.decimals, token.symbol);
}
