/** The ids that development chains have, and no chain with money on it: Hardhat's, its neighbour's and Ganache's. */
export const DEVELOPMENT_CHAIN_IDS: readonly number[] = [31_337, 31_338, 1_337];

/** What must be known of a configuration before it may have accounts whose keys the API gives away. */
export type DevelopmentSettings = {
  readonly developmentAccounts?: Readonly<Record<string, string>> | undefined;
  readonly chains: Readonly<
    Record<
      string,
      { readonly chainId: number; readonly rpcUrl: string; readonly rpcUrls?: readonly string[] | undefined }
    >
  >;
  readonly api: { readonly host: string };
  readonly timeScale?: number | undefined;
};

/** A key of the configuration, and what is wrong with it. */
export type DevelopmentProblem = { readonly path: readonly string[]; readonly message: string };

/** Why a configuration must not have what is for development alone. */
export function developmentProblems(settings: DevelopmentSettings): readonly DevelopmentProblem[] {
  return [...accountProblems(settings), ...timeScaleProblems(settings)];
}

/**
 * With development accounts the API gives keys to whoever asks. None of these may be overlooked: an unknown chain id, a provider or an
 * API on another machine.
 */
function accountProblems({
  developmentAccounts,
  chains,
  api,
}: DevelopmentSettings): readonly DevelopmentProblem[] {
  if (developmentAccounts === undefined) return [];
  const because = "while there are developmentAccounts, whose keys the API gives away";
  const foreign = Object.entries(chains).flatMap(([name, { rpcUrl, rpcUrls }]) =>
    (rpcUrls ?? [rpcUrl]).every(isLoopbackUrl)
      ? []
      : [
          {
            path: ["chains", name, rpcUrls === undefined ? "rpcUrl" : "rpcUrls"],
            message: `expected this machine ${because}`,
          },
        ],
  );
  const host = isLoopback(api.host)
    ? []
    : [{ path: ["api", "host"], message: `expected 127.0.0.1 ${because}` }];
  return [...chainIdProblems(chains, because), ...foreign, ...host];
}

/** With times that are too short a network gives up on chains and servers that are merely slow. */
function timeScaleProblems({ timeScale = 1, chains }: DevelopmentSettings): readonly DevelopmentProblem[] {
  return timeScale === 1 ? [] : chainIdProblems(chains, "while timeScale is more than 1");
}

function chainIdProblems(
  chains: DevelopmentSettings["chains"],
  because: string,
): readonly DevelopmentProblem[] {
  return Object.entries(chains).flatMap(([name, { chainId }]) =>
    DEVELOPMENT_CHAIN_IDS.includes(chainId)
      ? []
      : [
          {
            path: ["chains", name, "chainId"],
            message: `expected one of ${DEVELOPMENT_CHAIN_IDS.join(", ")} ${because}`,
          },
        ],
  );
}

function isLoopbackUrl(text: string): boolean {
  return URL.canParse(text) && isLoopback(new URL(text).hostname);
}

function isLoopback(host: string): boolean {
  return ["127.0.0.1", "localhost", "::1", "[::1]"].includes(host);
}
