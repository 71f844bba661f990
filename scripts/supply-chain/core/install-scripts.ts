import { type Installed, type Lock, type Manifest, nameOf } from "./manifest.ts";

const HOOKS = ["preinstall", "install", "postinstall"];

/**
 * Exactly the packages that are written down run code while they are installed.
 * @param installed by folder; those that are there
 * @returns a sentence for each that does and is not listed, or is listed and does not
 */
export function findScriptFaults(
  { allowScripts }: Manifest,
  lock: Lock,
  installed: ReadonlyMap<string, Installed>,
): readonly string[] {
  const running = new Set(
    [...lock.packages].filter(([, entry]) => entry.hasInstallScript).map(([path]) => nameOf(path)),
  );
  for (const [path, { scripts }] of installed)
    if (HOOKS.some((hook) => scripts[hook] !== undefined)) running.add(nameOf(path));
  return [
    ...[...running]
      .filter((name) => allowScripts[name] === undefined)
      .map(
        (name) =>
          `${name} runs a script while it is installed, and allowScripts in package.json does not name it: read the script, then allow it with true, or forbid it with false.`,
      ),
    ...Object.keys(allowScripts)
      .filter((name) => !running.has(name))
      .map(
        (name) => `${name} is named by allowScripts in package.json, and has no install script: take it off.`,
      ),
  ];
}
