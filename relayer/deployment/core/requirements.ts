import type { ChainName } from "../../domain/ids.ts";

/** A question to a chain, asked by `eth_call`, that it answers as expected only if it has the feature. */
export type Probe = {
  /** What is looked for. */
  readonly feature: string;
  /** The fork of Ethereum that brought it, and what describes it. */
  readonly since: string;
  /** Who cannot do without: every chain, or those that shall have BLS. */
  readonly neededFor: "all" | "bls";
  /** A precompile; left out, `data` is run as the code that creates a contract. */
  readonly to?: string;
  readonly data: string;
  readonly answer: string;
};

const word = (value: bigint | number) => value.toString(16).padStart(64, "0");
const zeros = (bytes: number) => "00".repeat(bytes);
const precompile = (number: number) => `0x${number.toString(16).padStart(40, "0")}`;
/** Ends code that has its word at the memory's beginning: returns it. */
const RETURN_WORD = "60205ff3";

/** What the contracts' code takes. `test/relayer/unit/deployment/requirements.test.ts` holds it against the compiled code. */
export const probes: readonly Probe[] = [
  {
    feature: "the opcode PUSH0",
    since: "Shanghai, EIP-3855",
    neededFor: "all",
    data: `0x602a5f52${RETURN_WORD}`,
    answer: `0x${word(42)}`,
  },
  {
    feature: "the opcode MCOPY",
    since: "Cancun, EIP-5656",
    neededFor: "all",
    // Stores 42 in the first word, copies it to the second, and returns that.
    data: "0x602a5f5260205f60205e60206020f3",
    answer: `0x${word(42)}`,
  },
  {
    feature: "transient storage (TSTORE and TLOAD)",
    since: "Cancun, EIP-1153",
    neededFor: "all",
    data: `0x602a5f5d5f5c5f52${RETURN_WORD}`,
    answer: `0x${word(42)}`,
  },
  {
    feature: "the precompile for powers (0x05)",
    since: "Byzantium, EIP-198",
    neededFor: "all",
    to: precompile(0x05),
    data: `0x${[32, 32, 32, 3, 2, 5].map(word).join("")}`,
    answer: `0x${word(4)}`,
  },
  {
    feature: "the precompile for BLS12-381 sums in G1 (0x0b)",
    since: "Prague, EIP-2537",
    neededFor: "bls",
    to: precompile(0x0b),
    data: `0x${zeros(256)}`,
    answer: `0x${zeros(128)}`,
  },
  {
    feature: "the precompile for BLS12-381 sums in G2 (0x0d)",
    since: "Prague, EIP-2537",
    neededFor: "bls",
    to: precompile(0x0d),
    data: `0x${zeros(512)}`,
    answer: `0x${zeros(256)}`,
  },
  {
    feature: "the precompile for BLS12-381 pairings (0x0f)",
    since: "Prague, EIP-2537",
    neededFor: "bls",
    to: precompile(0x0f),
    data: `0x${zeros(384)}`,
    answer: `0x${word(1)}`,
  },
  {
    feature: "the opcode CLZ",
    since: "Osaka, EIP-7939",
    neededFor: "bls",
    data: `0x60011e5f52${RETURN_WORD}`,
    answer: `0x${word(255)}`,
  },
];

/** The most gas that a transaction may have since Osaka (EIP-7825). Every contract is deployed with less, wherever it is. */
export const MOST_GAS = 2n ** 24n;

/** What a chain answered to a probe; undefined when it refused to run it. */
export type Answer = { readonly probe: Probe; readonly answer: string | undefined };

/** What the answers mean for a chain: what stands in the way of deploying there, and whether it can have BLS. */
export function judge(
  chain: ChainName,
  answers: readonly Answer[],
): { readonly problems: readonly string[]; readonly notes: readonly string[]; readonly hasBls: boolean } {
  const missing = answers.filter(({ probe, answer }) => answer?.toLowerCase() !== probe.answer);
  const named = (wanted: Probe["neededFor"]) =>
    missing
      .filter(({ probe }) => probe.neededFor === wanted)
      .map(({ probe: { feature, since } }) => `${feature} (${since})`);
  const [needed, forBls] = [named("all"), named("bls")];
  return {
    problems:
      needed.length === 0
        ? []
        : [
            `Chain ${chain} has not: ${needed.join("; ")}. The contracts cannot run there, so nothing is deployed. Wait until the chain has the fork, or leave it out.`,
          ],
    notes:
      forBls.length === 0
        ? []
        : [
            `Chain ${chain} has not: ${forBls.join("; ")}. It gets Ed25519 only: no verifier for BLS is deployed there, and its Inbox refuses every set of BLS keys, for good.`,
          ],
    hasBls: forBls.length === 0,
  };
}
