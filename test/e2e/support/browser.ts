import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { z } from "zod";

/** Debian's, and where others put theirs. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A Chromium of this machine; `undefined` where there is none. */
export const chromiumPath = PLACES.find((place) => existsSync(place));

/** Starts it, so that it asks nobody for anything but the pages of the test. */
export function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no Chromium");
  const quiet = ["no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["no-sandbox", "disable-gpu", "disable-quic", "mute-audio", ...quiet].map((name) => `--${name}`),
  });
}

/** What a page complains of: errors on its console, uncaught ones, requests that fail. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // Streams end when the page closes them.
    if (why !== "net::ERR_ABORTED") complaints.push(`${why} ${request.url()}`);
  });
  return complaints;
}

const found = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })) }),
);

/** What axe-core finds on a page: WCAG 2.2 to AA, and best practices. @returns a line for each finding */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const violations = found.parse(await page.evaluate("axe.run().then(({ violations }) => violations)"));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
