import { showCount, showSeconds } from "../core/measures.ts";
import { whyNot } from "../core/permission.ts";
import { fleet } from "../services/fleet.ts";
import { session } from "../services/session.ts";
import { Skeleton } from "../../shared/views/parts.tsx";
import { Chip, Empty, NeedsSession, Panel, Table } from "./parts.tsx";

/** What waits, how long it takes, and what failed. */
export function QueuesView() {
  return (
    <>
      <h1>Queues</h1>
      {session.value === undefined ? (
        <NeedsSession what="Queues hold the work of this fleet: what waits, and what failed." />
      ) : (
        <Queues />
      )}
    </>
  );
}

function Queues() {
  const seen = fleet.value;
  if (seen === undefined) return <Skeleton lines={6} label="Loading queues" />;
  const failed = seen.queues.reduce((sum, queue) => sum + queue.failed, 0);
  return (
    <Panel id="queues" title="What waits, and what failed" aside={<RawQueues />}>
      {failed > 0 && (
        <p>
          {failed === 1 ? "One job has failed for good" : `${showCount(failed)} jobs have failed for good`}:
          open a queue to see why, and to try again. The chains keep what they are about; nothing is lost.
        </p>
      )}
      {seen.queues.length === 0 ? (
        <Empty>There are no queues yet: no role has begun to work.</Empty>
      ) : (
        <Table
          label="Queues"
          head={["Queue", "#Waits", "#Active", "#Later", "#Failed", "#Waits p95", "#Takes p95", "State"]}
        >
          {seen.queues.map((each) => (
            <tr key={each.queue}>
              <th scope="row">
                <a href={`#/queues/${each.queue}`}>{each.queue}</a>
              </th>
              <td class={each.waiting > 0 ? "number strong" : "number"}>{showCount(each.waiting)}</td>
              <td class="number">{showCount(each.active)}</td>
              <td class="number">{showCount(each.delayed)}</td>
              <td class={each.failed > 0 ? "number bad" : "number"}>{showCount(each.failed)}</td>
              <td class="number">{showSeconds(each.waitSecondsP95)}</td>
              <td class="number">{showSeconds(each.runSecondsP95)}</td>
              <td>{each.isPaused ? <Chip tone="warn">paused</Chip> : "works"}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

/** BullMQ's own view of every job. */
function RawQueues() {
  const why = whyNot(session.value?.user, "operator");
  return why === undefined ? <a href="/queues/">Raw queues</a> : <span class="why">Raw queues: {why}</span>;
}
