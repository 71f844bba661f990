import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { type ChainConfig, chainsOf, type Network, providersOf } from "../../domain/network.ts";
import { redactUrl } from "../../platform/rpc/redact-url.ts";
import { Rpc } from "../../platform/rpc.ts";
import { fail, type Look, ok, warn } from "./finding.ts";

/** A block may seem to come from the future by so much: clocks differ, and proposers round. In seconds. */
const MOST_AHEAD = 15;
/** A chain that is silent for longer than this has a node that is out of step, or stands still. In seconds. */
const MOST_BEHIND = 600;

/** Looks at providers, finality, the clock and the contracts of each chain. */
export function lookAtChains(
  network: Network,
  rpcs: ReadonlyMap<string, Rpc>,
  now: () => number,
): readonly Look[] {
  return chainsOf(network).flatMap((chain) => {
    const rpc = rpcs.get(chain.name);
    if (rpc === undefined) throw new Error(`no connection to ${chain.name}`);
    return [
      ...providersOf(chain).urls.map((url) => provider(chain, url)),
      { check: `chain ${chain.name}: finality`, look: () => finality(rpc) },
      { check: `chain ${chain.name}: clock`, look: () => clock(rpc, now) },
      ...contractsOf(network, chain).map(([key, address]) => code(rpc, key, address)),
      ...chainsOf(network)
        .filter((origin) => origin.chainId !== chain.chainId)
        .map((origin) => lane(rpc, origin)),
    ];
  });
}

/** Each provider alone: one of several that is away goes unnoticed until too few are left. */
function provider(chain: ChainConfig, url: string): Look {
  return {
    check: `chain ${chain.name}: provider ${redactUrl(url)}`,
    look: async () => {
      const rpc = new Rpc({ ...chain, rpcUrls: undefined, agreement: undefined, rpcUrl: url });
      try {
        const served = Number(await rpc.ask("eth_chainId", () => rpc.provider.send("eth_chainId", [])));
        if (served !== chain.chainId)
          return fail(
            `It serves chain id ${served}, but chains.${chain.name}.chainId is ${chain.chainId}. No role starts with it. Correct the one that is wrong.`,
          );
        return ok(`chain id ${served}, block ${await rpc.newestBlock()}`);
      } finally {
        rpc.close();
      }
    },
  };
}

/** Asks for a final block as the watcher does: that takes the tag, and the agreement of providers. */
async function finality(rpc: Rpc) {
  await rpc.verify();
  const final = await rpc.finalBlock();
  if (final < 0)
    return warn(
      "No block is final yet, so no message is attested to. On a young chain that passes by itself; else correct the finality of the chain.",
    );
  const block = await rpc.block(final);
  return block === undefined
    ? warn(`The final block ${final} vanished while it was looked at. Look again.`)
    : ok(`block ${final} is final, and the providers agree on it`);
}

async function clock(rpc: Rpc, now: () => number) {
  const ahead = (await rpc.timeOf(await rpc.newestBlock())) - now() / 1_000;
  if (ahead > MOST_AHEAD)
    return fail(
      `The newest block is ${Math.round(ahead)} s in the future by this machine's clock, so deadlines are missed and locks last wrongly. Set the clock (NTP).`,
    );
  if (ahead < -MOST_BEHIND)
    return warn(
      `The newest block is ${Math.round(-ahead)} s old: the node is out of step, the chain stands still, or this machine's clock is ahead. Messages wait meanwhile. Compare with another node, and set the clock (NTP).`,
    );
  return ok(`the newest block is ${Math.max(0, Math.round(-ahead))} s old`);
}

function code(rpc: Rpc, key: string, address: string): Look {
  return {
    check: `chain ${rpc.chain.name}: contract ${key}`,
    look: async () => {
      const found = await rpc.ask("eth_getCode", () => rpc.provider.getCode(address));
      if (found === "0x")
        return fail(
          `There is no contract at ${address}. What is sent there does nothing, or is lost. Correct ${key}, or deploy first.`,
        );
      return ok(`${address}, ${found.length / 2 - 1} bytes`);
    },
  };
}

/** Whether an Inbox takes messages of the very Outbox that the configuration names. */
function lane(rpc: Rpc, origin: ChainConfig): Look {
  const { name, inbox } = rpc.chain;
  return {
    check: `lane ${origin.name} → ${name}`,
    look: async () => {
      const contract = Inbox__factory.connect(inbox, rpc.provider);
      const known = await rpc.ask("eth_call", () => contract.outboxes(origin.chainId));
      if (known.toLowerCase() === origin.outbox.toLowerCase())
        return ok(`the Inbox knows the Outbox ${known}`);
      return fail(
        `The Inbox ${inbox} takes messages of ${known}, but chains.${origin.name}.outbox is ${origin.outbox}. What is sent there never arrives. Correct the address that is wrong.`,
      );
    },
  };
}

function contractsOf(
  network: Network,
  chain: ChainConfig,
): readonly (readonly [key: string, address: string])[] {
  const { name, outbox, inbox, witness, escrow } = chain;
  const own = Object.entries({ outbox, inbox, witness, "escrow.contract": escrow?.contract });
  const tokens = Object.entries(network.tokens).flatMap(([symbol, { sides }]) => {
    const side = sides[name];
    return side === undefined
      ? []
      : ([
          [`tokens.${symbol}.sides.${name}.token`, side.token],
          [`tokens.${symbol}.sides.${name}.bridge`, side.bridge],
        ] as const);
  });
  const { home } = network;
  const homes =
    home?.chain === name
      ? ([
          ["home.registry", home.registry],
          ["home.slashing", home.slashing],
          ["home.points", home.points],
        ] as const)
      : [];
  return [
    ...own.flatMap(([key, address]) =>
      address === undefined ? [] : ([[`chains.${name}.${key}`, address]] as const),
    ),
    ...tokens,
    ...homes,
  ];
}
