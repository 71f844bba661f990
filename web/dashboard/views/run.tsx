import { showMoment } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Notice } from "../../shared/views/parts.tsx";
import { isUnderWay, type RunDetail, type RunRecord } from "../core/chaos-schema.ts";
import { showCount, showNumber, showSeconds, UNKNOWN } from "../core/measures.ts";
import { chaos } from "../services/chaos.ts";
import { session } from "../services/session.ts";
import { RunChip } from "./chaos.tsx";
import { Chip, Empty, Loaded, NeedsSession, Panel, Table, useLooks } from "./parts.tsx";
import { Timeline } from "./timeline.tsx";

const LOOK_MILLISECONDS = 1_000;

/** One run of chaos: its faults over the throughput, as they come, and what came of it. */
export function RunView({ id }: { readonly id: string }) {
  return (
    <>
      <p class="crumb">
        <a href="#/chaos">Chaos</a>
      </p>
      {session.value === undefined ? (
        <>
          <h1>Run</h1>
          <NeedsSession what="Runs of chaos are for users of this fleet." />
        </>
      ) : (
        <Run id={id} />
      )}
    </>
  );
}

function Run({ id }: { readonly id: string }) {
  const looked = useLooks(() => chaos.detail(id), LOOK_MILLISECONDS, [id]);
  return (
    <>
      <h1>{looked.value?.run.title ?? "Run"}</h1>
      <Loaded looked={looked} label="Loading the run">
        {(detail) => <Detail {...detail} />}
      </Loaded>
    </>
  );
}

function Detail({ run, record }: RunDetail) {
  const isLive = isUnderWay(run);
  return (
    <>
      <p class="run-head">
        <RunChip run={run} />
        <span role="status">{run.verdict?.reason ?? (isLive ? "Under way." : "")}</span>
      </p>
      <p class="quiet">
        Asked for by {run.askedBy}, {showMoment(run.askedAt / 1_000)}
        {record !== null && ` · ${showCount(record.messages)} messages were sent meanwhile`}
        {!isLive && record !== null && (
          <>
            {" · "}
            <a href={`/api/v1/chaos/runs/${run.id}/report?format=html`} target="_blank" rel="noreferrer">
              Report
            </a>
          </>
        )}
      </p>
      {record === null ? (
        <Empty>Nothing was measured{isLive ? " yet" : ""}.</Empty>
      ) : (
        <>
          <Panel id="timeline" title="Faults over throughput">
            <Timeline record={record} now={isLive ? now.value * 1_000 : undefined} />
          </Panel>
          <Faults record={record} />
          {!isLive && <Outcome run={run} record={record} />}
        </>
      )}
    </>
  );
}

function Faults({ record: { faults, skipped } }: { readonly record: RunRecord }) {
  return (
    <Panel id="faults" title="Faults">
      {skipped.map(({ type, reason }, i) => (
        <Notice key={i} tone="warn">
          {type} was not done: {reason}
        </Notice>
      ))}
      {faults.length === 0 ? (
        <Empty>None was done yet.</Empty>
      ) : (
        <Table label="Faults" head={["Fault", "On", "By", "#Lasted", "Bit", "What was measured"]}>
          {faults.slice(0, 100).map(({ type, targets, mechanism, injectedAt, healedAt, effect }, i) => (
            <tr key={i}>
              <th scope="row">{type}</th>
              <td class="long">{targets.map(({ name }) => name).join(", ")}</td>
              <td title={mechanism.what}>
                {mechanism.tier}: {mechanism.name}
              </td>
              <td class="number">
                {healedAt === undefined ? "is there" : showSeconds((healedAt - injectedAt) / 1_000)}
              </td>
              <td>
                {effect === undefined ? (
                  UNKNOWN
                ) : (
                  <Chip tone={effect.isEffective ? "good" : "warn"}>{effect.isEffective ? "yes" : "no"}</Chip>
                )}
              </td>
              <td class="long">
                {effect === undefined
                  ? UNKNOWN
                  : `${effect.measure}: ${showNumber(effect.before)} → ${showNumber(effect.during)}, with ${effect.inFlight} on the way`}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

function Outcome({ run, record }: { readonly run: RunDetail["run"]; readonly record: RunRecord }) {
  const { recovery } = run;
  const rows = [
    ["Noticed, after the first fault", recovery?.detect],
    ["First message, after healing", recovery?.firstSuccess],
    ["Backlog drained, after healing", recovery?.drained],
    ["Steady again, after healing", recovery?.steady],
  ] as const;
  return (
    <Panel id="outcome" title="What came of it">
      {record.violations.length === 0 ? (
        <p>The checker found nothing: no message was lost, doubled or forged.</p>
      ) : (
        <ul class="troubles">
          {record.violations.map(({ rule, text }, i) => (
            <li key={i} class="critical">
              <Chip tone="bad">violated</Chip>
              <span>{text}</span>
              <code>{rule}</code>
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        {rows.map(([name, milliseconds]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{milliseconds === undefined ? "never seen" : showSeconds(milliseconds / 1_000)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
