import type { FleetView } from "../../../relayer/api/operator-schema.ts";
import { showAmount } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Skeleton } from "../../shared/views/parts.tsx";
import { type Answer, answersOf, publicAnswers } from "../core/health.ts";
import { chartData } from "../core/measures.ts";
import { api } from "../services/api.ts";
import { fleet, status } from "../services/fleet.ts";
import { session } from "../services/session.ts";
import { Chart } from "./chart.tsx";
import { Chip, Empty, Loaded, NeedsSession, Panel, Table, useLooks } from "./parts.tsx";

const HISTORY_MINUTES = 60;
const HISTORY_MILLISECONDS = 5_000;

/** First what matters most: is value moving, is it safe, who is missing. */
export function HealthView() {
  const [seen, everybodys] = [fleet.value, status.value];
  const answers =
    seen !== undefined
      ? answersOf(seen)
      : session.value === undefined && everybodys !== undefined
        ? publicAnswers(everybodys, now.value)
        : undefined;
  return (
    <>
      <h1 class="sr">Health</h1>
      {answers === undefined ? (
        <Skeleton lines={3} label="Asking how the bridge is" />
      ) : (
        <Answers answers={answers} />
      )}
      {seen !== undefined && <Fleet seen={seen} />}
      {session.value === undefined && everybodys !== undefined && (
        <NeedsSession what="What is wrong in words, holdings, roles, throughput and gas are for users of this fleet." />
      )}
    </>
  );
}

function Answers({ answers }: { readonly answers: readonly Answer[] }) {
  return (
    <dl class="answers">
      {answers.map(({ question, word, tone, text }) => (
        <div key={question} class={`answer ${tone}`}>
          <dt>{question}</dt>
          <dd>
            <strong>{word}</strong>
            <span>{text}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Fleet({ seen }: { readonly seen: FleetView }) {
  return (
    <>
      <Troubles troubles={seen.health.troubles} />
      <OverTime />
      <div class="halves">
        <Holdings holdings={seen.holdings} />
        <Roles roles={seen.roles} />
      </div>
    </>
  );
}

function Troubles({ troubles }: { readonly troubles: FleetView["health"]["troubles"] }) {
  return (
    <Panel id="troubles" title="What is wrong">
      {troubles.length === 0 ? (
        <Empty>Nothing that the fleet knows of.</Empty>
      ) : (
        <ul class="troubles">
          {troubles.map(({ code, severity, text }, i) => (
            <li key={`${code} ${i}`} class={severity}>
              <Chip tone={severity === "critical" ? "bad" : "warn"}>{severity}</Chip>
              <span>{text}</span>
              <code>{code}</code>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function OverTime() {
  const looked = useLooks(() => api.history(HISTORY_MINUTES), HISTORY_MILLISECONDS);
  return (
    <Panel id="history" title="The last hour">
      <Loaded looked={looked} label="Loading what was measured">
        {(history) => (
          <div class="charts">
            <Chart
              title="Throughput"
              unit="messages accepted a second"
              data={chartData(history, { delivered: "Accepted" })}
            />
            <Chart title="Lag" unit="seconds" data={chartData(history, { lag: "Oldest that waits" })} />
            <Chart title="Gas" unit="a message" data={chartData(history, { "gas:": "Chain " })} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Holdings({ holdings }: { readonly holdings: FleetView["holdings"] }) {
  return (
    <Panel id="holdings" title="Holdings">
      {holdings.length === 0 ? (
        <Empty>This network bridges no token.</Empty>
      ) : (
        <Table label="Holdings" head={["Token", "#Locked", "#Minted", "#On the way", "Covered"]}>
          {holdings.map(({ symbol, decimals, locked, minted, inFlight, isWhole }) => (
            <tr key={symbol}>
              <th scope="row">{symbol}</th>
              {[locked, minted, inFlight].map((amount, i) => (
                <td key={i} class="number">
                  {showAmount(amount, decimals, "").trim()}
                </td>
              ))}
              <td>
                {isWhole === null ? (
                  <Chip tone="unknown">not read</Chip>
                ) : isWhole ? (
                  <Chip tone="good">whole</Chip>
                ) : (
                  <Chip tone="bad">not covered</Chip>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

function Roles({ roles }: { readonly roles: FleetView["roles"] }) {
  const down = roles.filter(({ isReady }) => !isReady);
  const ready = roles.length - down.length;
  return (
    <Panel id="roles" title="Roles" aside={<span class="quiet">{`${ready} of ${roles.length} ready`}</span>}>
      {roles.length === 0 && <Empty>No role has told of itself.</Empty>}
      <ul class="roles">
        {roles
          .toSorted((a, b) => Number(a.isReady) - Number(b.isReady))
          .map(({ instance, isReady, reasons }) => (
            <li key={instance} class={isReady ? "good" : "bad"}>
              <span class="lamp" aria-hidden="true" />
              {instance}
              {!isReady && <span class="reasons">{reasons.join("; ") || "not ready"}</span>}
            </li>
          ))}
      </ul>
    </Panel>
  );
}
