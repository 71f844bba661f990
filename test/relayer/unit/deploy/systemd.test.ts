import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { roles } from "../../../../relayer/commands/roles.ts";
import { readUnits } from "../../support/deployments.ts";
import { repository } from "../../support/processes.ts";

const units = readUnits();
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const skip = hasSystemd ? false : "systemd-analyze is not there";
/** Roles that systemd does not run: sound belongs to a person's session, and faults to an experiment. */
const LEFT_OUT = ["speech", "chaos"];
/** systemd's figure for how much a service could do if it were taken over, times ten; 10 is its "OK". */
const MOST_EXPOSED = 20;

describe(`the units of deploy/systemd${hasSystemd ? "" : " (systemd-analyze is not there: read only)"}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-units-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  /** The same unit with the Node of this machine, which systemd looks for. */
  const placed = (name: string, change: (text: string) => string = (text) => text): string => {
    const text = readFileSync(join(repository, "deploy/systemd", name), "utf8");
    writeFileSync(join(folder, name), change(text.replace("/usr/bin/node", process.execPath)));
    return join(folder, name);
  };
  const verify = (file: string) =>
    spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });

  it("run every role", () => {
    const played = units.map(({ keys }) => / --role (\S+)/.exec(keys.get("ExecStart")?.[0] ?? "")?.[1] ?? "");
    assert.deepEqual(played.sort(), roles.filter((role) => !LEFT_OUT.includes(role)).sort());
  });

  for (const { name, keys } of units)
    it(`${name} gives no rights, and its keys to nobody else`, () => {
      const is = (key: string, value: string) => {
        assert.deepEqual(keys.get(key), [value], key);
      };
      for (const key of ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"]) is(key, "yes");
      is("ProtectSystem", "strict");
      is("CapabilityBoundingSet", "");
      is("User", "dchat");
      is("StateDirectory", "dchat");
      // A process whose configuration is wrong must not be started again and again.
      is("RestartPreventExitStatus", "2 78");
      const usesKey = /@?(sender|keeper|signer|watchtower)/.test(name);
      assert.equal(keys.has("LoadCredential"), usesKey);
      if (usesKey)
        for (const credential of keys.get("LoadCredential") ?? [])
          assert.match(credential, /^[a-z]+:\/etc\/dchat\/keys\/[a-z%.-]+i?[a-z.]*$/);
    });

  for (const { name } of units)
    it(`${name} is what systemd takes`, { skip }, () => {
      const { status, stderr } = verify(placed(name));
      assert.deepEqual([status, stderr], [0, ""]);
      const file = join(folder, name);
      const { status: exposed, stdout } = spawnSync(
        "systemd-analyze",
        ["security", "--offline=true", `--threshold=${MOST_EXPOSED}`, file],
        { encoding: "utf8" },
      );
      assert.equal(exposed, 0, stdout.split("\n").slice(-3).join("\n"));
    });

  it("are refused with a key that there is none of, or with more rights", { skip }, () => {
    const misspelt = verify(
      placed("dchat-api.service", (text) => text.replace("ProtectSystem=", "ProtectSytem=")),
    );
    assert.match(misspelt.stderr, /Unknown key (name )?'ProtectSytem'/);
    const open = placed("dchat-api.service", (text) =>
      text.replace(/^(Protect|Private|Restrict|System|Capab).*\n/gm, ""),
    );
    const { status } = spawnSync("systemd-analyze", [
      "security",
      "--offline=true",
      `--threshold=${MOST_EXPOSED}`,
      open,
    ]);
    assert.notEqual(status, 0);
  });
});
