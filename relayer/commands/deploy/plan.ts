import { formatEther, formatUnits } from "ethers";
import { table } from "../../platform/table.ts";
import type { Environment } from "../../platform/environment.ts";
import type { LocalContext } from "../context.ts";
import { type ChainLook, look, type Look } from "./look.ts";
import { type DeployOptions, withDeploySession } from "./session.ts";

/**
 * `dchat deploy plan`: what will be deployed where, what it costs, and what stands in the way. Reads the chains, and sends nothing.
 * @returns whether nothing stands in the way
 */
export async function plan(
  path: string,
  options: DeployOptions,
  { output }: LocalContext,
  environment: Environment,
): Promise<boolean> {
  return withDeploySession(path, options, environment, async (session) => {
    output.step(`looking at ${session.chains.map(({ name }) => name).join(", ")}`);
    const found = await look(session);
    const view = viewOf(found);
    output.result(
      { deployment: session.file.name, deployer: session.file.deployer, ...view },
      describe(found),
    );
    return view.ready;
  });
}

/** The plan as JSON. Amounts are in wei, as decimal strings. */
function viewOf({ chains, problems, notes, first }: Look) {
  return {
    ready: problems.length === 0,
    problems,
    notes,
    waitsFor: first.waitsFor ?? null,
    chains: chains.map(({ open: { name, entry }, layout, purse, dataFee, cost, contracts }) => ({
      chain: name,
      chainId: Number(entry.chainId),
      hasBls: layout.hasBls,
      gasPrice: purse.gasPrice.toString(),
      balance: purse.balance.toString(),
      dataFee: dataFee?.toString() ?? null,
      cost: cost.toString(),
      contracts: contracts.map(({ key, contract, address, state, gas }) => ({
        ...{ key, contract, address, state },
        gas: gas.toString(),
      })),
    })),
  };
}

/** The plan for people: a table for each chain, what it costs, and what is in the way. */
export function describe({ chains, problems, notes, first }: Look): string {
  return [
    ...chains.map(describeChain),
    ...(first.waitsFor === undefined
      ? []
      : [`Inboxes and token bridges wait for validators: ${first.waitsFor}.`]),
    ...notes.map((note) => `note: ${note}`),
    ...problems.map((problem) => `problem: ${problem}`),
    problems.length === 0
      ? "Nothing stands in the way."
      : "Nothing will be sent before the problems are solved.",
  ].join("\n");
}

function describeChain({ open: { name, entry }, purse, dataFee = 0n, cost, contracts }: ChainLook): string {
  const rows = contracts.map(({ key, contract, address, state, gas }) => [
    ...[key, contract, address, state],
    gas === 0n ? "" : gas.toString(),
  ]);
  const gas = contracts.reduce((sum, contract) => sum + contract.gas, 0n);
  const data = dataFee === 0n ? "" : `, of which ${formatEther(dataFee)} for its data on L1`;
  return [
    `${name} (chain id ${entry.chainId})`,
    table(["key", "contract", "address", "state", "gas"], rows),
    `about ${gas} gas at ${formatUnits(purse.gasPrice, "gwei")} gwei: ${formatEther(cost)}${data}; the deployer has ${formatEther(purse.balance)}`,
    "",
  ].join("\n");
}
