import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { repository } from "../relayer/support/processes.ts";

const folder = join(repository, "web/dist");
/** Bytes, gzipped: of the wallet page as it is opened, and of all that it may load later. */
const WALLET = { atFirst: 140_000, inAll: 170_000 };
/** Of the dashboard with everything that it may load, beside what both pages load; and of that. */
const DASHBOARD = { own: 60_000, shared: 60_000 };

const weigh = (path: string) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length;
const weighAll = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + weigh(path), 0);

/** A page, what it loads when it is opened, and what that may load later. */
function filesOf(page: "dashboard" | "dapp") {
  const html = `${page}/index.html`;
  const text = readFileSync(join(folder, html), "utf8");
  const atFirst = new Set(
    [...text.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].flatMap(([, path]) => path ?? []),
  );
  const inAll = new Set(atFirst);
  for (const path of inAll)
    // grows while it is gone through
    if (/\.(js|css)$/.test(path))
      for (const [, name] of readFileSync(join(folder, path), "utf8").matchAll(
        /["'`(](?:\.\/|\/?assets\/)([\w.-]+\.(?:js|css|svg))["'`)]/g,
      ))
        inAll.add(`assets/${name ?? ""}`);
  return { html, text, atFirst, inAll };
}

const [wallet, dashboard] = [filesOf("dapp"), filesOf("dashboard")];
const shared = [...dashboard.inAll].filter((path) => wallet.inAll.has(path));
const all = new Set([...dashboard.inAll, ...wallet.inAll]);

describe("the weight of the built pages", () => {
  it("knows of every file that was built", () => {
    const built = readdirSync(join(folder, "assets")).map((name) => `assets/${name}`);
    const isCompressed = (path: string) => /\.(gz|br)$/.test(path);
    assert.deepEqual([...all].sort(), built.filter((path) => !isCompressed(path)).sort());
    for (const path of all) for (const end of ["gz", "br"]) assert(built.includes(`${path}.${end}`), path);
    for (const { atFirst } of [wallet, dashboard])
      assert([".js", ".css"].every((end) => [...atFirst].some((path) => path.endsWith(end))));
  });

  it(`of the wallet page is at most ${WALLET.atFirst} bytes when it is opened, and ${WALLET.inAll} with everything`, () => {
    const atFirst = weigh(wallet.html) + weighAll(wallet.atFirst);
    const inAll = weigh(wallet.html) + weighAll(wallet.inAll);
    assert(atFirst <= WALLET.atFirst && inAll <= WALLET.inAll, `${atFirst} and ${inAll} bytes`);
  });

  it(`of the dashboard with everything is at most ${DASHBOARD.own} bytes beside what both pages load`, () => {
    const own =
      weigh(dashboard.html) + weighAll([...dashboard.inAll].filter((path) => !wallet.inAll.has(path)));
    const common = weighAll(shared);
    assert(own <= DASHBOARD.own && common <= DASHBOARD.shared, `${own} and ${common} bytes`);
    assert(shared.some((path) => path.endsWith(".js")) && shared.some((path) => path.endsWith(".css")));
  });

  it("holds no script and no style in its text, and the code of no contract", () => {
    for (const { text } of [wallet, dashboard])
      assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=/);
    for (const path of all)
      assert.doesNotMatch(readFileSync(join(folder, path), "utf8"), /0x60[0-9a-f]{1000}/, path);
  });
});
