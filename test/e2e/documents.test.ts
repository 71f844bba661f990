import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findProgram } from "../relayer/support/peer-programs.ts";
import { repository, until } from "../relayer/support/processes.ts";
import { type DocumentedCommand, documentedCommands } from "./documents/commands.ts";
import { type Rule, rules } from "./documents/rules.ts";
import { DocumentScene } from "./documents/scene.ts";

/** Programs of others that documents use, and that may not be installed. */
const FOREIGN = ["amtool", "curl", "helm", "docker", "systemctl"];

const commands = documentedCommands();
const ruleOf = ({ file, text }: DocumentedCommand): Rule | undefined =>
  rules.find((rule) => (rule.in ?? file) === file && rule.of.test(text));
const missing = FOREIGN.filter((program) => findProgram(program) === undefined);
const here = commands.filter((command) => ruleOf(command)?.elsewhere === undefined);

describe("the commands in the documents", () => {
  let scene: DocumentScene;
  before(async () => {
    scene = await DocumentScene.start();
  });
  after(() => scene.stop());

  it("are each run here or by a test that there is; and nothing is kept for commands that are gone", () => {
    for (const { elsewhere } of rules)
      if (elsewhere !== undefined) assert(existsSync(join(repository, elsewhere)), elsewhere);
    const used = new Set(commands.map(ruleOf));
    assert.deepEqual(
      rules.filter((rule) => !used.has(rule)).map(({ of }) => String(of)),
      [],
    );
    assert(here.length > 80, `${here.length} commands`);
  });

  for (const command of here) {
    const lacks = missing.find((program) => command.text.startsWith(`${program} `));
    const leftOut = ruleOf(command)?.leftOut ?? (lacks && `${lacks} is not installed`);
    const title = `${command.file}:${command.line}: ${command.text}`;
    if (leftOut !== undefined) it(`${title} (left out: ${leftOut})`, { skip: true });
    else it(title, () => assertWorks(command, scene));
  }
});

/** Runs a documented command, and asserts that it does what its document says. */
async function assertWorks(command: DocumentedCommand, scene: DocumentScene): Promise<void> {
  const { fill = [], before: prepare, after: restore, ends, or, until: word } = ruleOf(command) ?? {};
  await prepare?.(scene);
  let line = command.text;
  for (const [place, value] of fill)
    if (typeof place !== "string" || line.includes(place)) line = line.replaceAll(place, await value(scene));
  const running = scene.start(line);
  if (word !== undefined) {
    await until(
      `${line} said ${String(word)}`,
      () => word.test(running.stdout()) || running.child.exitCode !== null,
    );
    running.child.kill("SIGTERM");
  } else running.child.stdin?.end();
  const { code, stdout, stderr } = await running.ended;
  restore?.(scene);
  const said = `${line}\n${stdout}\n${stderr}`;
  if (code !== 0 && code === or?.code) assert.match(said, or.says);
  else assert.equal(code, ends?.code ?? 0, said);
  if (ends !== undefined) assert.match(stderr, ends.says);
  if (word !== undefined) assert.match(stdout, word);
  assert.doesNotMatch(line, /…|<[a-z]+>|\bID\b/, "a placeholder was not filled in");
}
