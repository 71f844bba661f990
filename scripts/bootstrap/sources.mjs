import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * One hash over the names and the bytes of many files: another one as soon as any of them changed.
 *
 * @param {string} root the checkout
 * @param {string[]} paths files and folders in it
 * @param {(path: string) => boolean} [counts] which files of folders do
 * @returns {string} in hexadecimal digits
 */
export function hashSources(root, paths, counts = () => true) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((each) => listFiles(root, each, counts))) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

function listFiles(root, path, counts) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => listFiles(root, `${path}/${name}`, counts))
    .filter(counts);
}
