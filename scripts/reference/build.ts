// Writes the reference to docs/reference: contracts from their NatSpec, the HTTP API from its schemas, TypeScript from its docstrings.
//
//   node scripts/reference/build.ts [--check]
//
// --check writes nothing and ends with 1 if anything that is offered has no documentation.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { errorView } from "../../relayer/api/schema.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { findUndocumented, pageOf } from "./core/contracts-pages.ts";
import { httpPage, openApi } from "./core/openapi.ts";
import { readUnits } from "./contracts.ts";
import { ROUTES } from "./http-routes.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "docs/reference");
const pages = join(root, ".dchat/reference");
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

const units = readUnits();
const undocumented = findUndocumented(units);
for (const line of undocumented) console.error(line);
if (!values.check) writePages();
// Its documents are our pages, beside the TypeScript.
const documents = [join(pages, "http.md"), join(pages, "contracts/*.md")].flatMap((path) => [
  "--projectDocuments",
  path,
]);
const options = values.check ? ["--emit", "none"] : ["--out", folder, ...documents];
const typedoc = spawnSync("typedoc", options, { cwd: root, stdio: "inherit" });
if (undocumented.length > 0 || typedoc.status !== 0) process.exitCode = exitCodes.failure;
else if (!values.check) console.log("The reference is in docs/reference; begin with index.html.");

function writePages(): void {
  rmSync(folder, { recursive: true, force: true });
  rmSync(pages, { recursive: true, force: true });
  for (const path of [folder, join(pages, "contracts")]) mkdirSync(path, { recursive: true });
  for (const unit of units.filter(({ kind }) => kind !== "contract"))
    writeFileSync(join(pages, "contracts", `${fileNameOf(unit)}.md`), pageOf(unit));
  writeFileSync(join(pages, "http.md"), httpPage(ROUTES));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  writeFileSync(
    join(folder, "openapi.json"),
    `${JSON.stringify(openApi(ROUTES, version, errorView), undefined, 2)}\n`,
  );
}

function fileNameOf({ name, file }: (typeof units)[number]): string {
  return name === "" ? (file.split("/").at(-1) ?? file).replace(".sol", "-types") : name;
}
