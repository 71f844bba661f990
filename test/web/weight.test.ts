import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { repository } from "../relayer/support/processes.ts";

const folder = join(repository, "web/dist/wallet");
/** Bytes, gzipped; of the page as it is opened, and of all that it may load later. */
const MOST_AT_FIRST = 140_000;
const MOST_IN_ALL = 170_000;

const weigh = (path: string) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length;

describe("the weight of the built wallet page", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");

  it(`is at most ${MOST_AT_FIRST} bytes when it is opened`, () => {
    const loaded = [...html.matchAll(/(?:src|href)="\/wallet\/(assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    assert(loaded.some((path) => path.endsWith(".js")) && loaded.some((path) => path.endsWith(".css")));
    const bytes = ["index.html", ...loaded].reduce((sum, path) => sum + weigh(path), 0);
    assert(bytes <= MOST_AT_FIRST, `${bytes} bytes`);
  });

  it(`is at most ${MOST_IN_ALL} bytes with everything`, () => {
    const all = readdirSync(join(folder, "assets")).map((name) => `assets/${name}`);
    const bytes = all.reduce((sum, path) => sum + weigh(path), 0);
    assert(bytes <= MOST_IN_ALL, `${bytes} bytes`);
  });

  it("holds no script and no style in its text, and the code of no contract", () => {
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=/);
    for (const name of readdirSync(join(folder, "assets")))
      assert.doesNotMatch(readFileSync(join(folder, "assets", name), "utf8"), /0x60[0-9a-f]{1000}/, name);
  });
});
