import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { id, ZeroHash } from "ethers";
import {
  digestAgreement,
  orZero,
  readDuration,
  readMilestone,
  readPayee,
  readSalt,
  readShare,
  readWhen,
  secondOf,
} from "../../../../relayer/commands/escrow/options.ts";
import { UsageError } from "../../../../relayer/domain/errors.ts";

const account = "0x00000000000000000000000000000000000000B1";
const midnight = BigInt(Date.UTC(2027, 0, 31) / 1_000);

describe("what users write about escrows", () => {
  it("durations and moments", () => {
    const durations = ["90s", "5m", "2h", "3d", "1w"].map(readDuration);
    assert.deepEqual(durations, [90n, 300n, 7_200n, 259_200n, 604_800n]);
    const moments = ["2027-01-31", "2027-01-31T00:00:30Z", "2027-01-31T02:00+02:00", "+1d"].map(readWhen);
    const seconds = moments.map((when) => secondOf(when, 100n));
    assert.deepEqual(seconds, [midnight, midnight + 30n, midnight, 86_500n]);
  });

  it("payees and milestones, one after the other", () => {
    const payees = readPayee(`${account}:2500`, readPayee(`${account}:7500`));
    assert.deepEqual(
      payees.map(({ share }) => share),
      [7_500n, 2_500n],
    );
    const milestones = readMilestone("2@2027-01-31", readMilestone("0.5@+1d"));
    assert.deepEqual(milestones, [
      { amount: "0.5", when: { after: 86_400n } },
      { amount: "2", when: { at: midnight } },
    ]);
  });

  it("an agreement: a file's bytes, a text, or none", () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-agreement-"));
    const file = join(folder, "deal.txt");
    writeFileSync(file, "two chairs");
    assert.equal(digestAgreement(file), id("two chairs"));
    assert.equal(digestAgreement("two chairs"), id("two chairs"));
    assert.equal(digestAgreement(undefined), ZeroHash);
    rmSync(folder, { recursive: true });
  });

  it("nothing, for the buyer of a ruling", () => {
    const never = () => assert.fail("is not asked");
    assert.deepEqual(
      ["0", "0.0", "00"].map((text) => orZero(text, never)),
      [0n, 0n, 0n],
    );
    assert.equal(
      orZero("0.1", () => 7n),
      7n,
    );
  });

  const wrong: readonly (readonly [string, () => unknown])[] = [
    ...["", "3", "d", "-1d", "1.5d", "3y"].map(
      (text) => [`the duration "${text}"`, () => readDuration(text)] as const,
    ),
    ...["", "tomorrow", "2027-02-30", "2027-13-01", "2027-01-31T12:00", "31.1.2027", "+", "1800000000"].map(
      (text) => [`the moment "${text}"`, () => readWhen(text)] as const,
    ),
    ...["-1", "10001", "2.5", "1%"].map((text) => [`the share "${text}"`, () => readShare(text)] as const),
    ["a payee without a share", () => readPayee(account)],
    ["a payee of three parts", () => readPayee(`${account}:1:2`)],
    ["a payee that is no account", () => readPayee("0x12:100")],
    ["a milestone without a date", () => readMilestone("5")],
    ["a salt of 97 bits", () => readSalt(String(2n ** 96n))],
    ["an agreement in a file that is not there", () => digestAgreement("agreements/none.pdf")],
  ];
  for (const [what, read] of wrong)
    it(`${what} is refused`, () => {
      assert.throws(
        read,
        (error) => error instanceof UsageError && error.message.includes("Nothing was done"),
      );
    });
});
