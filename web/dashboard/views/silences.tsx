import { useSignal } from "@preact/signals";
import { showMoment, showSpan } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { wordsOf } from "../../shared/services/http.ts";
import type { Silence } from "../core/alert-schema.ts";
import type { Tone } from "../core/health.ts";
import { pageOf, search } from "../core/rows.ts";
import { showMatcher, sortSilences } from "../core/silence.ts";
import { alerting } from "../services/alerting.ts";
import { Act, Chip, Empty, Loaded, Pager, Panel, Search, Table, useLooks, usePage, Why } from "./parts.tsx";

const LIST_MILLISECONDS = 3_000;

const TONES: Readonly<Record<Silence["status"]["state"], Tone>> = {
  active: "warn",
  pending: "unknown",
  expired: "unknown",
};

/** What is hidden from whom, until when, and why. */
export function Silences() {
  const looked = useLooks(async () => sortSilences(await alerting.silences()), LIST_MILLISECONDS);
  const outcome = useSignal("");
  const expire = (id: string) => {
    alerting.expire(id).then(
      () => {
        outcome.value = "Expired: what it hid is told again.";
        looked.again();
      },
      (error: unknown) => {
        outcome.value = wordsOf(error);
      },
    );
  };
  return (
    <Panel id="silences" title="Silences, those in force first">
      <p role="status" class="outcome">
        {outcome.value}
      </p>
      <Loaded looked={looked} label="Loading silences">
        {(silences) =>
          silences.length === 0 ? (
            <Empty>Nothing is silenced. A silence begins with an alert that fires.</Empty>
          ) : (
            <List silences={silences} onExpire={expire} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function List({
  silences,
  onExpire,
}: {
  readonly silences: readonly Silence[];
  readonly onExpire: (id: string) => void;
}) {
  const paging = usePage();
  const found = search(silences, paging.words, ({ matchers, comment, createdBy }) =>
    [...matchers.map(showMatcher), comment, createdBy].join(" "),
  );
  const page = pageOf(found, paging.page);
  return (
    <>
      <div class="tools">
        <Search
          id="silence-search"
          label="Label, reason or author"
          value={paging.words}
          onInput={paging.search}
        />
        <Pager at={page} what="silences" onPage={paging.turn} />
      </div>
      <Why needs="operator" />
      {found.length === 0 && <Empty>None fits the search.</Empty>}
      {found.length > 0 && (
        <Table label="Silences" head={["State", "Every alert with", "Why", "By", "Ends", "Act"]}>
          {page.rows.map((silence) => {
            const { id, status, matchers, comment, createdBy, endsAt } = silence;
            const ends = Math.floor(Date.parse(endsAt) / 1_000);
            return (
              <tr key={id}>
                <td>
                  <Chip tone={TONES[status.state]}>{status.state}</Chip>
                </td>
                <th scope="row" class="long">
                  <span class="labels">
                    {matchers.map((matcher) => (
                      <code key={matcher.name}>{showMatcher(matcher)}</code>
                    ))}
                  </span>
                </th>
                <td class="long">{comment}</td>
                <td>{createdBy}</td>
                <td title={showMoment(ends)}>
                  {status.state === "expired"
                    ? showMoment(ends)
                    : `in ${showSpan(Math.max(0, ends - now.value))}`}
                </td>
                <td>
                  {status.state !== "expired" && (
                    <Act
                      needs="operator"
                      label={`Expire: ${matchers.map(showMatcher).join(", ")}`}
                      onClick={() => {
                        onExpire(id);
                      }}
                    >
                      Expire
                    </Act>
                  )}
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </>
  );
}
