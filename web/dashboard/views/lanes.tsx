import { useSignal } from "@preact/signals";
import type { MessageList } from "../../../relayer/api/list-schema.ts";
import { ageOf } from "../../shared/core/freshness.ts";
import { shorten, showCountdown } from "../../shared/core/format.ts";
import { network, now } from "../../shared/services/network.ts";
import { wordsOf } from "../../shared/services/http.ts";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { carriedWords, MESSAGE_STATES } from "../core/messages.ts";
import { showCount, showSeconds, UNKNOWN } from "../core/measures.ts";
import { api } from "../services/api.ts";
import { fleet, status } from "../services/fleet.ts";
import { Chip, Empty, LIST_ROWS, Loaded, MoreRows, Panel, Table, useLooks } from "./parts.tsx";

const LIST_MILLISECONDS = 2_000;

/** How every lane is, and what was sent along them. */
export function LanesView() {
  return (
    <>
      <h1>Lanes</h1>
      <Lanes />
      <Messages />
    </>
  );
}

function Lanes() {
  const lanes = fleet.value?.lanes;
  const known = lanes ?? status.value?.lanes;
  if (known === undefined) return <Skeleton lines={3} label="Loading lanes" />;
  if (known.length === 0)
    return <Empty>No lanes are configured: its operator names chains in the configuration.</Empty>;
  return (
    <Panel id="lanes" title="How far they are">
      <Table
        label="Lanes"
        head={["Lane", "#Sent", "#Accepted", "#On the way", "#Oldest waits", "Last delivery"]}
      >
        {known.map((lane) => {
          const told = lanes?.find(({ id }) => id === lane.id);
          const inFlight = Number(lane.sent - lane.accepted);
          return (
            <tr key={lane.id}>
              <th scope="row">
                {lane.from} → {lane.to}
              </th>
              <td class="number">{showCount(lane.sent)}</td>
              <td class="number">{showCount(lane.accepted)}</td>
              <td class={inFlight > 0 ? "number strong" : "number"}>
                {showCount(told?.inFlight ?? inFlight)}
              </td>
              <td class="number">{inFlight === 0 ? "nothing waits" : showSeconds(told?.oldestSeconds)}</td>
              <td>{told?.lastDeliveredAt == null ? UNKNOWN : ago(told.lastDeliveredAt / 1_000)}</td>
            </tr>
          );
        })}
      </Table>
      {lanes === undefined && <p class="help">How long messages wait is shown to those who are signed in.</p>}
    </Panel>
  );
}

function Messages() {
  const state = useSignal<"all" | "failed" | "sent" | "delivered">("all");
  const limit = useSignal(LIST_ROWS.first);
  const looked = useLooks(
    () =>
      api.messages({
        limit: String(limit.value),
        ...(state.value === "all" ? {} : { state: state.value }),
      }),
    LIST_MILLISECONDS,
    [state.value, limit.value],
  );
  return (
    <Panel id="messages" title="Messages, newest first">
      <div class="tools">
        <Find />
        <div class="field inline">
          <label for="state">Show</label>
          <select
            id="state"
            value={state.value}
            onChange={(event) => {
              state.value = event.currentTarget.value as typeof state.value;
            }}
          >
            <option value="all">all</option>
            <option value="failed">failed</option>
            <option value="sent">sent, not final</option>
            <option value="delivered">delivered</option>
          </select>
        </div>
      </div>
      <Loaded looked={looked} label="Loading messages">
        {(list) => (
          <>
            <Rows list={list} what={state.value} />
            {list.next !== null && <MoreRows limit={limit} />}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** Opens one message by its id, or by the transaction that sent it. */
function Find() {
  const text = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const find = async () => {
    const id = text.value.trim().toLowerCase();
    if (!/^0x[0-9a-f]{64}$/.test(id)) {
      wrong.value = "That is neither: both are 0x and 64 hexadecimal digits.";
      return;
    }
    try {
      const [byId, byTransaction] = await Promise.all([
        api.messages({ id, limit: "1" }),
        api.messages({ transaction: id, limit: "1" }),
      ]);
      const found = byId.messages[0] ?? byTransaction.messages[0];
      if (found === undefined)
        wrong.value = "No message has this id or came in this transaction, as far as the index is.";
      else location.hash = `#/lanes/${found.messageId}`;
    } catch (error) {
      wrong.value = wordsOf(error);
    }
  };
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault();
        wrong.value = undefined;
        void find();
      }}
    >
      <label for="find">Where is a message? Its id, or its transaction</label>
      <div class="joined">
        <input
          id="find"
          class="mono"
          autocomplete="off"
          spellcheck={false}
          placeholder="0x…"
          value={text.value}
          aria-invalid={wrong.value !== undefined}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="secondary">
          Find
        </button>
      </div>
      <p role="alert" class={wrong.value === undefined ? undefined : "wrong"}>
        {wrong.value}
      </p>
    </form>
  );
}

function Rows({ list, what }: { readonly list: MessageList; readonly what: string }) {
  const old = ageOf(list.index);
  const tokens = network.value?.tokens ?? [];
  return (
    <>
      {old !== undefined && <Notice tone="warn">{old}</Notice>}
      {list.messages.length === 0 ? (
        <Empty>{what === "failed" ? "None has failed." : "None yet."}</Empty>
      ) : (
        <Table label="Messages" head={["State", "Lane", "#No.", "Carries", "Attested", "Sent", "Message"]}>
          {list.messages.map((message) => {
            const { messageId, lane, nonce, state, attestations, sentAt } = message;
            return (
              <tr key={messageId}>
                <td>
                  <Chip tone={MESSAGE_STATES[state].tone}>{MESSAGE_STATES[state].word}</Chip>
                </td>
                <td>
                  {lane.from} → {lane.to}
                </td>
                <td class="number">{showCount(nonce)}</td>
                <td>{carriedWords(message, tokens)}</td>
                <td>{attestations === null ? "✓" : `${attestations.count} of ${attestations.threshold}`}</td>
                <td>{ago(sentAt)}</td>
                <td>
                  <a class="mono" href={`#/lanes/${messageId}`} title={messageId}>
                    {shorten(messageId, 10, 6)}
                  </a>
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </>
  );
}

/** @param seconds Unix seconds */
function ago(seconds: number): string {
  return showCountdown(seconds, Math.max(now.value, seconds));
}
