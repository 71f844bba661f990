import assert from "node:assert/strict";
import { decodeSet } from "../../../../relayer/domain/validator-set.ts";
import { setProblem } from "../../../../relayer/bridge/core/quorum.ts";
import type { Chains, Side } from "./chains.ts";

/** What must hold after every step of every history, read from the two chains alone. */
export async function check(chains: Chains): Promise<void> {
  const { home, away } = chains;
  await checkConservation(home, away);
  await checkOrder(home, away);
  await checkOrder(away, home);
  await checkBooks(chains);
}

/** locked = minted + in flight + failed + delayed */
async function checkConservation(home: Side, away: Side): Promise<void> {
  const [locked, minted] = await Promise.all([home.bridge.locked(), away.token.totalSupply()]);
  const onTheWay = (await unpaid(home, away)) + (await unpaid(away, home));
  assert.equal(locked, minted + onTheWay, "locked = minted + in flight + failed + delayed");
  const held = await home.token.balanceOf(home.deployment.bridge);
  assert.equal(held, locked, "what is locked is there");
}

/** The sum of all transfers that were sent and not paid: in flight, failed, or waiting out their delay. */
async function unpaid(from: Side, to: Side): Promise<bigint> {
  const [sent, received] = await Promise.all([
    from.bridge.queryFilter(from.bridge.filters.CrosschainFungibleTransferSent()),
    to.bridge.queryFilter(to.bridge.filters.CrosschainFungibleTransferReceived()),
  ]);
  const paid = new Map(received.map(({ args }) => [args.receiveId, args.amount]));
  assert.equal(paid.size, received.length, "no transfer was paid twice");
  const amounts = new Map(sent.map(({ args }) => [args.sendId, args.amount]));
  for (const [id, amount] of paid) assert.equal(amounts.get(id), amount, "what is paid was sent");
  return [...amounts].reduce((sum, [id, amount]) => (paid.has(id) ? sum : sum + amount), 0n);
}

/** Every nonce is executed or recorded as failed exactly once, in order; what is executed was sent. */
async function checkOrder(from: Side, to: Side): Promise<void> {
  const { inbox } = to;
  const [accepted, executed, failed, sent] = await Promise.all([
    inbox.queryFilter(inbox.filters.LaneAccepted(from.chainId)),
    inbox.queryFilter(inbox.filters.MessageExecuted(undefined, from.chainId)),
    inbox.queryFilter(inbox.filters.MessageFailed(undefined, from.chainId)),
    from.outbox.queryFilter(from.outbox.filters.LaneAdvanced(to.chainId)),
  ]);
  const head = accepted.at(-1)?.args.nonce ?? 0n;
  const deliveries = new Set(accepted.map(({ transactionHash }) => transactionHash));
  const outcomes = [...executed, ...failed]
    // An execution outside of a delivery is a retry of what failed before.
    .filter(({ transactionHash }) => deliveries.has(transactionHash))
    .sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
  assert.deepEqual(
    outcomes.map(({ args }) => args.nonce),
    Array.from({ length: Number(head) }, (_, i) => BigInt(i + 1)),
    "each nonce has one outcome, in order",
  );
  const ids = executed.map(({ args }) => args.messageId);
  assert.equal(new Set(ids).size, ids.length, "no message is executed twice");
  const sentIds = sent.map(({ args }) => args.messageId);
  for (const { args } of outcomes) assert.equal(sentIds[Number(args.nonce) - 1], args.messageId);
}

/** bonds + slashed + rewards = what the registry holds. */
async function checkBooks({ home, registry }: Chains): Promise<void> {
  const { held, bonded, slashed, rewards } = await registry.funds();
  assert.equal(held, bonded + slashed + rewards);
  assert.equal(await home.provider.getBalance(await registry.getAddress()), held);
}

/** How many quorums of `to` have been looked at. */
export async function countQuorums(to: Side): Promise<number> {
  return (await to.inbox.queryFilter(to.inbox.filters.LaneAccepted())).length;
}

/** Behind each of the newest quorums of `to` stand at least M distinct members whose bonds are in place now. */
export async function checkQuorums(to: Side, known: number, { registry }: Chains): Promise<void> {
  const logs = await to.inbox.queryFilter(to.inbox.filters.LaneAccepted());
  for (const { args, blockNumber } of logs.slice(known)) {
    const [activated] = await to.inbox.queryFilter(to.inbox.filters.ValidatorSetActivated(args.epoch));
    assert(activated !== undefined, "the epoch was activated");
    const set = decodeSet(activated.args.set);
    const block = await to.provider.getBlock(blockNumber);
    assert.equal(setProblem(set, BigInt(block?.timestamp ?? 0)), undefined);
    const signers = set.members.filter((_, i) => (args.signers >> BigInt(i)) & 1n);
    assert.equal(args.signers >> BigInt(set.members.length), 0n);
    assert(signers.length >= set.threshold, `${signers.length} of ${set.threshold} signed`);
    for (const key of signers) {
      const { bond } = await registry.validatorOf(key);
      assert(bond > 0n, `${key} signed without a bond`);
    }
  }
}
