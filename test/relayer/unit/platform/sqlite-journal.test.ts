import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SqliteTransactionJournal } from "../../../../relayer/platform/transactions/sqlite-journal.ts";
import type { RecordedAttempt, RecordedSlot } from "../../../../relayer/platform/transactions/journal.ts";

const owner = { chainId: 1, address: "0x00000000000000000000000000000000000000aa" };

const attempt = (nonce: number, number: number): RecordedAttempt => ({
  hash: `0x${nonce}-${number}`,
  purpose: "call",
  maxFeePerGas: BigInt(number + 1),
  maxPriorityFeePerGas: 1n,
  gasLimit: 21_000n,
  to: "0x",
  data: "0x",
  raw: `0x${nonce}`,
});

const slot = fc
  .record({
    nonce: fc.nat(200),
    state: fc.constantFrom("reserved", "broadcast", "included", "final", "abandoned" as const),
    more: fc.nat(3),
    hasWinner: fc.boolean(),
  })
  .map(({ nonce, state, more, hasWinner }): RecordedSlot => ({
    nonce,
    state,
    attempts: [attempt(nonce, 0), ...Array.from({ length: more }, (_, i) => attempt(nonce, i + 1))],
    ...(hasWinner ? { winner: attempt(nonce, 0).hash } : {}),
  }));

describe("a journal that two processes have open", () => {
  it("shows each of them what is in the file, whoever wrote it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), slot), { maxLength: 25 }), (writes) => {
        const folder = mkdtempSync(join(tmpdir(), "dchat-journal-"));
        const file = join(folder, "journal.db");
        const both = [
          new SqliteTransactionJournal(file, owner),
          new SqliteTransactionJournal(file, owner),
        ] as const;
        try {
          for (const [who, written] of writes) {
            both[who === 0 ? 0 : 1].write(written, 0);
            const fresh = new SqliteTransactionJournal(file, owner);
            const expected = fresh.slots();
            fresh.close();
            for (const journal of both) assert.deepEqual(journal.slots(), expected);
          }
        } finally {
          for (const journal of both) journal.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 25 },
    );
  });
});
