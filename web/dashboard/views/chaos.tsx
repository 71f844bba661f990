import { useSignal } from "@preact/signals";
import { showMoment, showSpan } from "../../shared/core/format.ts";
import { Skeleton } from "../../shared/views/parts.tsx";
import { isUnderWay, type Run, type Scenario } from "../core/chaos-schema.ts";
import type { Tone } from "../core/health.ts";
import { showSeconds } from "../core/measures.ts";
import { pageOf } from "../core/rows.ts";
import { chaos, chaosTrouble, runs } from "../services/chaos.ts";
import { fleet, hasChaos } from "../services/fleet.ts";
import { session } from "../services/session.ts";
import {
  Act,
  Chip,
  Empty,
  Loaded,
  NeedsSession,
  Pager,
  Panel,
  Table,
  useLooks,
  usePage,
  Why,
} from "./parts.tsx";
import { RunDialog } from "./run-dialog.tsx";
import { Notice } from "../../shared/views/parts.tsx";

/** The catalogue changes with the program alone. */
const CATALOGUE_MILLISECONDS = 60_000;

/** What can be done to the fleet to see whether it holds, and what became of it. */
export function ChaosView() {
  return (
    <>
      <h1>Chaos</h1>
      {session.value === undefined ? (
        <NeedsSession what="Chaos does real faults to this fleet." />
      ) : fleet.value === undefined ? (
        <Skeleton lines={4} label="Loading the fleet" />
      ) : hasChaos() ? (
        <>
          <Runs />
          <Catalogue />
        </>
      ) : (
        <section class="panel">
          <p>
            No controller of chaos runs in this fleet. On this machine, “npm start -- --chaos” starts a local
            network with one.
          </p>
        </section>
      )}
    </>
  );
}

function Catalogue() {
  const looked = useLooks(() => chaos.catalogue(), CATALOGUE_MILLISECONDS);
  const chosen = useSignal<Scenario | undefined>(undefined);
  return (
    <Panel id="catalogue" title="Catalogue">
      <Why needs="admin" />
      <Loaded looked={looked} label="Loading the catalogue">
        {({ scenarios }) => (
          <ul class="scenarios">
            {scenarios.map((scenario) => (
              <li key={scenario.id}>
                <h3>{scenario.title}</h3>
                <p>{scenario.description}</p>
                <p class="quiet">{showSpan(scenario.seconds)} at full length</p>
                <Act
                  needs="admin"
                  label={`Run: ${scenario.title}`}
                  onClick={() => {
                    chosen.value = scenario;
                  }}
                >
                  Run
                </Act>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {chosen.value !== undefined && (
        <RunDialog
          scenario={chosen.value}
          onClose={() => {
            chosen.value = undefined;
          }}
        />
      )}
    </Panel>
  );
}

const VERDICTS: Readonly<Record<NonNullable<Run["verdict"]>["kind"], Tone>> = {
  passed: "good",
  failed: "bad",
  ineffective: "warn",
  halted: "warn",
};

function Runs() {
  const paging = usePage();
  const list = runs.value;
  const page = pageOf(list ?? [], paging.page, 20);
  return (
    <Panel id="runs" title="Runs, newest first" aside={<Pager at={page} what="runs" onPage={paging.turn} />}>
      {chaosTrouble.value !== undefined && <Notice tone="warn">{chaosTrouble.value}</Notice>}
      {list === undefined ? (
        chaosTrouble.value === undefined && <Skeleton lines={3} label="Loading runs" />
      ) : list.length === 0 ? (
        <Empty>Nothing was run yet. Choose from the catalogue below: what it would hit is shown first.</Empty>
      ) : (
        <Table
          label="Runs"
          head={["Verdict", "Experiment", "Asked for", "By", "#First message after it", "Why"]}
        >
          {page.rows.map((run) => (
            <tr key={run.id}>
              <td>
                <RunChip run={run} />
              </td>
              <th scope="row">
                <a href={`#/chaos/${run.id}`}>{run.title}</a>
              </th>
              <td>{showMoment(run.askedAt / 1_000)}</td>
              <td>{run.askedBy}</td>
              <td class="number">
                {run.recovery?.firstSuccess === undefined
                  ? ""
                  : showSeconds(run.recovery.firstSuccess / 1_000)}
              </td>
              <td class="long">{run.verdict?.reason ?? ""}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

/** Where a run stands, or what came of it. */
export function RunChip({ run }: { readonly run: Run }) {
  if (isUnderWay(run)) return <Chip tone="warn">{run.state.toLowerCase()}</Chip>;
  if (run.verdict === undefined) return <Chip tone="unknown">{run.state.toLowerCase()}</Chip>;
  return <Chip tone={VERDICTS[run.verdict.kind]}>{run.verdict.kind}</Chip>;
}
