/** The variables of the environment that a configuration reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The providers that the environment names for a chain, by `DCHAT_RPC_URL_<CHAIN>` with commas between; undefined where it names none. */
export function providersIn(environment: Environment, chain: string): readonly string[] | undefined {
  return environment[`DCHAT_RPC_URL_${chain.toUpperCase()}`]?.split(",").map((url) => url.trim());
}
