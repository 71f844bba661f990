import { join } from "node:path";
import { AuditLog } from "../api/operator/audit-log.ts";
import type { OperatorServices } from "../api/operator/operator-api.ts";
import type { RoleFinder } from "../api/operator/relays.ts";
import { createDoorkeeper } from "../api/sessions/doorkeeper.ts";
import { developmentProblems } from "../domain/development.ts";
import type { Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { QueueAdmin } from "../platform/queue-admin.ts";
import type { RedisClient } from "../platform/redis.ts";
import { runningApi } from "../platform/role-files.ts";
import { readSecretText } from "../platform/secret-file.ts";
import { Users } from "../platform/users.ts";
import { runningSpeakers, speechToken } from "../speech/adapters/announcement.ts";
import { speechFiles } from "../speech/config.ts";
import { openFleetFeed, type OpenedParts } from "./operator-fleet.ts";

/**
 * Opens what operators work with, and begins to look at the fleet.
 * @throws ConfigurationError `USERS_FILE`, `AUDIT_LOG`
 */
export function openOperator(
  parts: Omit<OpenedParts, "findAlerting" | "queues">,
  redis: RedisClient,
): {
  readonly services: OperatorServices;
  readonly close: () => Promise<void>;
} {
  const { network } = parts;
  const users = new Users(network.usersFile);
  const audit = new AuditLog(join(network.dataFolder, "api", "audit.sqlite"), () => systemClock.now());
  const queues = new QueueAdmin(redis);
  const find = roleFinder(network);
  const stopping = new AbortController();
  const signal = AbortSignal.any([parts.signal, stopping.signal]);
  const feed = openFleetFeed({ ...parts, signal, queues, findAlerting: find.alerting });
  const looking = feed.run(signal);
  return {
    services: {
      ...{ audit, find, feed, queues },
      doorkeeper: createDoorkeeper(users, systemClock),
      developmentToken: developmentTokenOf(network),
    },
    close: async () => {
      stopping.abort();
      await looking;
      await queues.close();
      audit.close();
    },
  };
}

/** Roles say in the data folder where their APIs are; for those that have another data folder, the configuration does. */
function roleFinder(network: Network): RoleFinder {
  const { alerting, chaos, dataFolder } = network;
  const configured = {
    alerting: alerting && `http://${alerting.api.host}:${alerting.api.port}`,
    chaos: chaos && `http://127.0.0.1:${chaos.port}`,
  };
  return {
    alerting: () => runningApi(dataFolder, "alerting") ?? configured.alerting,
    chaos: () => runningApi(dataFolder, "chaos") ?? configured.chaos,
    speech: () => findSpeaker(network),
    speechToken: () => speechToken(speechFiles(dataFolder).token),
  };
}

/** Speakers say in the data folder where they listen; for one that has another data folder, the configuration does. */
export function findSpeaker({ dataFolder, speech }: Network): string | undefined {
  const [running] = runningSpeakers(speechFiles(dataFolder).folder);
  if (running !== undefined || speech === undefined || speech.port === 0) return running;
  return `http://127.0.0.1:${speech.port}`;
}

/** The token of the user in whose name commands act, on local networks alone: the same that give their accounts away. */
function developmentTokenOf(network: Network): (() => string) | undefined {
  const { developmentAccounts, tokenFile } = network;
  if (developmentAccounts === undefined || tokenFile === undefined) return undefined;
  if (developmentProblems(network).length > 0) return undefined;
  return () => readSecretText(tokenFile).trim();
}
