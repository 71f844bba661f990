import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { AlertEvidence, Episode, Page } from "../../core/checker/evidence.ts";
import { readDatabase } from "./sqlite.ts";

/** "dCal" in ASCII. */
const KIND = { name: "memory of alerting", applicationId: 0x6443616c, version: 1 };

/** Why a notification was sent, where that tells of something that fires. */
const TELLING = new Set(["firing", "repeated", "escalated"]);
/** What begins a stretch in which nobody is to hear of an alert, and what ends it. */
const MUTINGS = [
  ["silenced", "unsilenced"],
  ["inhibited", "uninhibited"],
] as const;

const labels = z.record(z.string(), z.string());
const row = z.object({
  at: z.number(),
  kind: z.enum(["transition", "notification", "attempt", "act"]),
  what: z.string(),
  labels: z.string().transform((text) => labels.parse(JSON.parse(text))),
  episode: z.string().nullable(),
  receiver: z.string().nullable(),
  notification: z.string().nullable(),
  detail: z.string(),
});
type Row = z.infer<typeof row>;
const waiting = z
  .object({ body: z.string() })
  .transform(({ body }) =>
    z.object({ id: z.string(), alerts: z.array(z.object({ episode: z.string() })) }).parse(JSON.parse(body)),
  );

/**
 * What alerting remembers of what fired and of whom it told. Its history keeps of a notification that was delivered the labels that all of
 * its alerts had in common, and not the alerts; of one that waits or was given up all is there.
 * @throws FatalError `EVIDENCE`
 */
export function readAlertingMemory(file: string): AlertEvidence {
  return readDatabase(file, KIND, (database) => {
    const rows = row
      .array()
      .parse(
        database
          .prepare(
            "SELECT at, kind, what, labels, episode, receiver, notification, detail FROM history ORDER BY id",
          )
          .all(),
      );
    return { episodes: episodesOf(rows), pages: pagesOf(rows, namedEpisodes(database)) };
  });
}

function episodesOf(rows: readonly Row[]): readonly Episode[] {
  const transitions = rows.filter(({ kind, episode }) => kind === "transition" && episode !== null);
  return [...Map.groupBy(transitions, ({ episode }) => episode ?? "")].flatMap(([episode, own]) => {
    const firing = own.find(({ what }) => what === "firing");
    if (firing === undefined) return []; // it began before what the history still has
    const endsAt = own.find(({ what }) => what === "resolved")?.at;
    return [{ episode, labels: firing.labels, startsAt: firing.at, endsAt, muted: mutingsOf(own) }];
  });
}

function mutingsOf(rows: readonly Row[]): Episode["muted"] {
  return MUTINGS.flatMap(([begin, end]) => {
    const own = rows.filter(({ what }) => what === begin || what === end);
    return own.flatMap(({ what, at }, i) => (what === begin ? [{ from: at, to: own[i + 1]?.at }] : []));
  });
}

/** The alerts of notifications whose whole content is still there. */
function namedEpisodes(database: DatabaseSync): ReadonlyMap<string, ReadonlySet<string>> {
  const bodies = database.prepare("SELECT body FROM outbox UNION ALL SELECT body FROM dead_letters").all();
  return new Map(
    waiting
      .array()
      .parse(bodies)
      .map(({ id, alerts }) => [id, new Set(alerts.map(({ episode }) => episode))]),
  );
}

function pagesOf(rows: readonly Row[], named: ReadonlyMap<string, ReadonlySet<string>>): readonly Page[] {
  const delivered = new Set(
    rows
      .filter(({ kind, what }) => kind === "attempt" && what === "delivered")
      .map((each) => each.notification),
  );
  const successors = new Map(
    rows
      .filter(({ kind, what }) => kind === "notification" && what === "superseded")
      .map(({ notification, detail }) => [notification ?? "", detail.split(" ")[0] ?? ""]),
  );
  return rows
    .filter(({ kind, what, notification }) => kind === "notification" && TELLING.has(what) && notification)
    .map(({ notification, receiver, at, labels: common }) => {
      const id = notification ?? "";
      const episodes = named.get(id);
      return {
        id,
        receiver: receiver ?? "",
        at,
        about: episodes === undefined ? { labels: common } : { episodes },
        isDelivered: delivered.has(lastOf(successors, id)),
      };
    });
}

/** A notification, or the one that was sent in its place in the end. */
function lastOf(successors: ReadonlyMap<string, string>, id: string): string {
  const seen = new Set<string>();
  let last = id;
  for (let next = successors.get(last); next !== undefined && !seen.has(next); next = successors.get(last)) {
    seen.add(next);
    last = next;
  }
  return last;
}
