import { ZeroAddress } from "ethers";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { LaneWitness__factory } from "../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Timelock__factory } from "../../../types/ethers-contracts/factories/bridge/Timelock__factory.ts";
import { BLS12381KeySets__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381KeySets__factory.ts";
import { BLS12381SetVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381SetVerifier__factory.ts";
import { BLS12381Verifier__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381Verifier__factory.ts";
import { Ed25519CombBatchVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519CombBatchVerifier__factory.ts";
import { Ed25519CombVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519CombVerifier__factory.ts";
import { Ed25519KeyRegistry__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519KeyRegistry__factory.ts";
import { Ed25519Verifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519Verifier__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { bytes, type Bytes } from "../../domain/ids.ts";
import { encodeSet } from "../../domain/validator-set.ts";
import { type ChainLayout, contractAt, type ContractName } from "../core/layout.ts";
import { homeCreators } from "./home-code.ts";
import { type Creation, Site, type Terms } from "./site.ts";
import { tokenCreators } from "./token-code.ts";

/** What creates a contract of a site: what was compiled, and what its constructor is told. */
type Creator = (site: Site, key: string) => Promise<Creation>;

const creators: Readonly<Record<ContractName, Creator>> = {
  ...homeCreators,
  ...tokenCreators,
  Ed25519KeyRegistry: () => new Ed25519KeyRegistry__factory().getDeployTransaction(),
  Ed25519Verifier: () => new Ed25519Verifier__factory().getDeployTransaction(),
  Ed25519CombBatchVerifier: (site) =>
    new Ed25519CombBatchVerifier__factory().getDeployTransaction(site.at("keys")),
  Ed25519CombVerifier: (site) => new Ed25519CombVerifier__factory().getDeployTransaction(site.at("keys")),
  BLS12381KeySets: () => new BLS12381KeySets__factory().getDeployTransaction(),
  BLS12381Verifier: () => new BLS12381Verifier__factory().getDeployTransaction(),
  BLS12381SetVerifier: (site) => new BLS12381SetVerifier__factory().getDeployTransaction(site.at("keySets")),
  Timelock: (site) => {
    const { proposers, delaySeconds } = site.terms.file.governance;
    const accounts = proposers.map((party) => site.account(party));
    // Anybody may execute what is due: that is what the zero address stands for.
    return new Timelock__factory().getDeployTransaction(delaySeconds, accounts, [ZeroAddress]);
  },
  Outbox: (site) => new Outbox__factory().getDeployTransaction(site.at("timelock"), site.guardian),
  LaneWitness: (site) => {
    const slashing = contractAt(site.home, "slashing").address;
    return new LaneWitness__factory().getDeployTransaction(site.at("outbox"), site.home.chainId, slashing);
  },
  Escrow: () => new Escrow__factory().getDeployTransaction(),
  Inbox: createInbox,
};

/**
 * The code that creates the contract `key` of a chain.
 * @returns undefined for an Inbox before there is a set to begin with
 */
export async function initCode(chain: ChainLayout, key: string, terms: Terms): Promise<Bytes | undefined> {
  const { contract } = contractAt(chain, key);
  if (contract === "Inbox" && terms.firstSet === undefined) return undefined;
  const { data } = await creators[contract](new Site(chain, terms), key);
  return bytes.parse(data);
}

function createInbox(site: Site): Promise<Creation> {
  const { firstSet } = site.terms;
  if (firstSet === undefined) throw new Error("an Inbox is created with a set");
  const sets = {
    chainId: site.home.chainId,
    registry: contractAt(site.home, "registry").address,
    first: encodeSet(firstSet),
  };
  const origins = site.others.map((origin) => ({
    chainId: origin.chainId,
    outbox: contractAt(origin, "outbox").address,
  }));
  return new Inbox__factory().getDeployTransaction(
    site.quorumVerifiers,
    sets,
    origins,
    site.at("timelock"),
    site.guardian,
  );
}
