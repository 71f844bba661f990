import { DchatError, explain, RetryableError } from "../domain/errors.ts";
import { orAborted } from "./abort.ts";

/** How long one check may take before it counts as failed, in milliseconds. */
const CHECK_MILLISECONDS = 5_000;

/** Why a process cannot do its work now. */
export type Reason = { readonly check: string; readonly code: string; readonly message: string };

/** What a process needs for its work, each under a name, looked at when somebody asks. */
export class Readiness {
  readonly #checks = new Map<string, () => Promise<void> | void>();

  /** @param check throws while the process cannot work for its sake */
  add(name: string, check: () => Promise<void> | void): void {
    this.#checks.set(name, check);
  }

  /** Looks at everything, side by side. @returns what fails; empty when the process can do its work */
  async reasons(): Promise<readonly Reason[]> {
    const all = await Promise.all([...this.#checks].map(([name, check]) => reasonOf(name, check)));
    return all.flat();
  }
}

async function reasonOf(name: string, check: () => Promise<void> | void): Promise<readonly Reason[]> {
  try {
    await orAborted(Promise.resolve(check()), AbortSignal.timeout(CHECK_MILLISECONDS));
    return [];
  } catch (thrown) {
    const error =
      thrown instanceof DOMException
        ? new RetryableError("SILENT", `No answer within ${CHECK_MILLISECONDS} ms. It will be asked again.`)
        : thrown;
    const isOurs = error instanceof DchatError;
    return [
      {
        check: name,
        code: isOurs ? error.code : "INTERNAL",
        message: isOurs ? error.message : explain(error),
      },
    ];
  }
}
