import { toBeHex, ZeroHash } from "ethers";
import fc from "fast-check";
import { decodeSet, encodeSet, setHash } from "../../../../relayer/domain/validator-set.ts";
import { digestOf, domainOf } from "../../../../relayer/domain/attestation.ts";
import { planDelivery } from "../../../../relayer/bridge/core/delivery.ts";
import { laneFrom } from "../../../../relayer/domain/message.ts";
import { assembleQuorum } from "../../../../relayer/bridge/core/quorum.ts";
import type { Quorum, Statement, ValidatorSet } from "../../../../relayer/domain/bridge.ts";
import { address, hash, type PublicKey } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { evidenceHashOf } from "../evidence.ts";
import { attempt, type Chains, pass, type Side } from "./chains.ts";

/** Modes of MisbehavingReceiver that a random history chooses from: accept, revert, burn gas, return a bomb. */
const MODES = [0, 1, 2, 4] as const;
const TOKEN = 10n ** 18n;

/** One step of a history. `flip` chooses the direction: from home, or back. */
export type Step =
  | { readonly kind: "transfer"; readonly flip: boolean; readonly amount: bigint }
  | { readonly kind: "message"; readonly flip: boolean; readonly mode: number }
  | { readonly kind: "deliver"; readonly flip: boolean; readonly most: number; readonly absent: number }
  | { readonly kind: "retry"; readonly flip: boolean; readonly mode: number }
  | { readonly kind: "release"; readonly flip: boolean }
  | { readonly kind: "reorg"; readonly flip: boolean; readonly orphaned: readonly Step[] }
  | { readonly kind: "rotate"; readonly flip: boolean }
  | { readonly kind: "form" }
  | { readonly kind: "join" | "exit" | "withdraw" | "slash"; readonly validator: number }
  | { readonly kind: "pass"; readonly seconds: number };

const flip = fc.boolean();
const validator = fc.nat({ max: 5 });
const mode = fc.constantFrom(...MODES);
const transfer = fc.record({
  kind: fc.constant("transfer" as const),
  flip,
  // Some are large enough to be delayed, some above what a bucket holds.
  amount: fc.constantFrom(
    1n,
    TOKEN,
    25n * TOKEN,
    9_999n * TOKEN,
    10_000n * TOKEN,
    400_000n * TOKEN,
    600_000n * TOKEN,
  ),
});
const message = fc.record({ kind: fc.constant("message" as const), flip, mode });
const deliver = fc.record({
  kind: fc.constant("deliver" as const),
  flip,
  most: fc.integer({ min: 1, max: 5 }),
  absent: validator,
});

/** A random step of a history; deliveries and transfers are the most frequent. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: transfer },
  { weight: 3, arbitrary: message },
  { weight: 7, arbitrary: deliver },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("retry" as const), flip, mode }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), flip }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("reorg" as const),
      flip,
      orphaned: fc.array(fc.oneof(transfer, message), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("rotate" as const), flip }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("form" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("join", "exit", "withdraw", "slash"), validator }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      seconds: fc.constantFrom(60, 3_600, 86_400, 5 * 86_400),
    }),
  },
);

/** Does one step. What the contracts refuse changes nothing. */
export async function take(step: Step, chains: Chains): Promise<void> {
  const { home, away } = chains;
  const [from, to] = "flip" in step && step.flip ? [away, home] : [home, away];
  switch (step.kind) {
    case "transfer":
      return sendTransfer(from, to, step.amount);
    case "message":
      return sendMessage(from, to, step.mode);
    case "deliver":
      return deliverSome(from, to, step, chains);
    case "retry":
      return retryOne(from, to, step.mode);
    case "release":
      return releaseAll(to);
    case "reorg":
      return reorganise(from, to, step.orphaned, chains);
    case "rotate":
      return rotate(to, chains);
    case "form":
      return formSet(chains);
    case "pass":
      return pass([home, away], step.seconds);
    case "join":
    case "exit":
    case "withdraw":
    case "slash":
      return changeValidator(step.kind, step.validator, chains);
  }
}

async function sendTransfer(from: Side, to: Side, amount: bigint): Promise<void> {
  await attempt(() => from.token.approve(from.bridge, amount));
  await attempt(() => from.bridge.crosschainTransfer(interoperableAddress(to.chainId, to.holder), amount));
}

async function sendMessage(from: Side, to: Side, mode: number): Promise<void> {
  await attempt(() => to.receiver.setMode(mode));
  const recipient = interoperableAddress(to.chainId, address.parse(await to.receiver.getAddress()));
  await attempt(() => from.outbox.sendMessage(recipient, "0x1234", []));
}

/** The word of everybody who is a member but one. */
async function wordOf(
  set: ValidatorSet,
  statement: Omit<Statement, "epoch">,
  absent: number,
  { keys }: Chains,
): Promise<Quorum | undefined> {
  if (set.scheme !== "Ed25519") throw new Error("these histories have Ed25519 sets only");
  const digest = digestOf({ ...statement, epoch: set.epoch });
  const signing = keys.filter((_, i) => i !== absent || set.members.length === set.threshold);
  const signed = await Promise.all(
    signing.map(async (key) => [key.publicKey, await key.sign(digest)] as const),
  );
  return assembleQuorum(set, new Map(signed));
}

