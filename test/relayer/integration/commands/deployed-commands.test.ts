import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { assertFailed, dchat } from "../../../e2e/support/cli.ts";
import { exitCodes } from "../../../../relayer/platform/exit-codes.ts";
import { readCompose, readUnits } from "../../support/deployments.ts";
import { chartValues, overlay, renderChart } from "../../support/helm-chart.ts";

const CONFIG = "/etc/dchat/network.json";

/** Every command line that deploy/ starts a role with. */
async function commandLines(): Promise<readonly (readonly string[])[]> {
  const composed = Object.entries(readCompose().services)
    .filter(([name]) => !["redis", "postgres"].includes(name))
    .map(([, { command = [] }]) => command);
  const united = readUnits().map(({ keys }) => {
    const words = keys.get("ExecStart")?.[0]?.split(" ") ?? [];
    return words.slice(words.indexOf("--config"));
  });
  const values = overlay(chartValues("values.yaml"), chartValues("ci/example-values.yaml"));
  const pod = z.looseObject({
    spec: z.object({
      template: z.object({
        spec: z.object({ containers: z.array(z.object({ args: z.array(z.string()) })) }),
      }),
    }),
  });
  const charted = (await renderChart(values)).flatMap((manifest) =>
    ["Deployment", "StatefulSet"].includes(manifest.kind)
      ? pod.parse(manifest).spec.template.spec.containers.map(({ args }) => args)
      : [],
  );
  return [...composed, ...united, ...charted];
}

/** What a command line is but for its values, and for where it shows its health. */
const shapeOf = (args: readonly string[]) => {
  const role = args[args.indexOf("--role") + 1] ?? "";
  return [role, ...args.filter((each) => /^--(?!health)/.test(each)).sort()].join(" ");
};

describe("the command lines of deploy/", () => {
  it(
    "are all understood: nothing is missing but the configuration, which is not here",
    { concurrency: 2 },
    async (context) => {
      const lines = await commandLines();
      assert(lines.length > 20, "of Compose, systemd and the chart");
      assert(lines.every((args) => args[1] === CONFIG));
      // One of each shape is enough, the longest.
      const byLength = lines.toSorted((a, b) => a.length - b.length);
      const shapes = new Map(byLength.map((args) => [shapeOf(args), args]));
      await Promise.all(
        [...shapes].map(([shape, args]) =>
          context.test(shape, async () => {
            assertFailed(await dchat(["--json", ...args]).ended, {
              exit: exitCodes.configuration,
              code: "CONFIGURATION",
              says: [/\/etc\/dchat\/network\.json cannot be read/],
            });
          }),
        ),
      );
    },
  );
});
