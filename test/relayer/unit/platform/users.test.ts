import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ConfigurationError, FatalError } from "../../../../relayer/domain/errors.ts";
import { userRoles } from "../../../../relayer/domain/actor.ts";
import { mayActAs, Users } from "../../../../relayer/platform/users.ts";

describe("users and their tokens", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dchat-users-"));
    file = join(folder, "users.json");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const fails = (code: string) => (error: unknown) => error instanceof FatalError && error.code === code;

  it("are known by tokens of which only hashes are kept, in a file of its owner's alone", () => {
    const users = new Users(file);
    const token = users.add({ name: "alice", role: "operator" });
    const other = users.add({ name: "prometheus", role: "reporter" });
    assert.notEqual(token, other);
    assert(!readFileSync(file, "utf8").includes(token));
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.deepEqual(users.authenticate(token), { name: "alice", role: "operator" });
    assert.deepEqual(users.authenticate(other), { name: "prometheus", role: "reporter" });
    for (const wrong of ["", token.slice(1), `${token} `, "alice"])
      assert.equal(users.authenticate(wrong), undefined);
    assert.throws(() => users.add({ name: "alice", role: "admin" }), fails("USER_KNOWN"));
    assert.throws(() => users.add({ name: "../x", role: "admin" }));
  });

  it("are added and removed while others look: a removed one's token is good for nothing at once", () => {
    const server = new Users(file);
    const command = new Users(file);
    assert.deepEqual(server.list(), []);
    const token = command.add({ name: "bob", role: "viewer" });
    assert.equal(server.authenticate(token)?.name, "bob");
    command.remove("bob");
    assert.equal(server.authenticate(token), undefined);
    assert.throws(() => {
      command.remove("bob");
    }, fails("USER_UNKNOWN"));
  });

  it("are nobody where there is no file, and nobody gets in by one that is open to others or damaged", () => {
    assert.equal(new Users(undefined).authenticate("anything"), undefined);
    assert.throws(() => new Users(undefined).add({ name: "eve", role: "admin" }), fails("NO_USERS_FILE"));
    const users = new Users(file);
    const token = users.add({ name: "alice", role: "operator" });
    chmodSync(file, 0o644);
    assert.throws(() => new Users(file), ConfigurationError);
    chmodSync(file, 0o600);
    writeFileSync(file, "[{}]");
    assert.throws(() => users.authenticate(token), ConfigurationError);
  });

  it("may do what their role and those before it may", () => {
    for (const [i, role] of userRoles.entries())
      for (const [j, needed] of userRoles.entries())
        assert.equal(mayActAs({ name: "x", role }, needed), i >= j);
  });
});
