import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { MessageList } from "../../../relayer/api/list-schema.ts";
import { shorten, showAmount, showCountdown } from "../../shared/core/format.ts";
import { ageOf } from "../../shared/core/freshness.ts";
import { readPages, restOf } from "../core/pages.ts";
import { api } from "../services/api.ts";
import { connection } from "../services/connection.ts";
import { network, nowInLists } from "../../shared/services/network.ts";
import { More } from "./more.tsx";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";

type Listed = MessageList["messages"][number];

const POLL_MILLISECONDS = 3_000;
/** As many as are shown before somebody asks for more. */
const FIRST = 8;

const STATES = {
  sent: "being confirmed",
  final: "being attested",
  attested: "on its way",
  delivered: "delivered",
  failed: "not paid yet",
} as const;

/** Opens anybody's transfer, and lists those of the account. */
export function Transfers() {
  const list = useSignal<readonly Listed[] | undefined>(undefined);
  const hasMore = useSignal(false);
  const trouble = useSignal<string | undefined>(undefined);
  const wanted = useSignal(FIRST);
  const account = connection.value?.account;
  useEffect(() => {
    list.value = undefined;
    wanted.value = FIRST;
  }, [account]);
  usePolling(
    async (isStopped) => {
      const query = account === undefined ? {} : { sender: account };
      const found = await readPages(async (page) => {
        const { messages, ...rest } = await api.messages({ ...query, ...page });
        return { rows: messages, ...rest };
      }, wanted.peek());
      if (isStopped()) return;
      list.value = found.rows;
      hasMore.value = found.next !== null;
      trouble.value = ageOf(found.index);
    },
    (text) => {
      trouble.value = text;
    },
    restOf(wanted.value, POLL_MILLISECONDS),
    [account, wanted.value],
  );
  return (
    <section class="card plain" aria-labelledby="transfers-title">
      <h2 id="transfers-title">{account === undefined ? "Everybody’s transfers" : "Your transfers"}</h2>
      <Find />
      {trouble.value !== undefined && <Notice tone="warn">{trouble.value}</Notice>}
      <Rows list={list.value} isOwn={account !== undefined} />
      <More wanted={wanted} hasMore={hasMore.value} what="transfers" />
    </section>
  );
}

function Find() {
  const text = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault();
        const id = text.value.trim();
        const isId = /^0x[0-9a-fA-F]{64}$/.test(id);
        wrong.value = isId ? undefined : "That is neither: both are 0x and 64 hexadecimal digits.";
        if (isId) location.hash = `#/transfer/${id.toLowerCase()}`;
      }}
    >
      <label for="find">Open by transaction or message</label>
      <div class="joined">
        <input
          id="find"
          class="mono"
          autocomplete="off"
          spellcheck={false}
          placeholder="0x…"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="secondary">
          Open
        </button>
      </div>
      {wrong.value !== undefined && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
    </form>
  );
}

function Rows({ list, isOwn }: { readonly list: readonly Listed[] | undefined; readonly isOwn: boolean }) {
  if (list === undefined) return <Skeleton lines={4} label="Loading transfers" />;
  if (list.length === 0)
    return (
      <p class="empty">
        {isOwn
          ? "This account has sent nothing yet. What you send appears here."
          : "Nobody has sent anything yet."}
      </p>
    );
  return (
    <ul class="rows">
      {list.map((message) => (
        <li key={message.messageId}>
          <a href={`#/transfer/${message.messageId}`}>
            <span class="row-main">{amountOf(message)}</span>
            <span class="row-side">
              {message.lane.from} → {message.lane.to}
            </span>
            <span class={`state ${message.state}`}>{STATES[message.state]}</span>
            <span class="row-side">
              {showCountdown(message.sentAt, Math.max(nowInLists.value, message.sentAt), 1)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** What a message carries: so many of a token that is bridged here, or just a message. */
export function amountOf({ transfer, lane, messageId }: Listed): string {
  const token = network.value?.tokens.find(({ sides }) =>
    sides.some((side) => side.chain === lane.from && side.token === transfer?.token),
  );
  if (transfer?.amount == null || token === undefined) return `Message ${shorten(messageId)}`;
  return showAmount(transfer.amount, token.decimals, token.symbol);
}
