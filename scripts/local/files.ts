import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeNewFile } from "../../relayer/platform/secret-file.ts";
import { Users } from "../../relayer/platform/users.ts";

const repository = join(import.meta.dirname, "../..");

/** A copy of the routes and receivers that come with dchat, and a file for rules of one's own: for whoever wants to try some. */
export function alertingFiles(folder: string) {
  const [configFile, rules] = [join(folder, "alertmanager.yml"), join(folder, "rules.yml")];
  copyFileSync(join(repository, "relayer/alerting/rules/default-config.yml"), configFile);
  writeFileSync(rules, "groups: []\n");
  return { configFile, ruleFiles: [rules] };
}

/** Somebody in whose name the commands of whoever runs this network act. */
export function createUser(folder: string) {
  const [usersFile, tokenFile] = [join(folder, "users.json"), join(folder, "token")];
  writeNewFile(tokenFile, `${new Users(usersFile).add({ name: "local", role: "admin" })}\n`);
  return { usersFile, tokenFile };
}
