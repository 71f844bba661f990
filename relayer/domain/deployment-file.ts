import { z } from "zod";
import { address, chainId, chainName, integer } from "./ids.ts";
import { finality, rpcUrl } from "./network.ts";

const YEAR = 365 * 86_400;
/** How long a token bridge holds what its guardian stops: `ITokenBridge.HOLD`. */
const HOLD_SECONDS = 7 * 86_400;
const seconds = z.number().int().min(1).max(YEAR);
const basisPoints = (least: number, most: number) => z.number().int().min(least).max(most);

/** An account, or the word for the one that deploys. */
const party = z.union([z.literal("deployer"), address], {
  error: 'expected an address, or "deployer" for the account that deploys',
});

/** Whole tokens, such as "5000" or "0.5". */
const amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,30})(\.[0-9]{1,18})?$/, 'expected an amount of whole tokens such as "12.5"');

const explorer = z.strictObject({
  /** How sources are handed in. Etherscan's key is the configuration variable DCHAT_EXPLORER_KEY. */
  kind: z.enum(["etherscan", "blockscout"]),
  /** Where people look and where sources are handed in; left out for chains that Hardhat knows. */
  place: z.strictObject({ url: rpcUrl, apiUrl: rpcUrl }).optional(),
});

const chain = z.strictObject({
  chainId,
  /** Left out, the environment must name it: `DCHAT_RPC_URL_<CHAIN>`. */
  rpcUrl: rpcUrl.optional(),
  /** As the fleet's configuration has it. The first set must be final by it before Inboxes are deployed with it. */
  finality,
  /** The native currency as a token (WETH9); needed where a token's origin locks the native currency. */
  wrappedNative: address.optional(),
  /** The dearest gas that is paid, in wei. */
  mostGasPrice: integer.optional(),
  /** How many blocks must stand on a transaction before what needs it is sent. */
  confirmations: z.number().int().min(1).max(100).default(2),
  /** Left out, sources are not shown anywhere. */
  explorer: explorer.optional(),
});

const limit = z.strictObject({ capacity: amount, windowSeconds: seconds });

const token = z.strictObject({
  /** What the bridged token is called where it is minted. */
  name: z.string().min(1).max(64),
  decimals: z.number().int().min(0).max(36),
  /** The decimals of amounts on the wire; what does not fit is not taken. The same as `decimals` if left out. */
  sharedDecimals: z.number().int().min(0).max(18).optional(),
  /** Where the token was born; there it is locked, and minted on every other chain. */
  origin: chainName,
  /** The token there: its address, or "native" for the native currency by `wrappedNative` of the chain. */
  locks: z.union([z.literal("native"), address], { error: 'expected an address, or "native"' }),
  /** How much goes out of a chain, and into it, over all lanes and over one, in a window. Governance can change it. */
  limits: z.strictObject({ all: limit, lane: limit }),
  /** From this amount on a transfer waits a day before it is paid. */
  delayFrom: amount,
});

const registry = z.strictObject({
  /** The least bond, in wei of the home chain. */
  minimumBond: integer,
  thresholdBps: basisPoints(5_000, 10_000),
  operatorCapBps: basisPoints(1, 5_000),
  rewardBps: basisPoints(0, 5_000),
  /** How the members of the first sets sign. BLS takes the precompiles of EIP-2537 on every chain. */
  scheme: z.enum(["Ed25519", "BLS12381"]).default("Ed25519"),
  validitySeconds: seconds,
  evidenceWindowSeconds: seconds,
  unbondingSeconds: seconds,
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(2 * 86_400),
  epochLengthSeconds: seconds,
  jailSeconds: seconds,
});

const slashing = z.strictObject({
  vetoWindowSeconds: seconds,
  commitLifeSeconds: seconds,
  collusionWindowSeconds: seconds,
  collusionMinimum: z.number().int().min(2).max(126).default(2),
  /** How long a validator that a recorded point misses may still show its signature. */
  graceSeconds: seconds,
});

const operator = z.strictObject({ operator: address, seats: z.number().int().min(1).max(126) });

/**
 * What is to be deployed where: chains, roles, periods, tokens. Nothing of it can be changed afterwards but what governance can change; another
 * `salt` deploys everything anew, elsewhere.
 */
