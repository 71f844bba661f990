import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import type { DeploymentFile, DeploymentToken } from "../../domain/deployment-file.ts";
import type { ChainReader } from "../../deployment/adapters/chain-reader.ts";
import { lockedToken } from "../../deployment/core/tokens.ts";
import type { OpenChain } from "./session.ts";

/** What is wrong with the tokens that are to be locked: a bridge that holds nothing, or counts wrongly, cannot be mended afterwards. */
export async function tokenProblems(
  file: DeploymentFile,
  chains: readonly OpenChain[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(file.tokens).map(async ([symbol, token]) => {
      const chain = chains.find(({ name }) => name === token.origin);
      const problem = chain && (await problemOf(file, token, chain.reader));
      return problem === undefined ? [] : [`Chain ${token.origin}: tokens.${symbol}: ${problem}`];
    }),
  );
  return found.flat();
}

async function problemOf(
  file: DeploymentFile,
  token: DeploymentToken,
  reader: ChainReader,
): Promise<string | undefined> {
  const at = lockedToken(file, token);
  if ((await reader.code(at)) === "0x")
    return `there is no contract at ${at}, which is to be locked. Correct the address.`;
  const contract = BridgedToken__factory.connect(at, reader.rpc.provider);
  const decimals = Number(await reader.rpc.ask("eth_call", () => contract.decimals()));
  return decimals === token.decimals
    ? undefined
    : `${at} has ${decimals} decimals, not ${token.decimals}: amounts would be wrong by powers of ten. Correct it.`;
}
