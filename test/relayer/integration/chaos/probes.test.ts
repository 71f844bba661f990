import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { describe, it } from "node:test";
import { reasonAgainst } from "../../../../relayer/chaos/adapters/linux/commands.ts";
import { newLeaseId } from "../../../../relayer/chaos/adapters/lease-id.ts";
import { addTable, deleteTable, probeNft, tableOf } from "../../../../relayer/chaos/adapters/linux/nft.ts";
import { measureLink } from "../../../../relayer/chaos/adapters/probes/links.ts";
import { availableMemory, measureCpu } from "../../../../relayer/chaos/adapters/probes/machine.ts";
import type { LinkTarget } from "../../../../relayer/chaos/core/target.ts";
import { FakeHttpNode } from "../../support/chaos-cases.ts";

const TRIALS = 30;

void describe("probes", async () => {
  const noNft = await reasonAgainst(probeNft);

  void it("answer every question over a sound link, and say how long it took", async () => {
    await using node = await FakeHttpNode.start();
    const measure = await measureLink(linkTo(node), "rpc", { trials: 5, timeoutMilliseconds: 2_000 });
    assert.equal(measure.answered, 1);
    assert(measure.medianMilliseconds !== undefined && measure.medianMilliseconds > 0);
  });

  void it("answer none where nobody listens", async () => {
    const link = await FakeHttpNode.start();
    const gone = linkTo(link);
    await link[Symbol.asyncDispose]();
    const measure = await measureLink(gone, "redis", { trials: 2, timeoutMilliseconds: 2_000 });
    assert.deepEqual(measure, { trials: 2, answered: 0, medianMilliseconds: undefined });
  });

  void it(
    "miss a share where packets are lost",
    { skip: noNft === undefined ? false : `no nft here: ${noNft}` },
    async () => {
      await using node = await FakeHttpNode.start();
      const link = linkTo(node);
      const name = tableOf(newLeaseId());
      try {
        await addTable(name, { ports: [link.port], direction: "both", then: { dropPercent: 15 } }, 60_000);
        // Shorter than TCP waits before it sends again (200 ms; a second for the first packet): a lost packet is a question unanswered.
        // Of the ten packets of a question all come through one time in five: of thirty questions, all or none is one case in a thousand.
        const { answered } = await measureLink(link, "rpc", { trials: TRIALS, timeoutMilliseconds: 150 });
        assert(answered < 1, `all of ${TRIALS} were answered`);
      } finally {
        await deleteTable(name);
      }
    },
  );

  void it("read the machine's CPU and memory within what it has", async () => {
    const busy = await measureCpu(200);
    assert(busy >= 0 && busy <= 1, String(busy));
    assert(availableMemory() > 0 && availableMemory() < totalmem());
  });
});

function linkTo(node: FakeHttpNode): LinkTarget {
  const port = Number(node.address.split(":")[1]);
  return { kind: "link", name: "watcher>chain-A", client: "watcher", server: "chain-A", port };
}
