import { chownSync } from "node:fs";

/** The user id of `nobody`: of somebody to whom file modes apply. */
export const NOBODY = 65_534;

/** Gives files to the user that a program of the tests runs as: nobody if this is root, otherwise the same. */
export function giveToNobody(...files: readonly string[]): void {
  if (process.getuid?.() === 0) for (const file of files) chownSync(file, NOBODY, NOBODY);
}
