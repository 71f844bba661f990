import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { FileArchive } from "../../../../relayer/speech/adapters/file-archive.ts";

const DAY_MILLISECONDS = 86_400_000;

describe("an archive", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-archive-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const now = Date.now();
  const keep = (archive: FileArchive, id: string, seconds: number) =>
    archive.keep({
      ...{ id, at: now, transcript: [id], outcome: "spoken" },
      samples: [new Int16Array(seconds * 16_000)],
    });
  const ids = (path: string) => [
    ...new Set(readdirSync(path).map((name) => name.replace(/^.*Z-/, "").replace(/\.\w+$/, ""))),
  ];

  it("forgets what is older than it shall keep", async () => {
    const path = join(folder, "days");
    const archive = new FileArchive(path, { days: 7, megabytes: 500 });
    await Promise.all(["old", "older", "new"].map((id) => keep(archive, id, 1)));
    for (const name of readdirSync(path))
      if (name.includes("old")) {
        const then = (now - 8 * DAY_MILLISECONDS) / 1_000;
        utimesSync(join(path, name), then, then);
      }
    await keep(archive, "newest", 1);
    assert.deepEqual(ids(path).sort(), ["new", "newest"]);
  });

  it("keeps no more than it may, whole recordings with their transcripts, the newest", async () => {
    const path = join(folder, "size");
    const archive = new FileArchive(path, { days: 7, megabytes: 1 });
    for (let index = 0; index < 6; index++)
      await archive.keep({
        ...{ id: `u-${index}`, at: now + index, transcript: [], outcome: "spoken" },
        samples: [new Int16Array(160_000)],
      });
    assert.deepEqual(ids(path).sort(), ["u-3", "u-4", "u-5"]);
    assert.equal(readdirSync(path).length, 6);
  });
});
