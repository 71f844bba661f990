import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { repository, start, until, type Running } from "./processes.ts";

/** PATH without this checkout's own tools. */
const systemPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

/**
 * A checkout in a temporary folder with the real bootstrap and with stand-ins for npm, hardhat and vite, which write what
 * they are asked to do into a log.
 */
export class Checkout implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "dchat-bootstrap-"));
  readonly bin = join(this.root, "bin");
  readonly #log = join(this.root, "log");
  readonly #running: Running[] = [];

  constructor() {
    for (const path of ["bootstrap", "bootstrap.mjs"]) {
      cpSync(join(repository, "scripts", path), join(this.root, "scripts", path), { recursive: true });
    }
    this.write("log", "");
    this.write("hardhat.config.ts", "");
    this.write("contracts/A.sol", "contract A {}");
    for (const file of ["vite.config.ts", "without-bytecode.ts"]) this.write(`web/${file}`, "");
    for (const folder of [
      ...["dapp", "dashboard", "shared"].map((page) => `web/${page}`),
      ...["domain", "api", "escrow/core", "chaos/core"].map((part) => `relayer/${part}`),
    ])
      this.write(`${folder}/a.ts`, "");
    this.lockNode("24.21.0");
    this.program("bin/npm", this.npm(`ln -s "${process.execPath}" node_modules/.bin/node`));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  program(path: string, body: string): void {
    this.write(path, `#!/bin/sh\nset -e\n${body}\n`);
    chmodSync(join(this.root, path), 0o755);
  }

  /** The body of a stand-in for `npm ci`; `node` is how it places node_modules/.bin/node. */
  npm(node: string): string {
    return `echo "npm starts" >> "${this.#log}"
rm -rf node_modules
sleep 0.2
mkdir -p node_modules/.bin node_modules/@nomicfoundation/edr
echo > node_modules/@nomicfoundation/edr/index.js
cp "${this.root}/hardhat" "${this.root}/vite" node_modules/.bin/
${node}
echo "npm ends" >> "${this.#log}"`;
  }

  /** Writes a lock file that pins this version of Node. */
  lockNode(version: string): void {
    this.program(
      "vite",
      `echo "vite $*" >> "${this.#log}"\nmkdir -p web/dist/dapp web/dist/dashboard\necho > web/dist/dapp/index.html\necho > web/dist/dashboard/index.html`,
    );
    this.program("hardhat", `echo "hardhat $*" >> "${this.#log}"\nmkdir -p artifacts types`);
    this.write("package-lock.json", JSON.stringify({ packages: { "node_modules/node": { version } } }));
  }

  /** What the stand-ins were asked to do since the last call. */
  takeLog(): string[] {
    const lines = readFileSync(this.#log, "utf8").split("\n").slice(0, -1);
    writeFileSync(this.#log, "");
    return lines;
  }

  /** Waits until a stand-in for npm has written its pid into npm.pid. */
  async pidOfNpm(): Promise<number> {
    const path = join(this.root, "npm.pid");
    const text = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
    await until("npm runs", () => text().endsWith("\n"));
    return Number(text());
  }

  /** Starts the bootstrap of this checkout with the stand-ins first on the PATH. */
  bootstrap(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const all: NodeJS.ProcessEnv = {
      ...process.env,
      REDIS_URL: undefined,
      PATH: `${this.bin}${delimiter}${systemPath}`,
      ...env,
    };
    for (const key of Object.keys(all)) if (/^npm_|^DCHAT_/.test(key) && !(key in env)) all[key] = undefined;
    const running = start(process.execPath, [join(this.root, "scripts/bootstrap.mjs"), ...args], {
      cwd: this.root,
      env: all,
    });
    this.#running.push(running);
    return running;
  }

  [Symbol.dispose](): void {
    for (const { child } of this.#running) child.kill("SIGKILL");
    rmSync(this.root, { recursive: true });
  }
}
