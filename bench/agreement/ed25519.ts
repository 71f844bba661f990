import { deployCombs } from "../../test/contracts/crypto/combs.ts";
import { differ } from "../../test/contracts/crypto/differential.ts";

const CASES = 100_000;
/** Cases on one chain: Hardhat keeps state for every block and call. */
const CASES_PER_CHAIN = 5_000;

/**
 * Differential test of Ed25519 in full length: random and mutated signatures, answered by noble's strict mode, by
 * `relayer/domain/ed25519.ts` and by the contracts, with and without registration. Throws at the first difference. Takes
 * half an hour.
 *
 * @returns how many cases there were and how many of the signatures were valid
 */
export async function measureAgreement(): Promise<Record<string, number>> {
  let valid = 0;
  for (let seed = 0; seed < CASES / CASES_PER_CHAIN; seed++) {
    valid += await differ(await deployCombs(), CASES_PER_CHAIN, seed);
    console.error(`${(seed + 1) * CASES_PER_CHAIN} cases agree, ${valid} of them valid`);
  }
  return { "ed25519.agreement.cases": CASES, "ed25519.agreement.valid": valid };
}