export const deploymentSchema = z
  .strictObject({
    /** Names the file with the addresses, and goes into every address. */
    name: z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{0,31}$/,
        "expected a small letter, then up to 31 small letters, digits or dashes",
      ),
    /** Goes into every address. */
    salt: z.number().int().min(1).default(1),
    /** The account that deploys, the same on all chains. It goes into every address, and nobody else can take them. */
    deployer: address,
    chains: z.record(chainName, chain),
    /** The chain of the validators' bonds. */
    home: chainName,
    /** A timelock on each chain. Who may propose and cancel; anybody may execute what is due. */
    governance: z.strictObject({ proposers: z.array(party).min(1), delaySeconds: seconds }),
    /** May pause for three days, hold single transfers, and veto slashes that wait. */
    guardian: party,
    /** Gets what is slashed and is no reward. */
    treasury: party,
    /** The first operators. A set takes members of at least two. */
    operators: z.array(operator).min(2, "expected at least two operators: one alone is no quorum"),
    registry,
    slashing,
    tokens: z.record(z.string().regex(/^[A-Za-z0-9.]{1,16}$/), token).default({}),
    /** Whether escrows are deployed, too. */
    escrow: z.boolean().default(true),
  })
  .superRefine((file, context) => {
    for (const { path, message } of deploymentProblems(file))
      context.addIssue({ code: "custom", path: [...path], message });
  });

/** {@link deploymentSchema}, read. */
export type DeploymentFile = z.infer<typeof deploymentSchema>;
/** One chain's part of it. */
export type DeploymentChain = DeploymentFile["chains"][keyof DeploymentFile["chains"]];
/** One token's part of it. */
export type DeploymentToken = DeploymentFile["tokens"][string];

type Problem = { readonly path: readonly (string | number)[]; readonly message: string };

/** What single keys cannot tell; the contracts would refuse it, after money was spent. */
function deploymentProblems(file: DeploymentFile): readonly Problem[] {
  const names: readonly string[] = Object.keys(file.chains);
  const ids = Object.values(file.chains).map((entry) => entry.chainId);
  const { registry: periods, slashing: windows, operators } = file;
  const answerable = periods.validitySeconds + periods.evidenceWindowSeconds;
  const accounts = operators.map(({ operator: account }) => account);
  const seats = operators.reduce((sum, { seats: count }) => sum + count, 0);
  const rules: readonly (readonly [isWrong: boolean, path: Problem["path"], message: string])[] = [
    [names.length < 2, ["chains"], "expected at least two chains"],
    [new Set(ids).size < ids.length, ["chains"], "expected a different chainId for each chain"],
    [!names.includes(file.home), ["home"], `expected one of the chains ${names.join(", ")}`],
    [
      periods.unbondingSeconds <= answerable,
      ["registry", "unbondingSeconds"],
      `expected more than validity and evidence window together (${answerable}), or a bond is gone before the last evidence`,
    ],
    [
      periods.epochLengthSeconds >= periods.validitySeconds,
      ["registry", "epochLengthSeconds"],
      `expected less than the validity (${periods.validitySeconds})`,
    ],
    [
      windows.collusionWindowSeconds > periods.unbondingSeconds,
      ["slashing", "collusionWindowSeconds"],
      `expected at most the unbonding time (${periods.unbondingSeconds})`,
    ],
    [
      file.governance.delaySeconds >= HOLD_SECONDS,
      ["governance", "delaySeconds"],
      `expected less than ${HOLD_SECONDS}: governance must be able to reject what the guardian holds`,
    ],
    [periods.minimumBond === 0n, ["registry", "minimumBond"], "expected more than 0"],
    [new Set(accounts).size < accounts.length, ["operators"], "expected each operator once"],
    [seats > 126, ["operators"], "expected at most 126 seats in all"],
  ];
  return [
    ...rules.flatMap(([isWrong, path, message]) => (isWrong ? [{ path, message }] : [])),
    ...Object.entries(file.tokens).flatMap(([symbol, entry]) => tokenProblems(symbol, entry, file)),
  ];
}

function tokenProblems(
  symbol: string,
  { origin, locks, decimals, sharedDecimals = decimals }: DeploymentToken,
  { chains }: DeploymentFile,
): readonly Problem[] {
  const chainOfOrigin = chains[origin];
  const path = (key: string) => ["tokens", symbol, key];
  if (chainOfOrigin === undefined)
    return [
      { path: path("origin"), message: `expected one of the chains ${Object.keys(chains).join(", ")}` },
    ];
  return [
    ...(sharedDecimals > decimals
      ? [{ path: path("sharedDecimals"), message: `expected at most the token's ${decimals} decimals` }]
      : []),
    ...(locks === "native" && chainOfOrigin.wrappedNative === undefined
      ? [
          {
            path: ["chains", origin, "wrappedNative"],
            message: `expected the wrapped native currency, for tokens.${symbol} locks it`,
          },
        ]
      : []),
  ];
}
