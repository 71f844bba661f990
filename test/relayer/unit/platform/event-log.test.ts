import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { pino } from "pino";
import { z } from "zod";
import { address, chainName } from "../../../../relayer/domain/ids.ts";
import { logEvents } from "../../../../relayer/platform/event-log.ts";
import { hashOf, laneOf, pointAt, publicKeyOfText } from "../../support/bridge.ts";

const line = z.looseObject({
  level: z.number(),
  msg: z.string(),
  event: z.looseObject({ kind: z.string() }),
});

describe("events in the log", () => {
  it("are one line each, with the event as a field and a level that says how bad it is", () => {
    const lines: z.infer<typeof line>[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(line.parse(JSON.parse(chunk.toString())));
        done();
      },
    });
    const emit = logEvents(pino(sink));
    const chain = chainName.parse("A");
    const common = { chain, method: "eth_getLogs" };
    emit({ kind: "rpc-outvoted", ...common, provider: "p", said: "1 log", agreed: "2 logs" });
    emit({ kind: "rpc-no-agreement", ...common, reason: "disagreement", needed: 2, answers: [] });
    emit({ kind: "deep-reorg", chainId: 1, depth: 3, ancestor: 7, points: [pointAt(9, 4n)] });
    const where = { domain: hashOf("domain"), lane: laneOf("A-B"), nonce: 5n };
    const validator = publicKeyOfText("liar");
    const offence = { offence: "DoubleSigning", validator, where };
    const reporter = address.parse("0x00000000000000000000000000000000000000aa");
    const transactionHash = hashOf("report");
    emit({ kind: "offence-found", ...offence });
    emit({ kind: "offence-punished", ...offence, reporter, taken: 10n ** 20n, transactionHash });
    const window = { epoch: 2n, firstPoint: 100 };
    emit({ ...offence, kind: "offence-refused", where: window, reason: "EvidenceExpired" });
    emit({ kind: "validator-missing", validator, epoch: 2n, missed: 51, points: 100 });
    emit({ kind: "validator-back", validator, epoch: 2n, missed: 50, points: 100 });
    assert.deepEqual(
      lines.map(({ level, event }) => [pino.levels.labels[level], event.kind]),
      [
        ["warn", "rpc-outvoted"],
        ["error", "rpc-no-agreement"],
        ["fatal", "deep-reorg"],
        ["fatal", "offence-found"],
        ["warn", "offence-punished"],
        ["error", "offence-refused"],
        ["error", "validator-missing"],
        ["warn", "validator-back"],
      ],
    );
    assert.deepEqual(
      z.array(z.looseObject({ nonce: z.string() })).parse(lines[2]?.event["points"])[0]?.nonce,
      "4",
    );
    const [punished, refused] = lines.slice(4).map(({ event }) => event);
    assert.deepEqual(
      [punished?.["where"], refused?.["where"]],
      [
        { ...where, nonce: "5" },
        { ...window, epoch: "2" },
      ],
    );
    assert.equal(punished?.["taken"], "100000000000000000000");
    assert.match(lines[5]?.msg ?? "", /refused: EvidenceExpired; nobody was punished/);
    assert.match(lines[2]?.msg ?? "", /3 blocks that were final .* are gone/);
  });
});
