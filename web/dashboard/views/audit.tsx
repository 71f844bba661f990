import { ApiError } from "../../shared/services/http.ts";
import { showMoment } from "../../shared/core/format.ts";
import { Notice } from "../../shared/views/parts.tsx";
import { type Act, alertingAudit, chaosAudit, mergeActs, showAct } from "../core/audit.ts";
import { pageOf, search } from "../core/rows.ts";
import { api } from "../services/api.ts";
import { hasChaos } from "../services/fleet.ts";
import { read, session } from "../services/session.ts";
import { Empty, Loaded, NeedsSession, Pager, Panel, Search, Table, useLooks, usePage } from "./parts.tsx";

const LIST_MILLISECONDS = 10_000;
const ROWS = 500;

/** Who did what, when and from where, newest first. */
export function AuditView() {
  return (
    <>
      <h1>Audit</h1>
      {session.value === undefined ? (
        <NeedsSession what="Who did what is for users of this fleet." />
      ) : (
        <Log />
      )}
    </>
  );
}

type Logs = { readonly acts: readonly Act[]; readonly missing: readonly string[] };

function Log() {
  const looked = useLooks(readLogs, LIST_MILLISECONDS, [hasChaos()]);
  return (
    <Panel id="acts" title="Who did what, newest first">
      <Loaded looked={looked} label="Loading the audit log">
        {({ acts, missing }) => (
          <>
            {missing.map((text) => (
              <Notice key={text} tone="warn">
                {text}
              </Notice>
            ))}
            <Acts acts={acts} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Acts({ acts }: { readonly acts: readonly Act[] }) {
  const paging = usePage();
  if (acts.length === 0) return <Empty>Nobody has done anything yet.</Empty>;
  const found = search(acts, paging.words, ({ who, what, detail, log }) =>
    [who, what, detail, log].join(" "),
  );
  const page = pageOf(found, paging.page);
  return (
    <>
      <div class="tools">
        <Search
          id="audit-search"
          label="Who, what or about what"
          value={paging.words}
          onInput={paging.search}
        />
        <Pager at={page} what="the audit log" onPage={paging.turn} />
      </div>
      {found.length === 0 && <Empty>None fits the search.</Empty>}
      {found.length > 0 && (
        <Table label="Audit log" head={["When", "Who", "What", "About", "Through", "From"]}>
          {page.rows.map(({ at, who, what, detail, log, from }, i) => (
            <tr key={`${at} ${i}`}>
              <td>{showMoment(at / 1_000)}</td>
              <th scope="row">{who}</th>
              <td>{showAct(what)}</td>
              <td class="long">{detail}</td>
              <td>{log}</td>
              <td>
                <code>{from}</code>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

/** Every log by itself: one that cannot be had does not hide the others. */
async function readLogs(): Promise<Logs> {
  const missing: string[] = [];
  const or = async <T,>(log: string, asked: Promise<T>): Promise<T | undefined> =>
    asked.catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      missing.push(`What was done through ${log} is not shown: ${error.message}`);
      return undefined;
    });
  const [dashboard, alerting, chaos] = await Promise.all([
    or("the dashboard", api.audit()),
    or("alerting", read(`/api/v1/alerting/v1/audit?limit=${ROWS}`, alertingAudit)),
    hasChaos() ? or("chaos", read(`/api/v1/chaos/audit?limit=${ROWS}`, chaosAudit)) : undefined,
  ]);
  return { acts: mergeActs({ dashboard, alerting, chaos }), missing };
}
