import type { ErrorDescription, Interface } from "ethers";

/** A contract's own reason for a refusal, if `error` or one of its causes holds it. */
export function refusalOf(error: unknown, contract: Interface): ErrorDescription | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!("data" in cause) || typeof cause.data !== "string") continue;
    const reason = contract.parseError(cause.data);
    if (reason !== null) return reason;
  }
  return undefined;
}
