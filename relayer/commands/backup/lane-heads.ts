import { InboxReader } from "../../bridge/adapters/destination.ts";
import { OutboxReader } from "../../bridge/adapters/origin.ts";
import { RegistryReader } from "../../bridge/adapters/registry.ts";
import type { SigningPlace } from "../../bridge/adapters/signing-records.ts";
import { type Home, setLane } from "../../bridge/core/rotation.ts";
import { type ChainConfig, chainsOf, type Network } from "../../domain/network.ts";
import { laneFrom } from "../../domain/message.ts";
import { Rpc } from "../../platform/rpc.ts";

/** How far a lane has come: no honest validator has signed above that. */
export type LaneBound = SigningPlace & { readonly name: string; readonly nonce: bigint };

type Side = { readonly chain: ChainConfig; readonly rpc: Rpc; readonly inbox: InboxReader };

/**
 * How far every lane of a network has come, by its own chains: lanes of messages up to the newest message (final or not), and `margin` beyond,
 * in case a fork had more; lanes of validator sets up to the newest set that can have been signed.
 * @throws RetryableError when a chain does not answer, or its providers do not agree; ConfigurationError when it is another one
 */
export async function readLaneBounds(network: Network, margin: bigint): Promise<readonly LaneBound[]> {
  const sides = chainsOf(network).map((chain) => {
    const rpc = new Rpc(chain);
    return { chain, rpc, inbox: new InboxReader(rpc) };
  });
  try {
    await Promise.all(sides.map(({ rpc }) => rpc.verify()));
    const messages = sides.map((side) => messageLanes(side, sides, margin));
    return (await Promise.all([...messages, setLanes(network, sides)])).flat();
  } finally {
    for (const { rpc } of sides) rpc.close();
  }
}

function messageLanes(
  { chain: from, rpc }: Side,
  sides: readonly Side[],
  margin: bigint,
): Promise<readonly LaneBound[]> {
  const others = sides.filter(({ chain }) => chain !== from);
  const outbox = new OutboxReader(
    rpc,
    others.map(({ chain }) => chain.chainId),
  );
  return Promise.all(
    others.map(async ({ chain: to, inbox }) => ({
      name: `${from.name} → ${to.name}`,
      domain: inbox.domain,
      lane: laneFrom(from.chainId, from.outbox, to.chainId).id,
      nonce: (await outbox.head(to.chainId)).nonce + margin,
    })),
  );
}

async function setLanes({ home }: Network, sides: readonly Side[]): Promise<readonly LaneBound[]> {
  const side = sides.find(({ chain }) => chain.name === home?.chain);
  if (home === undefined || side === undefined) return [];
  const place: Home = { chainId: side.chain.chainId, registry: home.registry };
  const registry = new RegistryReader(place, side.rpc);
  return Promise.all(
    sides.map(async ({ chain, inbox }) => {
      const { epoch } = await inbox.validatorSet();
      const next = await registry.finalSet(epoch + 1n);
      return {
        name: `validator sets → ${chain.name}`,
        domain: inbox.domain,
        lane: setLane(place, chain.chainId).id,
        nonce: next === undefined ? epoch : epoch + 1n,
      };
    }),
  );
}
