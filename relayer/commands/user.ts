import { type Command, Option } from "commander";
import { table } from "../platform/table.ts";
import { type UserRole, userRoles } from "../domain/actor.ts";
import { Users } from "../platform/users.ts";
import type { CommandContext } from "./context.ts";

/** Adds `dchat user …`: who may act over HTTP. */
export function addUserCommands(dchat: Command, context: () => CommandContext): void {
  const user = dchat.command("user").description("who may act over HTTP, by a token of their own");
  user
    .command("add")
    .description("let somebody in; prints the token, which is kept nowhere")
    .argument("<name>", "as the audit log shows it")
    .addOption(new Option("--role <role>", "what they may do").choices(userRoles).makeOptionMandatory())
    .action((name: string, { role }: { role: UserRole }) => {
      const { network, output } = context();
      const token = new Users(network.usersFile).add({ name, role });
      output.result({ name, role, token }, token);
    });
  user
    .command("list")
    .description("who there is")
    .action(() => {
      const { network, output } = context();
      const users = new Users(network.usersFile).list();
      const rows = users.map(({ name, role }) => [name, role]);
      output.result({ users }, rows.length === 0 ? "There is nobody." : table(["name", "role"], rows));
    });
  user
    .command("remove")
    .description("let somebody in no more, from now on")
    .argument("<name>", "as list prints it")
    .action((name: string) => {
      const { network, output } = context();
      new Users(network.usersFile).remove(name);
      output.result({ name, removed: true }, `${name} may do nothing any more`);
    });
}
