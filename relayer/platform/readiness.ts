import { DchatError, explain, RetryableError } from "../domain/errors.ts";
import { orAborted } from "./abort.ts";
import { SharedLook } from "./shared-look.ts";

/** How long one check may take before it counts as failed, in milliseconds. */
const CHECK_MILLISECONDS = 5_000;
/** For how long what was found is told to others who ask, in milliseconds: every look asks all chains and Redis, whoever asks how often. */
const SHARED_MILLISECONDS = 1_000;

/** Why a process cannot do its work now. */
export type Reason = { readonly check: string; readonly code: string; readonly message: string };

/** What a process needs for its work, each under a name, looked at when somebody asks. */
export class Readiness {
  readonly #checks = new Map<string, () => Promise<void> | void>();
  readonly #look: SharedLook<readonly Reason[]>;

  /** @param now milliseconds of a clock that nobody sets; the machine's if left out */
  constructor(now?: () => number) {
    this.#look = new SharedLook(() => this.#reasons(), SHARED_MILLISECONDS, now);
  }

  /** Before anybody asks. @param check throws while the process cannot work for its sake */
  add(name: string, check: () => Promise<void> | void): void {
    this.#checks.set(name, check);
  }

  /**
   * Looks at everything, side by side. Who asks while somebody else's look is under way, or within a second after it, is told the same.
   * @returns what fails; empty when the process can do its work
   */
  reasons(): Promise<readonly Reason[]> {
    return this.#look.get();
  }

  async #reasons(): Promise<readonly Reason[]> {
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
