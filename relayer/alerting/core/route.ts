import type { Labels } from "./labels.ts";
import { matchesAll, printLabels, printMatchers } from "./matchers.ts";
import type { Route } from "./routing-types.ts";

/** A node of the tree with its place in it. */
export type PlacedRoute = {
  readonly route: Route;
  /** Alertmanager's key: the matchers on the way to it, such as `{}/{severity="critical"}`. */
  readonly key: string;
  /** The key, made unique among siblings with the same matchers. */
  readonly id: string;
  readonly children: readonly PlacedRoute[];
};

/** Gives every node of a tree its key. */
export function placeRoutes(root: Route): PlacedRoute {
  const seen = new Map<string, number>();
  const place = (route: Route, parent: string | undefined): PlacedRoute => {
    const own = printMatchers(
      route.matchers.toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value)),
    );
    const key = parent === undefined ? own : `${parent}/${own}`;
    const named = `${key}>${route.receiver}`;
    const count = (seen.get(named) ?? 0) + 1;
    seen.set(named, count);
    const id = count === 1 ? named : `${named}#${count}`;
    return { route, key, id, children: route.routes.map((child) => place(child, key)) };
  };
  return place(root, undefined);
}

/**
 * The nodes that an alert goes to: the deepest that fit on each way, siblings from the first that fits on, as long as it says `continue`.
 *
 * Source: `dispatch.Route.Match` of Alertmanager 0.28. The root takes everything, whatever its matchers say.
 */
export function routesOf(root: PlacedRoute, labels: Labels): readonly PlacedRoute[] {
  const found: PlacedRoute[] = [];
  collect(root, labels, found);
  return found;
}

function collect(place: PlacedRoute, labels: Labels, found: PlacedRoute[]): void {
  const before = found.length;
  for (const child of place.children) {
    if (!matchesAll(child.route.matchers, labels)) continue;
    collect(child, labels, found);
    if (!child.route.continue) break;
  }
  if (found.length === before) found.push(place);
}

/** The labels by which a route groups an alert; those that the alert lacks are left out. */
export function groupLabelsOf({ groupBy }: Route, labels: Labels): Labels {
  if (groupBy === "all") return labels;
  return Object.fromEntries(
    groupBy.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name] ?? ""]] : [])),
  );
}

/** The key of a group in Alertmanager's notation. */
export function groupKeyOf({ key }: PlacedRoute, labels: Labels): string {
  return `${key}:${printLabels(labels)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
