// Completes package-lock.json with the optional packages that npm left out, so that `npm ci` takes it everywhere.
//
//   node scripts/complete-lock.mjs [--check]
//
// npm drops an optional package from the lock file when the registry it asked did not have it (a mirror that lacks the
// native builds for other systems, say), and `npm ci` then refuses the lock file as out of sync. Run this after every
// `npm install`. --check changes nothing and exits with 1 if something is missing.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The words in the names of native packages, as in @nomicfoundation/edr-linux-arm64-musl.
const SYSTEMS = "aix android darwin freebsd linux netbsd openbsd openharmony sunos win32".split(" ");
const PROCESSORS = "arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64".split(" ");

/** Whether a package at `from` finds `name` on the way up to the top. */
function resolves(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === "") return false;
  }
}

function entryFor(name, range, parent) {
  const words = name.split("/").at(-1).split("-");
  const among = (known) => known.filter((word) => words.includes(word));
  const list = (key, values) => (values.length > 0 ? { [key]: values } : {});
  return {
    version: range.replace(/^[\^~]/, ""),
    ...list("cpu", among(PROCESSORS)),
    ...(parent.dev ? { dev: true } : {}),
    optional: true,
    ...list("os", among(SYSTEMS)),
  };
}

function findMissing(packages) {
  return Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !resolves(packages, path, name))
      .map(([name, range]) => [`node_modules/${name}`, entryFor(name, range, parent)]),
  );
}

const path = join(dirname(fileURLToPath(import.meta.url)), "../package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = findMissing(lock.packages);
const names = missing.map(([name]) => name.replace("node_modules/", "")).join(", ");
if (missing.length === 0) {
  console.log("package-lock.json is complete.");
} else if (process.argv.includes("--check")) {
  console.error(`package-lock.json lacks ${names}: run \`node scripts/complete-lock.mjs\` and commit it.`);
  process.exitCode = 1;
} else {
  const sorted = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`);
  console.log(`Added ${names}.`);
}
