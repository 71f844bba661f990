import { lie, load, reporter, validator, ZERO_HASH } from "../../test/contracts/bridge/slashing-world.ts";

/**
 * Gas of evidence: `gasUsed` of the whole transaction that reveals it, of a validator whose key has a table, by a reporter who
 * never had a reward before. The commitment was another transaction.
 */

/** Measures everything. */
export async function slashingGas(): Promise<Record<string, number>> {
  const { world } = await load();
  const place = await world.place(7);
  const [first, second] = [world.signed(0, place, lie("one")), world.signed(0, place, lie("another"))];
  const evidence = { key: validator(0).key, place, first, second };
  await world.commit("DoubleSigning", evidence);
  const sent = await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
  const receipt = await sent.wait();
  if (receipt?.status !== 1) throw new Error("the evidence was refused");
  return { "slashing.doubleSigning": Number(receipt.gasUsed) };
}
