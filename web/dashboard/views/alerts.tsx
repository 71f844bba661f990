import { ALERT_TABS, type AlertTab } from "../core/route.ts";
import { session } from "../services/session.ts";
import { AlertHistory } from "./alert-history.tsx";
import { FiringAlerts } from "./firing-alerts.tsx";
import { NeedsSession } from "./parts.tsx";
import { Silences } from "./silences.tsx";

const TABS: Readonly<Record<AlertTab, string>> = {
  firing: "Firing",
  silences: "Silences",
  history: "History",
};

/** What fires, what is silenced, and what was told to whom. */
export function AlertsView({ tab }: { readonly tab: AlertTab }) {
  return (
    <>
      <h1>Alerts</h1>
      {session.value === undefined ? (
        <NeedsSession what="Alerts are for users of this fleet." />
      ) : (
        <>
          <nav class="tabs" aria-label="Alerts">
            {ALERT_TABS.map((each) => (
              <a key={each} href={`#/alerts/${each}`} aria-current={each === tab ? "page" : undefined}>
                {TABS[each]}
              </a>
            ))}
          </nav>
          {tab === "firing" && <FiringAlerts />}
          {tab === "silences" && <Silences />}
          {tab === "history" && <AlertHistory />}
        </>
      )}
    </>
  );
}
