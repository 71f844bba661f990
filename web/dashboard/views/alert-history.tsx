import { showMoment } from "../../shared/core/format.ts";
import { showAct } from "../core/audit.ts";
import { pageOf, search } from "../core/rows.ts";
import { alerting } from "../services/alerting.ts";
import { Empty, Loaded, Pager, Panel, Search, Table, useLooks, usePage } from "./parts.tsx";

const LIST_MILLISECONDS = 5_000;

/** What fired, who was told of it, and what people did about it. */
export function AlertHistory() {
  const looked = useLooks(() => alerting.history(), LIST_MILLISECONDS);
  const paging = usePage();
  return (
    <Panel id="history" title="What happened, newest first">
      <Loaded looked={looked} label="Loading the history of alerts">
        {({ entries }) => {
          if (entries.length === 0) return <Empty>Nothing has happened yet.</Empty>;
          const found = search(entries, paging.words, ({ what, labels, receiver, detail }) =>
            [what, ...Object.entries(labels).flat(), receiver ?? "", detail].join(" "),
          );
          const page = pageOf(found, paging.page);
          return (
            <>
              <div class="tools">
                <Search
                  id="history-search"
                  label="Label, receiver or words"
                  value={paging.words}
                  onInput={paging.search}
                />
                <Pager at={page} what="the history" onPage={paging.turn} />
              </div>
              {found.length === 0 && <Empty>None fits the search.</Empty>}
              {found.length > 0 && (
                <Table label="History of alerts" head={["When", "What", "Alert", "Receiver", "Detail"]}>
                  {page.rows.map(({ at, what, labels, receiver, integration, detail }, i) => (
                    <tr key={`${at} ${i}`}>
                      <td>{showMoment(Date.parse(at) / 1_000)}</td>
                      <td>{showAct(what)}</td>
                      <th scope="row">{labels["alertname"] ?? ""}</th>
                      <td>{[receiver, integration].filter((each) => each !== undefined).join(" · ")}</td>
                      <td class="long">{detail}</td>
                    </tr>
                  ))}
                </Table>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
