import { useSignal } from "@preact/signals";
import type { EscrowList } from "../../../relayer/api/list-schema.ts";
import { shorten, showAmount, showCountdown } from "../../shared/core/format.ts";
import { ageOf } from "../../shared/core/freshness.ts";
import { ESCROW_ROLES, type EscrowRole } from "../core/route.ts";
import { readPages, restOf } from "../core/pages.ts";
import { api } from "../services/api.ts";
import { connection } from "../services/connection.ts";
import { heldToken } from "../services/escrow.ts";
import { network, nowInLists } from "../../shared/services/network.ts";
import { More } from "./more.tsx";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";

type Listed = EscrowList["escrows"][number];

const POLL_MILLISECONDS = 3_000;
/** As many as are shown before somebody asks for more. */
const FIRST = 50;

/** A whole id, as somebody types it who looks for one that is not listed. */
const ID = /^0x[0-9a-f]{64}$/;

const ROLE_WORDS = { buyer: "You buy", seller: "You sell", arbiter: "You rule" } as const;
const STATE_WORDS: Readonly<Record<Listed["state"], string>> = {
  None: "not there",
  Locked: "waiting for the delivery",
  AwaitingRelease: "delivered, under review",
  Disputed: "in dispute",
  Released: "paid",
  Refunded: "refunded",
  Expired: "ended by time",
};

/** The escrows of the account by its role in them, with a search over what is listed. */
export function EscrowsView({
  role,
  onConnect,
}: {
  readonly role: EscrowRole;
  readonly onConnect: () => void;
}) {
  const search = useSignal("");
  const account = connection.value?.account;
  return (
    <section class="wide-view" aria-labelledby="escrows-title">
      <div class="title-line">
        <h1 id="escrows-title">Escrows</h1>
        <span class="ways">
          <a href="#/signed">Send what somebody signed</a>
          <a class="primary small as-button" href="#/escrow/new">
            New escrow
          </a>
        </span>
      </div>
      <div class="filters">
        <nav class="tabs" aria-label="Your role">
          {ESCROW_ROLES.map((each) => (
            <a key={each} href={`#/escrows/${each}`} aria-current={each === role ? "page" : undefined}>
              {ROLE_WORDS[each]}
            </a>
          ))}
        </nav>
        <input
          type="search"
          aria-label="Search by id, account, chain or state"
          placeholder="Id, account, chain or state"
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
      </div>
      {account === undefined ? (
        <div class="card narrow centre">
          <p>Connect a wallet to see the escrows that you take part in.</p>
          <button type="button" class="primary" onClick={onConnect}>
            Connect a wallet
          </button>
        </div>
      ) : (
        <List key={`${role}-${account}`} role={role} account={account} search={search.value} />
      )}
    </section>
  );
}

function List({
  role,
  account,
  search,
}: {
  readonly role: EscrowRole;
  readonly account: string;
  readonly search: string;
}) {
  const rows = useSignal<readonly Listed[] | undefined>(undefined);
  const wanted = useSignal(FIRST);
  const hasMore = useSignal(false);
  const trouble = useSignal<string | undefined>(undefined);
  usePolling(
    async (isStopped) => {
      const found = await readPages(async (page) => {
        const { escrows, ...rest } = await api.escrows({ [role]: account, ...page });
        return { rows: escrows, ...rest };
      }, wanted.peek());
      if (isStopped()) return;
      rows.value = found.rows;
      hasMore.value = found.next !== null;
      trouble.value = ageOf(found.index);
    },
    (text) => {
      trouble.value = text;
    },
    restOf(wanted.value, POLL_MILLISECONDS),
    [role, account, wanted.value],
  );
  const needle = search.trim().toLowerCase();
  const shown = rows.value?.filter((row) => needle === "" || wordsOf(row).includes(needle));
  return (
    <>
      {trouble.value !== undefined && <Notice tone="warn">{trouble.value}</Notice>}
      {shown === undefined && <Skeleton lines={5} label="Loading escrows" />}
      {shown?.length === 0 && (
        <p class="empty" role="status">
          {needle === ""
            ? "None yet in this role. They appear here by themselves."
            : "None of those that are listed fits the search."}{" "}
          {ID.test(needle) && <a href={`#/escrow/${needle}`}>Open the escrow of this id</a>}
        </p>
      )}
      {shown !== undefined && shown.length > 0 && (
        <ul class="rows">
          {shown.map((row) => (
            <Row key={row.id} row={row} role={role} />
          ))}
        </ul>
      )}
      <More wanted={wanted} hasMore={hasMore.value} what="escrows" />
    </>
  );
}

function Row({ row, role }: { readonly row: Listed; readonly role: EscrowRole }) {
  const view = network.value;
  const chain = view?.chains.find(({ name }) => name === row.chain);
  if (view === undefined || chain === undefined) return null;
  const token = heldToken(view, chain, row.token);
  const due = Number(row.dueAt);
  const other = role === "buyer" ? row.seller : row.buyer;
  return (
    <li>
      <a href={`#/escrow/${row.id}`}>
        <span class="row-main">{showAmount(row.amount, token.decimals, token.symbol)}</span>
        <span class="row-side">on {row.chain}</span>
        <span class={`state ${row.state}`}>{STATE_WORDS[row.state]}</span>
        <span class="row-side">
          {due === 0
            ? `with ${shorten(other)}`
            : due > nowInLists.value
              ? `due ${showCountdown(due, nowInLists.value, 1)}`
              : "time has decided"}
        </span>
      </a>
    </li>
  );
}

function wordsOf({ id, buyer, seller, arbiter, chain, state }: Listed): string {
  return [id, buyer, seller, arbiter, `on ${chain}`, state, STATE_WORDS[state]].join(" ").toLowerCase();
}
