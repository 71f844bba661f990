import { z } from "zod";
import { alertingConfigSchema } from "./alerting-config.ts";
import { chaosConfigSchema } from "./chaos-config.ts";
import { developmentProblems } from "./development.ts";
import { parseRedisUrl, REDIS_URL_FORMS } from "./redis-url.ts";
import { speechConfigSchema } from "./speech-config.ts";
import { address, chainId, type ChainName, chainName, integer } from "./ids.ts";
import { timeScale } from "./time-scale.ts";

const milliseconds = z.number().int().min(10).max(600_000);

/**
 * When an origin block may be attested: a number of blocks on top of it, or a tag that the chain itself maintains. Too little is
 * the one way to lose money here: a message from a block that vanishes was still delivered.
 */
export const finality = z.union([
  z.strictObject({ depth: z.number().int().min(0).max(10_000) }),
  z.strictObject({ tag: z.enum(["safe", "finalized"]) }),
]);

/** An escrow contract, and how its keeper works. */
const escrow = z.strictObject({
  contract: address,
  /** The file with the key that pays for the keeper's transactions, and that its tips go to. */
  keeperKeyFile: z.string().min(1).optional(),
  /** The dearest gas that the keeper pays for, in wei; due escrows wait while it costs more. */
  mostGasPrice: integer.optional(),
  /** The least tip, in basis points, for which the keeper works. */
  leastTip: z.number().int().min(0).max(500).default(0),
});

/** When a sender delivers what waits: as soon as the first of these is reached. */
const batch = z.strictObject({
  /** How long a message may wait for others to share its transaction. */
  ageMilliseconds: z.number().int().min(0).max(60_000).default(250),
  /** How many messages one transaction carries at most. */
  size: z.number().int().min(1).max(1_000).default(200),
  /** How much gas, by a rough estimate, one transaction carries at most. */
  gas: z.number().int().min(100_000).max(16_777_216).default(12_000_000),
});

const wallets = z.strictObject({
  /** The provider that a wallet is offered when it does not know the chain; left out, it is not offered any. Put no key into it. */
  rpcUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Where people look transactions up; pages link to it. */
  explorerUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** The symbol of the native currency. */
  currency: z
    .string()
    .regex(/^[A-Za-z0-9]{2,6}$/, "expected 2 to 6 letters or digits")
    .default("ETH"),
});

/** JSON-RPC over HTTP. */
export const rpcUrl = z.url({
  protocol: /^https?$/,
  error: "expected a URL that begins with http:// or https://",
});

const chain = z
  .strictObject({
    chainId,
    /** JSON-RPC over HTTP: the one provider, or the first of several. */
    rpcUrl: rpcUrl.optional(),
    /** Several providers, instead of `rpcUrl`. They must be run by different people, or their agreement means nothing. */
    rpcUrls: z
      .array(rpcUrl)
      .min(1, "expected at least one URL")
      .max(16, "expected at most 16 URLs")
      .optional(),
    /** How many of them must say the same before it is believed; more than half of them if left out. */
    agreement: z.number().int().min(1, "expected a whole number from 1 on").optional(),
    finality,
    /** How often the chain is asked for news. */
    pollMilliseconds: milliseconds.default(1_000),
    /** How long one request may take. */
    rpcTimeoutMilliseconds: milliseconds.default(10_000),
    outbox: address,
    inbox: address,
    /** The contract that says what the lanes of this chain's Outbox were. */
    witness: address.optional(),
    /** The block from which the contracts' logs are read. */
    deploymentBlock: z.number().int().nonnegative(),
    /** The file with the key that pays for deliveries to this chain. */
    senderKeyFile: z.string().min(1),
    /** The dearest gas that the sender pays for, in wei (`maxFeePerGas`); deliveries wait while it costs more. */
    mostGasPrice: integer.optional(),
    batch: batch.optional(),
    escrow: escrow.optional(),
    /** What pages tell wallets about the chain; everybody sees it. */
    wallets: wallets.optional(),
  })
  .superRefine((entry, context) => {
    const issue = (key: string, message: string) => {
      context.addIssue({ code: "custom", path: [key], message });
    };
    const { rpcUrl: one, rpcUrls: several, agreement } = entry;
    if (one === undefined && several === undefined)
      issue("rpcUrl", "expected the URL of a provider, or several under rpcUrls");
    if (one !== undefined && several !== undefined)
      issue("rpcUrls", "expected either rpcUrl or rpcUrls, not both");
    if (several !== undefined && new Set(several).size < several.length)
      issue("rpcUrls", "expected each URL once: a provider that is asked twice agrees with itself");
    const count = several?.length ?? 1;
    if (agreement !== undefined && agreement > count)
      issue("agreement", `expected at most ${count}, the number of providers`);
  })
  // Whoever needs just one provider finds it under the same name in both forms.
  .transform((entry) => ({ ...entry, rpcUrl: entry.rpcUrl ?? entry.rpcUrls?.[0] ?? "" }));

const token = z.strictObject({
  /** How many digits of an amount stand behind the point; the same on all chains. */
  decimals: z.number().int().min(0).max(36),
  /** On each chain, the token's contract, the bridge that takes it, and what the bridge does with it. */
  sides: z.record(
    chainName,
    z.strictObject({ token: address, bridge: address, mode: z.enum(["lock", "mint"]) }),
  ),
});

