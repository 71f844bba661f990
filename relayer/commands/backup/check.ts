import type { LocalContext } from "../context.ts";
import { verifyBackup } from "./manifest.ts";

/** `dchat backup check`: whether a backup is whole. Needs no network. */
export function checkBackup(folder: string, { output }: LocalContext): void {
  const manifest = verifyBackup(folder);
  const { createdAt, stores } = manifest;
  output.result(
    { folder, ...manifest },
    [
      `${folder} is whole: ${stores.length} stores, saved at ${createdAt}`,
      ...stores.map(({ path, what }) => `  ${path}  ${what}`),
    ].join("\n"),
  );
}
