import { AbiCoder, dataLength, Interface } from "ethers";
import { z } from "zod";
import type { ValidatorSet } from "../../domain/bridge.ts";
import type { Hash } from "../../domain/ids.ts";
import { decodeSet } from "../../domain/validator-set.ts";
import { readArtifact } from "../../deployment/adapters/artifacts.ts";
import { type SeenCreation, splitInitCode } from "../../deployment/adapters/chain-reader.ts";
import { initCode } from "../../deployment/adapters/init-code.ts";
import type { Terms } from "../../deployment/adapters/site.ts";
import { isSameCode } from "../../deployment/core/code.ts";
import { fail, ok, warn } from "../doctor/finding.ts";
import type { ChainLook, ContractLook } from "./look.ts";

/** Holds what a contract was created with against the plan: that settles everything that never changes, also what no getter shows. */
export async function lookAtConstructor(
  terms: Terms,
  { open: { reader }, layout }: ChainLook,
  contract: ContractLook,
  recorded: Hash | undefined,
) {
  const transaction =
    recorded ?? (await reader.findCreation(contract.address, reader.rpc.chain.deploymentBlock));
  const creation = transaction && (await reader.creation(transaction));
  if (creation === undefined)
    return warn(
      "The transaction that created it cannot be found with this provider, so what its constructor was told is not known. Ask a provider that has old transactions.",
    );
  if (creation.salt !== contract.salt || creation.from.toLowerCase() !== terms.file.deployer.toLowerCase())
    return fail(
      `Transaction ${creation.transaction} in the addresses file is not the one that created ${contract.address}. Remove it from the file and look again.`,
    );
  const firstSet = contract.contract === "Inbox" ? firstSetOf(creation) : terms.firstSet;
  const planned = await initCode(layout, contract.key, { ...terms, firstSet });
  if (planned === undefined) return warn("There is no plan for it without a set of validators.");
  const argumentBytes = dataLength(planned) - dataLength(readArtifact(contract.contract).bytecode);
  const [actual, expected] = [
    splitInitCode(creation.initCode, argumentBytes),
    splitInitCode(planned, argumentBytes),
  ];
  if (!isSameCode(actual.code, expected.code, []))
    return fail(
      `It was created by other code than was compiled here, in transaction ${creation.transaction}. It may do anything with what is sent there. Send nothing.`,
    );
  return actual.args === expected.args
    ? ok(`as the deployment file says, by transaction ${creation.transaction}`)
    : fail(
        `Its constructor was told something else than the deployment file says, and nobody can change that: ${differences(contract, actual.args, expected.args)}. What is sent through it goes by what it was told. Correct the file if it is wrong; else deploy anew with another salt.`,
      );
}

/** The set that an Inbox was created with. */
function firstSetOf({ initCode: code }: SeenCreation): ValidatorSet | undefined {
  const { abi, bytecode } = readArtifact("Inbox");
  const { inputs } = new Interface(JSON.stringify(abi)).deploy;
  const { args } = splitInitCode(code, dataLength(code) - dataLength(bytecode));
  const [, [, , first]] = inboxArguments.parse(AbiCoder.defaultAbiCoder().decode(inputs, args).toArray(true));
  const [epoch, expiresAt, overlap, threshold, scheme, members] = first;
  return decodeSet({ epoch, expiresAt, overlap, threshold, scheme, members });
}

/** Of an Inbox's arguments: where its sets come from, and of that the third: the one to begin with. */
const inboxArguments = z
  .tuple([
    z.unknown(),
    z.tuple([
      z.unknown(),
      z.unknown(),
      z.tuple([z.bigint(), z.bigint(), z.bigint(), z.bigint(), z.bigint(), z.array(z.string())]),
    ]),
  ])
  .rest(z.unknown());

/** Which arguments differ, by name. */
function differences({ contract }: ContractLook, actual: string, expected: string): string {
  const { inputs } = new Interface(JSON.stringify(readArtifact(contract).abi)).deploy;
  const decode = (data: string): readonly string[] => {
    try {
      return AbiCoder.defaultAbiCoder().decode(inputs, data).toArray(true).map(shown);
    } catch {
      return []; // not even of the same form
    }
  };
  const [is, shouldBe] = [decode(actual), decode(expected)];
  const named = inputs.flatMap(({ name }, i) =>
    is[i] === shouldBe[i] ? [] : [`${name} is ${is[i] ?? "unreadable"}, not ${shouldBe[i] ?? "unreadable"}`],
  );
  return named.join("; ");
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
}
