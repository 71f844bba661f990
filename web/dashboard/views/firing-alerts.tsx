import { useSignal } from "@preact/signals";
import { showMoment, showSpan } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { wordsOf } from "../../shared/services/http.ts";
import type { Alert, Escalation } from "../core/alert-schema.ts";
import {
  distinctAlerts,
  headlineOf,
  quietWords,
  type ReadGroup,
  severityOf,
  type Severity,
  textOf,
} from "../core/alerts.ts";
import { escalationWords, soonestEscalation } from "../core/escalation.ts";
import type { Tone } from "../core/health.ts";
import { pageOf, search } from "../core/rows.ts";
import { alerting } from "../services/alerting.ts";
import { AcknowledgeDialog } from "./acknowledge.tsx";
import { Act, Chip, Empty, Loaded, Pager, Panel, Search, useLooks, usePage, Why } from "./parts.tsx";
import { SilenceDialog } from "./silence-dialog.tsx";

const LIST_MILLISECONDS = 2_000;
const GROUPS_A_PAGE = 20;
/** Of a large group so many alerts are shown before one asks for the rest. */
const ALERTS_A_GROUP = 5;

const TONES: Readonly<Record<Severity, Tone>> = { critical: "bad", warning: "warn", info: "unknown" };

/** What somebody is about to do with one alert. */
type Intent = { readonly kind: "acknowledge" | "silence"; readonly alert: Alert };

/** Alerts that fire, as they are grouped for those who are told of them. */
export function FiringAlerts() {
  const looked = useLooks(async () => {
    const [groups, escalations] = await Promise.all([alerting.groups(), alerting.escalations()]);
    return { groups, escalations };
  }, LIST_MILLISECONDS);
  const intent = useSignal<Intent | undefined>(undefined);
  const outcome = useSignal("");
  const done = (text: string) => {
    outcome.value = text;
    looked.again();
  };
  const giveBack = (alert: Alert) => {
    alerting.giveBack(alert.fingerprint).then(
      () => {
        done("Given back: it escalates again.");
      },
      (error: unknown) => {
        done(wordsOf(error));
      },
    );
  };
  const close = () => {
    intent.value = undefined;
  };
  const chosen = intent.value;
  return (
    <Panel id="firing" title="Firing, the worst first">
      <p role="status" class="outcome">
        {outcome.value}
      </p>
      <Loaded looked={looked} label="Loading alerts">
        {({ groups, escalations }) => (
          <Groups
            groups={groups}
            escalations={escalations}
            onIntent={(next) => {
              intent.value = next;
            }}
            onGiveBack={giveBack}
          />
        )}
      </Loaded>
      {chosen?.kind === "acknowledge" && (
        <AcknowledgeDialog alert={chosen.alert} onDone={done} onClose={close} />
      )}
      {chosen?.kind === "silence" && (
        <SilenceDialog labels={chosen.alert.labels} onDone={done} onClose={close} />
      )}
    </Panel>
  );
}

type RowProps = {
  readonly escalations: readonly Escalation[];
  readonly onIntent: (intent: Intent) => void;
  readonly onGiveBack: (alert: Alert) => void;
};

function Groups({ groups, ...rest }: RowProps & { readonly groups: readonly ReadGroup[] }) {
  const paging = usePage();
  const count = distinctAlerts(groups).length;
  if (count === 0) return <Empty>Nothing fires.</Empty>;
  const found = groups
    .map((group) => ({ ...group, alerts: search(group.alerts, paging.words, textOf) }))
    .filter(({ alerts }) => alerts.length > 0);
  const page = pageOf(found, paging.page, GROUPS_A_PAGE);
  return (
    <>
      <div class="tools">
        <Search id="alert-search" label="Label or words" value={paging.words} onInput={paging.search} />
        <span class="quiet">
          {count === 1 ? "One alert" : `${count} alerts`} in{" "}
          {groups.length === 1 ? "one group" : `${groups.length} groups`}
        </span>
        <Pager at={page} what="groups of alerts" onPage={paging.turn} />
      </div>
      <Why needs="operator" />
      {found.length === 0 && <Empty>None fits the search.</Empty>}
      {page.rows.map((group) => (
        <Group key={group.key} group={group} {...rest} />
      ))}
    </>
  );
}

function Group({ group, ...rest }: RowProps & { readonly group: ReadGroup }) {
  const isWhole = useSignal(false);
  const paging = usePage();
  const page = pageOf(group.alerts, paging.page);
  const shown = isWhole.value ? page.rows : group.alerts.slice(0, ALERTS_A_GROUP);
  return (
    <section class="alert-group" aria-label={group.title}>
      <h3>
        {group.title} <span class="quiet">told to {group.receivers.join(", ")}</span>
      </h3>
      <ul>
        {shown.map((alert) => (
          <Row key={alert.fingerprint} alert={alert} {...rest} />
        ))}
      </ul>
      {group.alerts.length > ALERTS_A_GROUP && !isWhole.value && (
        <button
          type="button"
          class="tiny"
          onClick={() => {
            isWhole.value = true;
          }}
        >
          Show all {group.alerts.length}
        </button>
      )}
      {isWhole.value && <Pager at={page} what={`the group ${group.title}`} onPage={paging.turn} />}
    </section>
  );
}

function Row({ alert, escalations, onIntent, onGiveBack }: RowProps & { readonly alert: Alert }) {
  const severity = severityOf(alert);
  const quiet = quietWords(alert);
  const headline = headlineOf(alert);
  const began = Math.floor(Date.parse(alert.startsAt) / 1_000);
  const escalation = soonestEscalation(escalations, alert.fingerprint);
  const { description, runbook_url: runbook } = alert.annotations;
  return (
    <li class={`alert ${severity}`}>
      <div>
        <p class="alert-head">
          <Chip tone={TONES[severity]}>{severity}</Chip> <strong>{headline}</strong>{" "}
          {quiet !== undefined && <Chip tone="unknown">{quiet}</Chip>}
        </p>
        {description !== undefined && description !== headline && <p>{description}</p>}
        <p class="quiet">
          <span title={showMoment(began)}>for {showSpan(Math.max(0, now.value - began))}</span>
          {alert.acknowledgement !== undefined &&
            alert.acknowledgement.comment !== "" &&
            ` · “${alert.acknowledgement.comment}”`}
          {escalation !== undefined && ` · ${escalationWords(escalation, now.value * 1_000)}`}
        </p>
        <p class="labels">
          {Object.entries(alert.labels).map(([name, value]) => (
            <code key={name}>
              {name}={value}
            </code>
          ))}
          {runbook !== undefined && /^https?:/.test(runbook) && (
            <a href={runbook} rel="noreferrer" target="_blank">
              Runbook
            </a>
          )}
        </p>
      </div>
      <div class="row-acts">
        {alert.acknowledgement === undefined ? (
          <Act
            needs="operator"
            label={`Acknowledge: ${headline}`}
            onClick={() => {
              onIntent({ kind: "acknowledge", alert });
            }}
          >
            Acknowledge
          </Act>
        ) : (
          <Act
            needs="operator"
            label={`Give back: ${headline}`}
            onClick={() => {
              onGiveBack(alert);
            }}
          >
            Give back
          </Act>
        )}
        <Act
          needs="operator"
          label={`Silence: ${headline}`}
          onClick={() => {
            onIntent({ kind: "silence", alert });
          }}
        >
          Silence
        </Act>
      </div>
    </li>
  );
}
