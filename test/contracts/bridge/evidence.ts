import { AbiCoder, keccak256 } from "ethers";
import { type Offence, OFFENCES } from "../../../relayer/bridge/core/slashing.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";

const slashing = Slashing__factory.createInterface();

/** keccak256(abi.encode(offence, evidence)): what `ISlashing.commitmentOf` is about. */
export function evidenceHashOf(offence: Offence, evidence: object): string {
  const submit = offence === "ExtendedDowntime" ? "claimDowntime" : (`submit${offence}` as const);
  const [input] = slashing.getFunction(submit).inputs;
  if (input === undefined) throw new Error("no evidence in the interface");
  const encoded = [OFFENCES.indexOf(offence), evidence];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["uint8", input], encoded));
}
