import { ValidatorRegistry__factory } from "../../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { type Address, publicKey, type PublicKey } from "../../../domain/ids.ts";
import { decodeSet } from "../../../domain/validator-set.ts";
import type { FormedEvidence, HomeEvidence } from "../../core/checker/evidence.ts";
import type { CheckedNode } from "./node.ts";

/** The sets that the registry has formed up to a block, and what their members had bonded. */
export async function readHome(registry: Address, node: CheckedNode, to: number): Promise<HomeEvidence> {
  const contract = ValidatorRegistry__factory.connect(registry, node.provider);
  const { ValidatorSetFormed, MembersElected } = contract.filters;
  const formed = await node.logs(to, (from, until) =>
    contract.queryFilter(ValidatorSetFormed(), from, until),
  );
  const elected = await node.logs(to, (from, until) => contract.queryFilter(MembersElected(), from, until));
  const members = new Map(elected.map(({ log }) => [log.args.epoch, log.args[1]]));
  const sets: FormedEvidence[] = [];
  for (const { log } of formed) {
    const set = decodeSet(log.args.set);
    const stakes = new Map<PublicKey, bigint>();
    for (const key of members.get(set.epoch) ?? [])
      stakes.set(
        publicKey.parse(key),
        await node.ask("eth_call", () => contract.stakeAt(key, set.epoch, { blockTag: to })),
      );
    sets.push({ set, stakes });
  }
  return { chainId: node.chainId, registry, sets };
}
