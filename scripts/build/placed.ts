import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "vite";

/** Stands in a chunk for the way from it to the root of the build, until it is known where the chunk lies. */
const ROOT = "__BUILD_ROOT__/";
/** What a module finds beside itself: the part before the first `${`, if it is a template. */
const BESIDE = /new URL\(\s*(["`])([^"`$]+)([^"`]*)\1,\s*import\.meta\.url\)/g;

type Emit = (
  file:
    | { readonly type: "chunk"; readonly id: string; readonly fileName: string }
    | { readonly type: "asset"; readonly fileName: string; readonly source: Uint8Array },
) => unknown;

/**
 * Lets modules of `folder` find what lies beside them although a bundle moves their code: `import.meta.url` stays the place that the module
 * has in the sources, below the build's root, and what is named by `new URL("…", import.meta.url)` is put there. A program (`.ts`) becomes a
 * chunk of its own, `.js`; of a template all files below its fixed part are taken.
 *
 * @param root the checkout
 * @param folder whose modules these are, below the root
 */
export function placed(root: string, folder: string): Plugin {
  return {
    name: "placed",
    enforce: "pre",
    transform(code, id) {
      const module = relative(root, id);
      if (!module.startsWith(`${folder}/`) || !code.includes("import.meta.url")) return undefined;
      const emit: Emit = (file) => this.emitFile(file);
      const moved = code.replace(BESIDE, (whole, quote: string, fixed: string, rest: string) => {
        const target = join(dirname(id), fixed);
        const isProgram = rest === "" && fixed.endsWith(".ts");
        if (isProgram) emit({ type: "chunk", id: target, fileName: asProgram(relative(root, target)) });
        else emitFiles(root, target, emit);
        return isProgram ? `new URL(${quote}${asProgram(fixed)}${quote}, import.meta.url)` : whole;
      });
      const place = `new URL("${ROOT}${asProgram(module)}", import.meta.url).href`;
      return { code: moved.replaceAll("import.meta.url", place), map: null };
    },
    renderChunk(code, { fileName }) {
      const up = "../".repeat(fileName.split("/").length - 1) || "./";
      return code.includes(ROOT) ? { code: code.replaceAll(ROOT, up), map: null } : null;
    },
  };
}

/** Where Node finds the JavaScript of a module. */
function asProgram(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

/** Takes a file, or all below a folder, to the same place in the build. What is made at run time is not there yet. */
function emitFiles(root: string, target: string, emit: Emit): void {
  const found = statSync(target, { throwIfNoEntry: false });
  const files = found?.isDirectory() === true ? globSync("**/*", { cwd: target, withFileTypes: true }) : [];
  const paths =
    found?.isFile() === true ? [target] : files.map(({ parentPath, name }) => join(parentPath, name));
  for (const path of paths.filter((path) => statSync(path).isFile()))
    emit({ type: "asset", fileName: relative(root, path), source: readFileSync(path) });
}
