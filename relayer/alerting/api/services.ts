import type { Logger } from "../../platform/log.ts";
import type { Actor } from "../../domain/actor.ts";
import type { PostedAlert } from "../core/posted.ts";
import type { AlertingStore } from "../ports.ts";
import type { AlertingEngine } from "../worker/engine.ts";
import type { Access } from "../../platform/access.ts";

/** What the API serves from. */
export type ApiServices = {
  readonly engine: AlertingEngine;
  readonly store: AlertingStore;
  readonly access: Access;
  /** Told of alerts that were taken in: among them may be heartbeats. */
  readonly onPosted: (alerts: readonly PostedAlert[]) => void;
  /** Reads configuration and rules again. @throws FatalError when they are wrong; what was in force stays */
  readonly reload: (actor: Actor) => Promise<void>;
  /** The configuration in force, without secrets. */
  readonly configText: () => string;
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly logger: Logger;
};
