// Sets the checkout up, then runs a command in it. Plain JavaScript without dependencies, for any Node from 18 on.
//
//   node scripts/bootstrap.mjs [--contracts] [--web] [--redis] [--] [command [argument…]]
//
// It installs the dependencies under the Node that package-lock.json pins, compiles the contracts (--contracts), builds the
// pages from them (--web), finds or installs a Redis server (--redis, handed on as DCHAT_REDIS_SERVER), and skips whatever is up to date. The command finds
// node_modules/.bin first on its PATH. Exit code: the command's, or 1 with a sentence on what to do.
import { runCommand } from "./bootstrap/command.mjs";
import { endWith, Failure } from "./bootstrap/failure.mjs";
import { prepare } from "./bootstrap/prepare.mjs";

function parse(args) {
  const wants = { contracts: false, web: false, redis: false };
  const isOption = (argument) => argument?.startsWith("--") === true && argument !== "--";
  const rest = [...args];
  while (isOption(rest[0])) {
    const name = rest.shift().slice(2);
    if (!(name in wants))
      throw new Failure(
        `Unknown option --${name} of bootstrap: use --contracts, --web, --redis, or -- before a command.`,
      );
    wants[name] = true;
  }
  return { wants, command: rest[0] === "--" ? rest.slice(1) : rest };
}

try {
  const { wants, command } = parse(process.argv.slice(2));
  const env = await prepare(wants);
  if (command.length > 0) await runCommand(command, env);
} catch (error) {
  endWith(error);
}
