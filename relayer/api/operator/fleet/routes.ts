import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { RetryableError } from "../../../domain/errors.ts";
import { Followers } from "../../../platform/followers.ts";
import type { Gate } from "../../sessions/gate.ts";
import { fleetView, historyView, type FleetView } from "../../operator-schema.ts";
import type { FleetFeed } from "./feed.ts";

/** How many follow at the same time, at most. */
const MOST_FOLLOWERS = 64;
/** Proxies and browsers give up on what is silent for longer, in milliseconds. */
const HEARTBEAT_MILLISECONDS = 15_000;

const historyQuery = z.object({ minutes: z.coerce.number().int().min(1).max(1_440).default(60) });

/** The fleet now, as it changes, and as it was. */
export function addFleetRoutes(app: FastifyInstance, gate: Gate, feed: FleetFeed): void {
  const followers = new Followers(MOST_FOLLOWERS);
  const textOf = wordsFor();
  app.addHook("onClose", (_app, done) => {
    followers.closeAll();
    done();
  });
  app.get("/api/v1/operator/fleet", async (request) => {
    gate.require(request, "viewer");
    return fleetView.encode(await feed.view());
  });
  app.get("/api/v1/operator/history", (request) => {
    gate.require(request, "viewer");
    return historyView.encode(feed.history(historyQuery.parse(request.query).minutes));
  });
  app.get("/api/v1/operator/events", { exposeHeadRoute: false }, async (request, reply) => {
    gate.require(request, "viewer");
    const stream = followers.begin(reply, "text/event-stream");
    if (stream === undefined)
      throw new RetryableError(
        "FOLLOWERS",
        `${MOST_FOLLOWERS} follow the fleet already. Nothing else is affected; close a page, and try again.`,
      );
    const isStillIn = gate.follow(request);
    let toldAt = -Infinity;
    const tell = (view: FleetView) => {
      if (view.at <= toldAt) return;
      toldAt = view.at;
      // Who was signed out meanwhile, or removed, sees no more.
      if (isStillIn()) stream.write(textOf(view));
      else stream.end();
    };
    const forget = feed.watch(tell);
    const beat = setInterval(() => {
      stream.write(": still here\n\n");
    }, HEARTBEAT_MILLISECONDS);
    stream.onEnd(() => {
      clearInterval(beat);
      forget();
    });
    tell(await feed.view());
    return reply;
  });
}

/** All followers are told the same: it is put into words once. */
function wordsFor(): (view: FleetView) => string {
  let latest: { readonly view: FleetView; readonly text: string } | undefined;
  return (view) => {
    if (latest?.view !== view)
      latest = { view, text: `event: fleet\ndata: ${JSON.stringify(fleetView.encode(view))}\n\n` };
    return latest.text;
  };
}
