import { z } from "zod";
import type { Escalation, InhibitRule, Route } from "../core/routing-types.ts";
import { nearest, type Path } from "./problems.ts";
import type { Reader } from "./reader.ts";
import { escalationSection, inhibitSection, type RouteSection, routeSection } from "./sections.ts";

/** The names that routes and levels may use. */
export type Names = { readonly receivers: readonly string[]; readonly escalations: readonly string[] };

/** What a route takes from its parent where it says nothing; at the root, Alertmanager's defaults. */
type Inherited = Pick<
  Route,
  "receiver" | "groupBy" | "groupWait" | "groupInterval" | "repeatInterval" | "escalation"
>;

const DEFAULTS: Inherited = {
  receiver: "",
  groupBy: [],
  groupWait: 30_000,
  groupInterval: 300_000,
  repeatInterval: 14_400_000,
  escalation: undefined,
};

/** How deep the tree of routes may be. */
const DEEPEST = 32;

/** What a route says to have no escalation although its parent has one. */
const NO_ESCALATION = "none";

/** Reads the routing tree. What could not be read is noted, and left out. */
export function readRoutes(reader: Reader, value: unknown, names: Names): Route {
  if (value === undefined) reader.problem(["route"], "a route is needed: at least one that names a receiver");
  const root = new Routes(reader, names).read(value ?? {}, ["route"], DEFAULTS);
  return { ...DEFAULTS, matchers: [], continue: false, routes: [], ...root };
}

class Routes {
  readonly #reader: Reader;
  readonly #names: Names;

  constructor(reader: Reader, names: Names) {
    this.#reader = reader;
    this.#names = names;
  }

  read(value: unknown, path: Path, parent: Inherited): Route | undefined {
    if (path.length > 2 * DEEPEST) {
      this.#reader.problem(path, `routes are nested deeper than ${DEEPEST}`);
      return undefined;
    }
    const section = this.#reader.parse(routeSection, value, path);
    // The children of a route with a problem are read all the same, for theirs.
    const children = section ?? z.looseObject({ routes: z.unknown() }).safeParse(value).data;
    const own = section === undefined ? parent : this.#inherit(section, path, parent);
    const routes = this.#reader
      .list(children?.routes, [...path, "routes"])
      .map((child) => this.read(child.value, child.path, own))
      .filter((route) => route !== undefined);
    if (section === undefined) return undefined;
    if (path.length === 1) this.#checkRoot(section, path);
    return {
      ...own,
      matchers: matchersOf(this.#reader, section, path),
      continue: section.continue ?? false,
      routes,
    };
  }

  #inherit(section: RouteSection, path: Path, parent: Inherited): Inherited {
    const { receiver, escalation } = section;
    if (receiver !== undefined)
      known(this.#reader, "receiver", receiver, this.#names.receivers, [...path, "receiver"]);
    if (escalation !== undefined && escalation !== NO_ESCALATION)
      known(this.#reader, "escalation", escalation, this.#names.escalations, [...path, "escalation"]);
    return {
      receiver: receiver ?? parent.receiver,
      groupBy:
        section.group_by === undefined
          ? parent.groupBy
          : this.#groupBy(section.group_by, [...path, "group_by"]),
      groupWait: section.group_wait ?? parent.groupWait,
      groupInterval: section.group_interval ?? parent.groupInterval,
      repeatInterval: section.repeat_interval ?? parent.repeatInterval,
      escalation: escalation === NO_ESCALATION ? undefined : (escalation ?? parent.escalation),
    };
  }

  #groupBy(labels: readonly string[], path: Path): readonly string[] | "all" {
    for (const [i, label] of labels.entries())
      if (labels.indexOf(label) < i) this.#reader.problem([...path, i], `${label} stands here twice`);
    if (!labels.includes("...")) return labels;
    if (labels.length > 1) this.#reader.problem(path, '"..." groups by all labels, so it stands alone');
    return "all";
  }

  #checkRoot(section: RouteSection, path: Path): void {
    if (section.receiver === undefined)
      this.#reader.problem(path, "the first route needs a receiver, for alerts that fit no other");
    for (const key of ["match", "match_re", "matchers", "continue"] as const)
      if (section[key] !== undefined)
        this.#reader.problem(
          [...path, key],
          "the first route takes every alert; move this into one under routes",
        );
  }
}

/** Reads the inhibition rules. */
export function readInhibitRules(reader: Reader, value: unknown): readonly InhibitRule[] {
  return reader.list(value, ["inhibit_rules"]).flatMap(({ value: item, path }) => {
    const section = reader.parse(inhibitSection, item, path);
    if (section === undefined) return [];
    const side = (name: "source" | "target") => [
      ...reader.pairs(section[`${name}_match`], "=", [...path, `${name}_match`]),
      ...reader.pairs(section[`${name}_match_re`], "=~", [...path, `${name}_match_re`]),
      ...reader.matchers(section[`${name}_matchers`], [...path, `${name}_matchers`]),
    ];
    const rule = {
      sourceMatchers: side("source"),
      targetMatchers: side("target"),
      equal: section.equal ?? [],
    };
    for (const name of ["source", "target"] as const)
      if (rule[`${name}Matchers`].length === 0)
        reader.problem(path, `expected ${name}_matchers: without any, this would fit every alert`);
    return [rule];
  });
}

/** Reads the escalations. */
export function readEscalations(
  reader: Reader,
  value: unknown,
  receivers: readonly string[],
): readonly Escalation[] {
  const names = new Set<string>([NO_ESCALATION]);
  return reader.list(value, ["escalations"]).flatMap(({ value: item, path }) => {
    const section = reader.parse(escalationSection, item, path);
    if (section === undefined) return [];
    if (names.has(section.name))
      reader.problem([...path, "name"], `there is already one by the name ${section.name}; choose another`);
    names.add(section.name);
    for (const [i, level] of section.levels.entries()) {
      const at: Path = [...path, "levels", i];
      for (const [j, name] of level.receivers.entries())
        known(reader, "receiver", name, receivers, [...at, "receivers", j]);
      const before = section.levels[i - 1];
      if (before !== undefined && level.after < before.after)
        reader.problem(
          [...at, "after"],
          "expected no less than the level before: both count from the first notification",
        );
    }
    const levels = section.levels.map(({ receivers: told, after, every }) => ({
      receivers: told,
      after,
      every,
    }));
    return [{ name: section.name, levels }];
  });
}

/** Notes a name that nobody goes by. */
export function known(
  reader: Reader,
  what: string,
  name: string,
  names: readonly string[],
  path: Path,
): void {
  if (names.includes(name)) return;
  const meant = nearest(name, names);
  const hint =
    meant === undefined
      ? `there are ${names.length === 0 ? "none" : names.join(", ")}`
      : `did you mean ${meant}?`;
  reader.problem(path, `there is no ${what} ${name}; ${hint}`);
}

function matchersOf(reader: Reader, section: RouteSection, path: Path) {
  return [
    ...reader.pairs(section.match, "=", [...path, "match"]),
    ...reader.pairs(section.match_re, "=~", [...path, "match_re"]),
    ...reader.matchers(section.matchers, [...path, "matchers"]),
  ];
}
