import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { network, networkTrouble, now } from "../../shared/services/network.ts";
import { followAddress, SkipLink } from "../../shared/views/frame.tsx";
import { Notice } from "../../shared/views/parts.tsx";
import { staleWords } from "../core/line.ts";
import { PLACES, readRoute, type Route, titleOf } from "../core/route.ts";
import { fleet, line } from "../services/fleet.ts";
import { AlertsView } from "./alerts.tsx";
import { AuditView } from "./audit.tsx";
import { ChaosView } from "./chaos.tsx";
import { EvidenceView } from "./evidence.tsx";
import { HealthView } from "./health.tsx";
import { KillSwitch } from "./kill-switch.tsx";
import { LanesView } from "./lanes.tsx";
import { MessageView } from "./message.tsx";
import { QueueView } from "./queue.tsx";
import { QueuesView } from "./queues.tsx";
import { RunView } from "./run.tsx";
import { SendersView } from "./senders.tsx";
import { Account, SessionEnd } from "./session.tsx";
import { SpeechLine } from "./speech-line.tsx";
import { SpeechView } from "./speech.tsx";
import { ValidatorView } from "./validator.tsx";
import { ValidatorsView } from "./validators.tsx";

const route = followAddress<Route>(readRoute, titleOf);

/** Where the places scroll, the one that one is at is in sight. */
function showPlace(): void {
  document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

/** The whole page. */
export function App() {
  const { view } = route.value;
  useEffect(showPlace, [view]);
  return (
    <>
      <SkipLink />
      <header class="top">
        <a class="mark" href="#/health">
          dchat
        </a>
        <Freshness />
        <Account />
      </header>
      <nav class="places" aria-label="Views">
        <ul>
          {PLACES.map(({ name, hash, views }) => (
            <li key={hash}>
              <a href={hash} aria-current={views.includes(view) ? "page" : undefined}>
                {name}
                {name === "Alerts" && <AlertCount />}
              </a>
            </li>
          ))}
        </ul>
        <a class="elsewhere" href="/wallet/">
          Wallet page
        </a>
      </nav>
      <main id="main" tabIndex={-1}>
        <KillSwitch />
        <StaleBanner />
        <SessionEnd />
        {networkTrouble.value !== undefined && <Notice tone="bad">{networkTrouble.value}</Notice>}
        {view !== "speech" && <SpeechLine />}
        <View at={route.value} />
      </main>
    </>
  );
}

function View({ at }: { readonly at: Route }): ComponentChildren {
  switch (at.view) {
    case "health":
      return <HealthView />;
    case "lanes":
      return <LanesView />;
    case "message":
      return <MessageView key={at.id} id={at.id} />;
    case "validators":
      return <ValidatorsView />;
    case "validator":
      return <ValidatorView key={at.key} validatorKey={at.key} />;
    case "queues":
      return <QueuesView />;
    case "queue":
      return <QueueView key={at.queue} queue={at.queue} />;
    case "senders":
      return <SendersView />;
    case "alerts":
      return <AlertsView tab={at.tab} />;
    case "speech":
      return <SpeechView />;
    case "chaos":
      return <ChaosView />;
    case "run":
      return <RunView key={at.id} id={at.id} />;
    case "evidence":
      return <EvidenceView />;
    case "audit":
      return <AuditView />;
    case "nowhere":
      return (
        <section class="panel">
          <h1>There is nothing here</h1>
          <p>
            The address of this page leads nowhere. <a href="#/health">See how the bridge is</a>.
          </p>
        </section>
      );
  }
}

/** Whether what is shown is of now, in a word. */
function Freshness() {
  const stale = isStale();
  const word = stale === undefined ? (line.value.heardAt === undefined ? "Connecting" : "Live") : "Old";
  return (
    <p class="freshness" data-stale={stale !== undefined}>
      <span class="lamp" aria-hidden="true" />
      <span>{word}</span>
      {network.value?.hasDevelopmentWallet === true && <span class="quiet">Local network</span>}
    </p>
  );
}

/** Says since when nothing is new. */
function StaleBanner() {
  const stale = isStale();
  return (
    <div role="alert" class="stale-place">
      {stale !== undefined && <p class="notice bad">{stale}</p>}
    </div>
  );
}

function isStale(): string | undefined {
  // The signal moves once a second; the line counts in milliseconds.
  return now.value > 0 ? staleWords(line.value, Date.now()) : undefined;
}

function AlertCount() {
  const alerts = fleet.value?.alerts;
  const firing = alerts == null ? 0 : alerts.critical + alerts.warning + alerts.other;
  if (alerts == null || firing === 0) return null;
  return (
    <span class={`count ${alerts.critical > 0 ? "bad" : "warn"}`}>
      {firing}
      <span class="sr"> firing</span>
    </span>
  );
}
