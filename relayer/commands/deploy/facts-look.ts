import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { contractAt } from "../../deployment/core/layout.ts";
import { fail, type Look as Question, ok, warn } from "../doctor/finding.ts";
import type { ChainLook, Look } from "./look.ts";

/** What may change after deployment, held against the registry and the file. */
export function lookAtFacts(found: Look, chain: ChainLook): readonly Question[] {
  const { open, layout, contracts } = chain;
  const isThere = (key: string) =>
    contracts.some((contract) => contract.key === key && contract.state === "there");
  const inbox = isThere("inbox")
    ? [{ check: `${open.name}: inbox: set of validators`, look: () => inboxSet(found, chain) }]
    : [];
  const guarded = layout.contracts.filter(
    ({ key }) => isThere(key) && (key === "inbox" || key === "outbox" || key.startsWith("bridge.")),
  );
  return [
    ...inbox,
    ...guarded.map(({ key }) => ({
      check: `${open.name}: ${key}: guardian`,
      look: () => guardian(found, chain, key),
    })),
  ];
}

/** An Inbox believes the set that it has; only the registry forms sets. */
async function inboxSet({ chains }: Look, { open, layout }: ChainLook) {
  const home = chains.find((chain) => chain.layout.isHome);
  if (home === undefined) throw new Error("the schema requires a home chain");
  const [away, there] = [open.reader.rpc, home.open.reader.rpc];
  const inbox = Inbox__factory.connect(contractAt(layout, "inbox").address, away.provider);
  const registry = ValidatorRegistry__factory.connect(
    contractAt(home.layout, "registry").address,
    there.provider,
  );
  const epoch = await away.ask("eth_call", () => inbox.currentEpoch());
  const [has, formed] = await Promise.all([
    away.ask("eth_call", () => inbox.validatorSetHash(epoch)),
    there.ask("eth_call", () => registry.validatorSetHash(epoch)),
  ]);
  return has === formed
    ? ok(`the registry's of epoch ${epoch}`)
    : fail(
        `The Inbox listens to a set of epoch ${epoch} that the registry never formed: whoever is in it can mint and release everything that its limits allow. Pause the bridges on this chain now, and find out whether governance put it there.`,
      );
}

/** Governance may name another guardian; nobody should learn of it by a pause. */
async function guardian({ terms }: Look, { open, layout }: ChainLook, key: string) {
  const { rpc } = open.reader;
  // Outboxes and token bridges have the same getter.
  const contract = Inbox__factory.connect(contractAt(layout, key).address, rpc.provider);
  const [is, { guardian: named, deployer }] = [
    await rpc.ask("eth_call", () => contract.guardian()),
    terms.file,
  ];
  const expected = named === "deployer" ? deployer : named;
  return is === expected
    ? ok(is)
    : warn(
        `The guardian is ${is}, and the deployment file names ${expected}. If governance changed it, write it into the file.`,
      );
}
