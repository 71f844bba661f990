import { join } from "node:path";
import { AuditLog } from "../api/operator/audit-log.ts";
import type { OperatorServices } from "../api/operator/operator-api.ts";
import { createDoorkeeper } from "../api/sessions/doorkeeper.ts";
import { developmentProblems } from "../domain/development.ts";
import type { Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { readSecretText } from "../platform/secret-file.ts";
import { Users } from "../platform/users.ts";

/**
 * Opens what operators work with.
 * @throws ConfigurationError `USERS_FILE`, `AUDIT_LOG`
 */
export function openOperator(network: Network): {
  readonly services: OperatorServices;
  readonly close: () => Promise<void>;
} {
  const users = new Users(network.usersFile);
  const audit = new AuditLog(join(network.dataFolder, "api", "audit.sqlite"), () => systemClock.now());
  return {
    services: {
      doorkeeper: createDoorkeeper(users, systemClock),
      audit,
      developmentToken: developmentTokenOf(network),
    },
    close: () => {
      audit.close();
      return Promise.resolve();
    },
  };
}

/** The token of the user in whose name commands act, on local networks alone: the same that give their accounts away. */
function developmentTokenOf(network: Network): (() => string) | undefined {
  const { developmentAccounts, tokenFile } = network;
  if (developmentAccounts === undefined || tokenFile === undefined) return undefined;
  if (developmentProblems(network).length > 0) return undefined;
  return () => readSecretText(tokenFile).trim();
}
