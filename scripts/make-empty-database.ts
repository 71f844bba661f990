// node scripts/make-empty-database.ts FOLDER: an empty PGlite database; the folder is there only once it is whole.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite } from "@electric-sql/pglite";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: make-empty-database FOLDER");
mkdirSync(dirname(folder), { recursive: true });
const unfinished = `${folder}.${process.pid}`;
try {
  await (await PGlite.create(unfinished)).close();
  renameSync(unfinished, folder);
} finally {
  rmSync(unfinished, { recursive: true, force: true });
}
