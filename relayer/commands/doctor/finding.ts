import { DchatError, explain } from "../../domain/errors.ts";
import { orAborted } from "../../platform/abort.ts";

/** How long one look may take, in milliseconds. */
const LOOK_MILLISECONDS = 8_000;

/** What a look at one thing found: `warn` does not stop the fleet, `fail` does, or costs money or data. */
export type Finding = {
  readonly check: string;
  readonly level: "ok" | "warn" | "fail";
  /** What is there; where something is wrong, also what that means and what to do. */
  readonly says: string;
};

/** A look at one thing. What it throws is a finding, too. */
export type Look = { readonly check: string; readonly look: () => Promise<Omit<Finding, "check">> };

export const ok = (says: string) => ({ level: "ok", says }) as const;
export const warn = (says: string) => ({ level: "warn", says }) as const;
export const fail = (says: string) => ({ level: "fail", says }) as const;

/** Looks at everything side by side, at nothing for longer than {@link LOOK_MILLISECONDS}. */
export function lookAt(looks: readonly Look[], signal: AbortSignal): Promise<readonly Finding[]> {
  return Promise.all(
    looks.map(async ({ check, look }): Promise<Finding> => {
      const limit = AbortSignal.timeout(LOOK_MILLISECONDS);
      try {
        return { check, ...(await orAborted(look(), AbortSignal.any([signal, limit]))) };
      } catch (error) {
        if (signal.aborted) throw error;
        if (limit.aborted)
          return {
            check,
            ...fail(
              `No answer within ${LOOK_MILLISECONDS} ms, so the fleet waits for it, too. Look whether it runs and can be reached from here.`,
            ),
          };
        return { check, ...fail(error instanceof DchatError ? error.message : explain(error)) };
      }
    }),
  );
}

/** Findings for people, a line each. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings.map(({ level, check, says }) => `${level.padEnd(4)}  ${check}: ${says}`).join("\n");
}
