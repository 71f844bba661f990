import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { MessageList } from "../../../relayer/api/list-schema.ts";
import { shorten, showAmount, showCountdown } from "../../shared/core/format.ts";
import { ageOf } from "../../shared/core/freshness.ts";
import { api } from "../services/api.ts";
import { connection } from "../services/connection.ts";
import { network, now } from "../../shared/services/network.ts";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";

type Listed = MessageList["messages"][number];

const POLL_MILLISECONDS = 3_000;
/** As many as are shown before somebody asks for more, and the most that the API gives at once. */
const FIRST = 8;
const MOST = 200;

const STATES = {
  sent: "being confirmed",
  final: "being attested",
  attested: "on its way",
  delivered: "delivered",
  failed: "not paid yet",
} as const;

/** Opens anybody's transfer, and lists those of the account. */
export function Transfers() {
  const list = useSignal<MessageList | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  const limit = useSignal(FIRST);
  const account = connection.value?.account;
  const count = limit.value;
  useEffect(() => {
    list.value = undefined;
  }, [account, count]);
  usePolling(
    async (isStopped) => {
      const query = account === undefined ? {} : { sender: account };
      const found = await api.messages({ limit: String(count), ...query });
      if (!isStopped()) [list.value, trouble.value] = [found, ageOf(found.index)];
    },
    (text) => {
      trouble.value = text;
    },
    POLL_MILLISECONDS,
    [account, count],
  );
  return (
    <section class="card plain" aria-labelledby="transfers-title">
      <h2 id="transfers-title">{account === undefined ? "Everybody’s transfers" : "Your transfers"}</h2>
      <Find />
      {trouble.value !== undefined && <Notice tone="warn">{trouble.value}</Notice>}
      <Rows list={list.value} isOwn={account !== undefined} />
      {list.value?.next != null && limit.value < MOST && (
        <button
          type="button"
          class="secondary small"
          onClick={() => {
            limit.value = Math.min(MOST, 5 * limit.value);
          }}
        >
          Show more
        </button>
      )}
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

function Rows({ list, isOwn }: { readonly list: MessageList | undefined; readonly isOwn: boolean }) {
  if (list === undefined) return <Skeleton lines={4} label="Loading transfers" />;
  if (list.messages.length === 0)
    return (
      <p class="empty">
        {isOwn
          ? "This account has sent nothing yet. What you send appears here."
          : "Nobody has sent anything yet."}
      </p>
    );
  return (
    <ul class="rows">
      {list.messages.map((message) => (
        <li key={message.messageId}>
          <a href={`#/transfer/${message.messageId}`}>
            <span class="row-main">{amountOf(message)}</span>
            <span class="row-side">
              {message.lane.from} → {message.lane.to}
            </span>
            <span class={`state ${message.state}`}>{STATES[message.state]}</span>
            <span class="row-side">{showCountdown(message.sentAt, Math.max(now.value, message.sentAt))}</span>
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
