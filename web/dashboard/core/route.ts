/** The views of the dashboard and their addresses: what stands behind the # of its URL. */

export const ALERT_TABS = ["firing", "silences", "history"] as const;
export type AlertTab = (typeof ALERT_TABS)[number];

export type Route =
  | { readonly view: "health" }
  | { readonly view: "lanes" }
  | { readonly view: "message"; readonly id: string }
  | { readonly view: "validators" }
  | { readonly view: "validator"; readonly key: string }
  | { readonly view: "queues" }
  | { readonly view: "queue"; readonly queue: string }
  | { readonly view: "senders" }
  | { readonly view: "alerts"; readonly tab: AlertTab }
  | { readonly view: "speech" }
  | { readonly view: "chaos" }
  | { readonly view: "run"; readonly id: string }
  | { readonly view: "evidence" }
  | { readonly view: "audit" }
  | { readonly view: "nowhere" };

/** A place in the navigation, and the views that belong to it. */
type Place = { readonly name: string; readonly hash: string; readonly views: readonly Route["view"][] };

/** What leads where, in the order of what is asked first. */
export const PLACES: readonly Place[] = [
  { name: "Health", hash: "#/health", views: ["health"] },
  { name: "Lanes", hash: "#/lanes", views: ["lanes", "message"] },
  { name: "Validators", hash: "#/validators", views: ["validators", "validator"] },
  { name: "Queues", hash: "#/queues", views: ["queues", "queue"] },
  { name: "Senders", hash: "#/senders", views: ["senders"] },
  { name: "Alerts", hash: "#/alerts", views: ["alerts"] },
  { name: "Speech", hash: "#/speech", views: ["speech"] },
  { name: "Chaos", hash: "#/chaos", views: ["chaos", "run"] },
  { name: "Evidence", hash: "#/evidence", views: ["evidence"] },
  { name: "Audit", hash: "#/audit", views: ["audit"] },
];

const HASH = /^0x[0-9a-fA-F]{64}$/;
const NAME = /^[A-Za-z0-9._>-]{1,200}$/;

/** Reads an address. Anything that is no view is said to be none. */
export function readRoute(hash: string): Route {
  const [view = "", part = ""] = hash.replace(/^#?\/?/, "").split("/");
  const nowhere: Route = { view: "nowhere" };
  const id = HASH.test(part) ? part.toLowerCase() : undefined;
  switch (view) {
    case "":
      return { view: "health" };
    case "lanes":
      if (part === "") return { view };
      return id === undefined ? nowhere : { view: "message", id };
    case "validators":
      if (part === "") return { view };
      return id === undefined ? nowhere : { view: "validator", key: id };
    case "queues":
      if (part === "") return { view };
      return NAME.test(part) ? { view: "queue", queue: part } : nowhere;
    case "alerts": {
      const tab = ALERT_TABS.find((each) => each === (part || "firing"));
      return tab === undefined ? nowhere : { view, tab };
    }
    case "chaos":
      if (part === "") return { view };
      return NAME.test(part) ? { view: "run", id: part } : nowhere;
    case "health":
    case "senders":
    case "speech":
    case "evidence":
    case "audit":
      return part === "" ? { view } : nowhere;
    default:
      return nowhere;
  }
}

/** What the browser calls a view. */
export function titleOf(route: Route): string {
  const place = PLACES.find(({ views }) => views.includes(route.view));
  return `${place?.name ?? "Nothing here"} · dchat`;
}
