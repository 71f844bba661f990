const CELLS = 24;

/**
 * A bar for a terminal: what is done, what is left, and the share in percent.
 * @param share from 0 to 1; what is outside counts as the nearer of them
 */
export function progressBar(share: number): string {
  const done = Math.min(1, Math.max(0, share));
  const filled = Math.floor(done * CELLS);
  return `${"━".repeat(filled)}${"─".repeat(CELLS - filled)} ${String(Math.floor(done * 100)).padStart(3)} %`;
}
