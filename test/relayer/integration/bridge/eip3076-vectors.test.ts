import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { z } from "zod";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { foreignDomains, interchangeSchema } from "../../../../relayer/bridge/core/interchange.ts";
import { documentOf, domainOfChain, keyOf, pointOf, testCase } from "../../support/eip3076.ts";
import { repository } from "../../support/processes.ts";

const vectors = join(repository, "../shared/vectors/slashing-protection");
const isThere = existsSync(vectors);

/**
 * Cases that hold attestations alone. A lane has no source and target, so nothing can surround anything: they are imported, and
 * what they say about attestations has no equal here.
 */
const attestationsOnly = [
  "duplicate_pubkey_slashable_attestation",
  "multiple_interchanges_single_validator_first_surrounds_second",
  "multiple_interchanges_single_validator_second_surrounds_first",
  "multiple_interchanges_single_validator_single_att_out_of_order",
  "single_validator_genesis_attestation",
  "single_validator_out_of_order_attestations",
  "single_validator_resign_attestation",
  "single_validator_single_attestation",
  "single_validator_slashable_attestations_double_vote",
  "single_validator_slashable_attestations_surrounded_by_existing",
  "single_validator_slashable_attestations_surrounds_existing",
  "single_validator_source_greater_than_target",
  "single_validator_source_greater_than_target_sensible_iff_minified",
  "single_validator_source_greater_than_target_surrounded",
  "single_validator_source_greater_than_target_surrounding",
];

/**
 * What EIP-3076's minimal condition refuses and we sign: the very same root again, which its complete condition signs, too. A lost
 * answer must be given again, and a new epoch signs the same accumulators.
 */
const repetitions = ["single_validator_resign_block"];

const folder = mkdtempSync(join(tmpdir(), "dchat-vectors-"));
after(() => {
  rmSync(folder, { recursive: true });
});

type Step = z.infer<typeof testCase>["steps"][number];

/** Imports as the command does: the shape, then the domain, then all or nothing. */
function importStep(records: SqliteSigningRecords, step: Step, chain: string): boolean {
  const document = interchangeSchema.parse(documentOf(step.interchange));
  if (foreignDomains(document, new Set([domainOfChain(chain)])).length > 0) return false;
  const { closed } = records.import(document);
  // The other way round it does not hold: what lies behind an earlier import is slashable to EIP-3076, and just refused here.
  if (!step.contains_slashable_data) assert.equal(closed, 0);
  return true;
}

async function checkBlock(
  records: SqliteSigningRecords,
  block: Step["blocks"][number],
  { name, genesis_validators_root: chain }: z.infer<typeof testCase>,
): Promise<void> {
  const { accumulator = assert.fail("a block without a root"), ...point } = pointOf(block, chain);
  const { kind } = await records.checkAndRecord(keyOf(block.pubkey), { ...point, accumulator });
  const expected = repetitions.includes(name) ? block.should_succeed_complete : block.should_succeed;
  assert.equal(kind === "sign", expected, `slot ${block.slot}, root ${accumulator}: ${kind}`);
}

describe(
  "EIP-3076's interchange tests, blocks as points of one lane (needs ../shared/vectors/slashing-protection)",
  { skip: !isThere },
  () => {
    const cases = (isThere ? readdirSync(vectors).sort() : [])
      .filter((name) => name.endsWith(".json"))
      .map((name) => testCase.parse(JSON.parse(readFileSync(join(vectors, name), "utf8"))));

    it("are 38, and those without blocks are the ones that are listed", () => {
      assert.equal(cases.length, 38);
      const withoutBlocks = cases.filter(({ steps }) =>
        steps.every(
          ({ blocks, interchange }) =>
            blocks.length === 0 &&
            interchange.data.length > 0 &&
            interchange.data.every(({ signed_blocks: signed }) => signed.length === 0),
        ),
      );
      assert.deepEqual(
        withoutBlocks.map(({ name }) => name),
        attestationsOnly,
      );
    });

    for (const each of cases) {
      const left = each.steps.reduce((sum, { attestations }) => sum + attestations.length, 0);
      const part = attestationsOnly.includes(each.name)
        ? ": attestations alone, imported, nothing to check"
        : left > 0
          ? `: without its ${left} checks of attestations, which have no equal here`
          : "";
      it(`${each.name}${part}`, async () => {
        const records = new SqliteSigningRecords(join(folder, `${each.name}.sqlite`), { create: true });
        for (const step of each.steps) {
          assert.equal(importStep(records, step, each.genesis_validators_root), step.should_succeed);
          for (const block of step.blocks) await checkBlock(records, block, each);
        }
        records.close();
      });
    }
  },
);