async function deliverSome(
  from: Side,
  to: Side,
  { most, absent }: { readonly most: number; readonly absent: number },
  chains: Chains,
): Promise<void> {
  const lane = laneFrom(from.chainId, from.deployment.outbox, to.chainId);
  const [sent, accepted] = await Promise.all([
    from.origin.head(to.chainId),
    to.destination.head(from.chainId),
  ]);
  if (sent.nonce === accepted.nonce) return;
  const messages = await from.origin.messages(lane.id, accepted.nonce + 1n, sent.nonce);
  const point = await from.origin.advance(lane.id, sent.nonce);
  if (point === undefined) throw new Error("the lane has no end");
  const domain = domainOf(to.chainId, to.deployment.inbox);
  const statement = { domain, lane: lane.id, ...sent };
  const quorum = await wordOf(await to.destination.validatorSet(), statement, absent, chains);
  if (quorum === undefined) return;
  const delivery = planDelivery(accepted, messages, point, most);
  await attempt(() =>
    to.inbox.deliver(
      from.chainId,
      delivery.firstNonce,
      delivery.messages.map(({ sender, recipient, gasLimit, payload }) => ({
        sender,
        recipient,
        gasLimit,
        payload,
      })),
      [...delivery.later],
      { ...quorum, set: encodeSet(quorum.set) },
      { gasLimit: 2n ** 24n },
    ),
  );
}

async function retryOne(from: Side, to: Side, mode: number): Promise<void> {
  await attempt(() => to.receiver.setMode(mode));
  for (const log of await to.inbox.queryFilter(to.inbox.filters.MessageFailed())) {
    const [id, , nonce] = log.args;
    if (log.args.originChainId !== BigInt(from.chainId) || !(await to.inbox.isFailed(id))) continue;
    const lane = laneFrom(from.chainId, from.deployment.outbox, to.chainId);
    const [message] = await from.origin.messages(lane.id, nonce, nonce);
    if (message === undefined) throw new Error("what failed was sent");
    const { sender, recipient, gasLimit, payload } = message;
    const content = { sender, recipient, gasLimit, payload };
    await attempt(() => to.inbox.retry(from.chainId, nonce, content, { gasLimit: 3_000_000n }));
    return;
  }
}

async function releaseAll(to: Side): Promise<void> {
  for (const { args } of await to.bridge.queryFilter(to.bridge.filters.TransferDelayed()))
    await attempt(() => to.bridge.release(args.receiveId));
}

/** What happens on an origin and is not final vanishes again: nobody attested to it. */
async function reorganise(from: Side, to: Side, orphaned: readonly Step[], chains: Chains): Promise<void> {
  const snapshot: unknown = await from.provider.send("evm_snapshot", []);
  const mode = await to.receiver.mode();
  for (const step of orphaned) await take({ ...step, flip: from === chains.away } as Step, chains);
  await from.provider.send("evm_revert", [snapshot]);
  await attempt(() => to.receiver.setMode(mode));
}

async function rotate(to: Side, chains: Chains): Promise<void> {
  const { home, registry } = chains;
  const current = await to.destination.validatorSet();
  const formed = await registry.queryFilter(registry.filters.ValidatorSetFormed(current.epoch + 1n));
  const [log] = formed;
  if (log === undefined) return;
  const next = decodeSet(log.args.set);
  const lane = laneFrom(home.chainId, address.parse(await registry.getAddress()), to.chainId).id;
  const domain = domainOf(to.chainId, to.deployment.inbox);
  const statement = { domain, lane, nonce: next.epoch, accumulator: setHash(next) };
  const quorum = await wordOf(current, statement, -1, chains);
  if (quorum === undefined) return;
  await attempt(() => to.inbox.rotate(encodeSet(next), { ...quorum, set: encodeSet(quorum.set) }));
}

async function formSet({ registry, keys }: Chains): Promise<void> {
  const eligible: PublicKey[] = [];
  for (const { publicKey } of keys)
    if ((await registry.validatorOf(publicKey)).isEligible) eligible.push(publicKey);
  await attempt(() => registry.formSet(eligible.sort(), []));
}

async function changeValidator(
  kind: "join" | "exit" | "withdraw" | "slash",
  index: number,
  chains: Chains,
): Promise<void> {
  const { home, registry, keys } = chains;
  const key = keys[index];
  if (key === undefined) throw new Error(`no key ${index}`);
  const operator = await home.provider.getSigner(1 + index);
  const own = registry.connect(operator);
  if (kind === "exit") await attempt(() => own.exit(key.publicKey));
  else if (kind === "withdraw") await attempt(() => own.withdraw(key.publicKey, operator.address));
  else if (kind === "slash") await slash(index, chains);
  else {
    const digest = await registry.joinDigest(operator.address, key.publicKey, ZeroHash);
    const proof = await key.sign(hash.parse(digest));
    const bond = await registry.MINIMUM_BOND();
    const admission = { key: key.publicKey, bond, proof, blsKey: "0x", blsProof: "0x" };
    await attempt(() => own.join(admission, { value: bond }));
  }
}

/** Plants two signatures of one validator for one place, and reports them as anybody would. */
async function slash(index: number, { home, away, registry, slashing, keys }: Chains): Promise<void> {
  const key = keys[index];
  if (key === undefined) throw new Error(`no key ${index}`);
  const epoch = (await registry.validatorOf(key.publicKey)).lastEpoch;
  const lane = laneFrom(home.chainId, home.deployment.outbox, away.chainId).id;
  const place = { domain: domainOf(away.chainId, away.deployment.inbox), lane, nonce: 1_000_000n };
  const signed = async (lie: number) => {
    const accumulator = hash.parse(toBeHex(lie, 32));
    const signature = await key.sign(digestOf({ ...place, accumulator, epoch }));
    return { accumulator, epoch, signature };
  };
  const evidence = { key: key.publicKey, place, first: await signed(1), second: await signed(2) };
  const evidenceHash = evidenceHashOf("DoubleSigning", evidence);
  const commitment = await slashing.commitmentOf(evidenceHash, home.holder, ZeroHash);
  await attempt(() => slashing.commit(commitment));
  await home.provider.send("evm_mine", []);
  await attempt(() => slashing.submitDoubleSigning(evidence, ZeroHash));
}