/** The chain of the validators' bonds, and the contracts there. */
const home = z.strictObject({
  chain: chainName,
  registry: address,
  slashing: address,
  points: address,
  /** Left out, nobody here reports offences. */
  watchtower: z
    .strictObject({
      /** The file with the key that reports offences, pays for that, and gets the rewards. */
      keyFile: z.string().min(1),
      /** The dearest gas that the watchtower pays for, in wei; reports wait while it costs more. */
      mostGasPrice: integer.optional(),
      /**
       * What it does about validators that do not attest. `report`: claims the penalty, for which it records a hundred points at some
       * 390,000 gas each. `watch`: only tells.
       */
      downtime: z.enum(["report", "watch"]).default("report"),
    })
    .optional(),
});

/** The configuration file: chains and contracts, where the stores are, and how the fleet behaves. */
export const networkSchema = z
  .strictObject({
    /** The file with addresses that "dchat deploy run" wrote; what it knows need not stand here. */
    deployment: z.string().min(1).optional(),
    chains: z.record(chainName, chain),
    /** Left out, nobody rotates validator sets or reports offences. */
    home: home.optional(),
    tokens: z.record(z.string().regex(/^[A-Za-z0-9.]{1,16}$/), token).default({}),
    redisUrl: z.string().refine((text) => parseRedisUrl(text) !== undefined, `expected ${REDIS_URL_FORMS}`),
    /** The PostgreSQL server that holds the index; left out, an embedded database under `dataFolder` does. */
    databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    /** Where signers and senders keep their databases, and the embedded index is. */
    dataFolder: z.string().min(1),
    api: z.strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(1).max(65_535),
    }),
    /** Left out, nobody evaluates rules or tells people anything. */
    alerting: alertingConfigSchema.optional(),
    /** The file with those who may act over HTTP, which "dchat user" writes. Left out, nobody may. */
    usersFile: z.string().min(1).optional(),
    /** The file with the token of the user in whose name commands act over HTTP. */
    tokenFile: z.string().min(1).optional(),
    /** The file with the key that `dchat transfer` signs with. */
    walletKeyFile: z.string().min(1).optional(),
    /**
     * Accounts whose keys the API hands to the wallet page, by the name that it shows: each a file with a key. Only local networks
     * have any; with chains or an API that others reach, the configuration is refused.
     */
    developmentAccounts: z.record(z.string().regex(/^[a-z]{1,16}$/), z.string().min(1)).optional(),
    /** How alerts and messages are spoken; defaults if left out. */
    speech: speechConfigSchema.optional(),
    /** How faults reach this fleet; left out, none can be done. */
    chaos: chaosConfigSchema.optional(),
    /** Where traces are sent (OTLP over HTTP); none are made if left out. */
    tracesUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** How many points may wait for one validator; while fewer than a quorum keep below it, no more are asked for. */
    queueDepth: z.number().int().min(1).max(100_000).default(1_000),
    /** How long a final message may wait for its delivery before its attestations are asked for again. */
    redriveMilliseconds: milliseconds.default(30_000),
    /** How long a transaction may wait for a block before it is replaced by one that pays more. */
    replaceMilliseconds: milliseconds.default(15_000),
    /** How long the lock on a sending key outlives a process that holds it and says nothing any more. */
    keyLockMilliseconds: z.number().int().min(500).max(60_000).default(5_000),
    /** How many times as short all these times are, and those of queues and connections. More than 1 on development chains alone. */
    timeScale,
    logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  })
  .superRefine((network, context) => {
    const names = Object.keys(network.chains);
    if (names.length < 2)
      context.addIssue({ code: "custom", path: ["chains"], message: "expected at least two chains" });
    for (const { path, message } of developmentProblems(network))
      context.addIssue({ code: "custom", path: [...path], message });
    if (network.home !== undefined && !names.includes(network.home.chain))
      context.addIssue({
        code: "custom",
        path: ["home", "chain"],
        message: `expected one of the chains ${names.join(", ")}`,
      });
    const ids = Object.values(network.chains).map((entry) => entry.chainId);
    if (new Set(ids).size < ids.length)
      context.addIssue({
        code: "custom",
        path: ["chains"],
        message: "expected a different chainId for each chain",
      });
    for (const [symbol, { sides }] of Object.entries(network.tokens))
      for (const name of Object.keys(sides))
        if (!names.includes(name))
          context.addIssue({
            code: "custom",
            path: ["tokens", symbol, "sides", name],
            message: `expected one of the chains ${names.join(", ")}`,
          });
  });

/** When a sender delivers what waits. */
export type BatchConfig = z.infer<typeof batch>;

/** A chain's rule for batches; the defaults where it names none. */
export function batchOf(config: { readonly batch?: BatchConfig | undefined }): BatchConfig {
  return config.batch ?? batch.parse({});
}

/** {@link networkSchema}, as it is written to a file. */
export type NetworkInput = z.input<typeof networkSchema>;
/** {@link networkSchema}, read. */
export type Network = z.infer<typeof networkSchema>;
/** One chain's part of the configuration, with the name that it goes by. */
export type ChainConfig = z.infer<typeof chain> & { readonly name: ChainName };
/** One token's part of the configuration. */
export type TokenConfig = z.infer<typeof token>;

/** The chains of a network, each with its name. */
export function chainsOf(network: Network): readonly ChainConfig[] {
  return Object.entries(network.chains).map(([name, entry]) => ({ ...entry, name: chainName.parse(name) }));
}

/** The providers of a chain, and how many of them must say the same. */
export function providersOf({
  rpcUrl: one,
  rpcUrls,
  agreement,
}: Pick<ChainConfig, "rpcUrl" | "rpcUrls" | "agreement">): {
  readonly urls: readonly string[];
  readonly needed: number;
} {
  const urls = rpcUrls ?? [one];
  return { urls, needed: agreement ?? Math.floor(urls.length / 2) + 1 };
}
