import type { ErrorDescription, Interface } from "ethers";
import { FatalError } from "../../domain/errors.ts";

/** A contract's own reason for a refusal, if `error` or one of its causes holds it. */
export function refusalOf(error: unknown, contract: Interface): ErrorDescription | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!("data" in cause) || typeof cause.data !== "string") continue;
    const reason = contract.parseError(cause.data);
    if (reason !== null) return reason;
  }
  return undefined;
}

/** FatalError `REFUSED` with the contract's own reason; undefined where `error` holds none. @param meaning for the money */
export function refused(
  error: unknown,
  contract: Interface,
  who: string,
  meaning: string,
): FatalError | undefined {
  const reason = refusalOf(error, contract);
  if (reason === undefined) return undefined;
  const words = `${who} refuses: ${reason.name}(${reason.args.join(", ")}). ${meaning}`;
  return new FatalError("REFUSED", words, { error: reason.name }, error);
}
