import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hexlify, parseEther, toUtf8Bytes, Wallet } from "ethers";
import { z } from "zod";
import { Escrow__factory } from "../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { MisbehavingToken__factory } from "../../types/ethers-contracts/factories/mocks/MisbehavingToken.sol/MisbehavingToken__factory.ts";
import type { ChainConfig } from "../../relayer/domain/network.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { Rpc } from "../../relayer/platform/rpc.ts";
import { until } from "../relayer/support/processes.ts";
import { assertFailed, type Failure, jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const escrowView = z.object({
  id: z.string(),
  state: z.string(),
  remaining: z.string(),
  next: z.array(z.object({ who: z.string(), action: z.string() })),
});
const shownView = escrowView.extend({ papers: z.array(z.object({ kind: z.string(), uri: z.string() })) });
const listView = z.object({ escrows: z.array(escrowView) });

const noId = `0x${"12".repeat(32)}`;
/** The bytes 0x61ff00 as text. */
const ODD = "a\uFFFD\uFFFD";
/** MisbehavingToken's mood in which it takes a fee. */
const TAKES_FEE = 1;

// One suite a chain at a time: an account's transactions on a chain follow one another.
describe("escrows on the command line", { concurrency: 3 }, () => {
  let fleet: Fleet;
  const rpcs = new Map<ChainConfig, Rpc>();
  const rpcOf = (chain: ChainConfig) => rpcs.get(chain) ?? assert.fail();
  const keyFile = (name: string) => join(dirname(fleet.local.networkFile), `${name}.key`);
  const walletOf = (name: string) => new Wallet(hexlify(readKeyFile(keyFile(name), name)));
  const as = (name: string) => ["--key-file", keyFile(name)];
  const contractOf = ({ escrow }: ChainConfig) => escrow?.contract ?? assert.fail();
  const demo = () => {
    const token = fleet.local.network.tokens["DEMO"]?.sides[fleet.home.name]?.token ?? assert.fail();
    return DemoToken__factory.connect(token, rpcOf(fleet.home).provider);
  };

  before(async () => {
    fleet = await Fleet.start();
    for (const chain of [fleet.home, fleet.away]) rpcs.set(chain, new Rpc(chain));
  });
  after(async () => {
    for (const rpc of rpcs.values()) rpc.close();
    await fleet.stop();
  });

  /** Runs `dchat escrow …` to its end. */
  function run(args: readonly string[], input?: string) {
    const running = fleet.dchat(["--json", "escrow", ...args]);
    running.child.stdin?.end(input);
    return running.ended;
  }

  /** Runs `dchat escrow …`, which is to succeed. */
  async function json(args: readonly string[], input?: string): Promise<unknown> {
    const ended = await run(args, input);
    assert.equal(ended.code, 0, ended.stderr);
    return jsonOf(ended);
  }

  const escrow = async (...args: readonly string[]) => escrowView.parse(await json(args));
  const create = (chain: ChainConfig, token: string, ...more: readonly string[]) =>
    escrow(
      "create",
      "--chain",
      chain.name,
      "--token",
      token,
      "--seller",
      walletOf("seller").address,
      ...more,
    );

  /** Publishes an agreement whose bytes are no text, as only somebody who writes their own transactions can. */
  async function publishOddly(id: string): Promise<void> {
    const { provider } = rpcOf(fleet.away);
    const contract = Escrow__factory.connect(contractOf(fleet.away), provider);
    const [created] = await contract.queryFilter(contract.filters.Created(id));
    assert(created !== undefined);
    const plain = contract.interface.encodeFunctionData("publishAgreement", [created.args.terms, "odd"]);
    const [text, odd] = [hexlify(toUtf8Bytes("odd")).slice(2), "61ff00"];
    const at = plain.lastIndexOf(text);
    const data = plain.slice(0, at) + odd + plain.slice(at + odd.length);
    const to = contractOf(fleet.away);
    await (await walletOf("wallet").connect(provider).sendTransaction({ to, data })).wait();
  }

  describe("on the token's chain", { concurrency: 1 }, () => {
    it("DEMO by approval: dispute, evidence from both, and a partial ruling", async () => {
      const arbiter = ["--arbiter", walletOf("arbiter").address];
      const before = await demo().balanceOf(walletOf("seller").address);
      const { id } = await create(fleet.home, "DEMO", "--amount", "10", "--deliver-by", "+1d", ...arbiter);
      await escrow("dispute", id, "--evidence", "ipfs://nothing-came");
      const disputed = await escrow("evidence", id, "ipfs://posted", ...as("seller"));
      assert.deepEqual(
        [disputed.state, disputed.next[0]],
        ["Disputed", { who: "arbiter", action: "resolve" }],
      );
      const shown = shownView.parse(await json(["show", id]));
      assert.deepEqual(
        shown.papers.map(({ uri }) => uri),
        ["ipfs://nothing-came", "ipfs://posted"],
      );
      const { state } = await escrow("resolve", id, "--to-buyer", "2.5", ...as("arbiter"));
      assert.equal(state, "Released");
      const gained = (await demo().balanceOf(walletOf("seller").address)) - before;
      assert.equal(gained, parseEther("7.5"));
      assert.equal(await demo().allowance(walletOf("wallet").address, contractOf(fleet.home)), 0n);
    });

    it("DEMO by permit: a release that the buyer signs is sent by the seller, once", async () => {
      const { id } = await create(fleet.home, "DEMO", "--amount", "3", "--deliver-by", "+1d", "--permit");
      const signed = JSON.stringify(
        await json(["sign", id, "release", "--amount", "1", "--deadline", "+1h"]),
      );
      assert.equal(escrowView.parse(await json(["show", id])).remaining, String(parseEther("3")));
      const after = escrowView.parse(await json(["execute", "-", ...as("seller")], signed));
      assert.deepEqual([after.state, after.remaining], ["Locked", String(parseEther("2"))]);

      const again = await run(["execute", "-", ...as("seller")], signed);
      assertFailed(again, { exit: 1, code: "SEQUENCE_MISMATCH", says: [/used up/, /Nothing was sent/] });
      const refunded = await escrow("refund", id, ...as("seller"));
      assert.equal(refunded.state, "Refunded");
    });

    it("refuses a token that takes a fee, and takes the approval back", async () => {
      const rich = await rpcOf(fleet.home).provider.getSigner(0);
      const token = await new MisbehavingToken__factory(rich).deploy();
      await (await token.transfer(walletOf("wallet").address, 1_000n)).wait();
      await (await token.setMood(TAKES_FEE)).wait();
      const at = await token.getAddress();
      const deal = [
        "--amount",
        "0.0000000000000005",
        "--deliver-by",
        "+1d",
        "--seller",
        walletOf("seller").address,
      ];
      const ended = await run(["create", "--chain", fleet.home.name, "--token", at, ...deal]);
      assertFailed(ended, { exit: 1, code: "WRONG_RECEIVED", says: [/takes a fee/, /is withdrawn/] });
      assert.equal(await token.allowance(walletOf("wallet").address, contractOf(fleet.home)), 0n);
    });
  });

  describe("on the other chain", { concurrency: 1 }, () => {
    it("an escrow whose delivery date passes is refunded by the keeper, which may be killed meanwhile", async () => {
      const { id } = await create(
        fleet.away,
        "native",
        "--amount",
        "0.1",
        "--deliver-by",
        "+6s",
        "--review-for",
        "1s",
      );
      await fleet.kill(`keeper-${fleet.away.name}`);
      const contract = Escrow__factory.connect(contractOf(fleet.away), rpcOf(fleet.away).provider);
      const expirations = () => contract.queryFilter(contract.filters.Expired(id));
      await until("the keeper has expired it", async () => (await expirations()).length > 0, 40_000);
      assert.equal(escrowView.parse(await json(["show", id])).state, "Expired");
      const [expired, ...more] = await expirations();
      assert.deepEqual([expired?.args.toBuyer, more.length], [parseEther("0.1"), 0]);
    });

    it("in parts and shares, with an agreement of any bytes: shown from the chain, and by the index, which goes on", async () => {
      const parts = ["--milestone", "0.2@+1d", "--milestone", "0.3@+8d", "--milestone", "0.5@+16d"];
      const others = ["--payee", `${walletOf("arbiter").address}:1000`];
      const { id } = await create(fleet.away, "native", "--amount", "1", ...parts, ...others);
      await publishOddly(id);
      const shown = shownView.parse(await json(["show", id]));
      assert.deepEqual(shown.papers, [{ kind: "agreement", uri: ODD }]);

      const { api } = fleet.local.network;
      const detail = z.object({
        terms: z.object({ milestones: z.array(z.unknown()), payees: z.array(z.unknown()) }),
        events: z.array(z.object({ name: z.string(), details: z.looseObject({}) })),
      });
      const indexed = async () => {
        const answer = await fetch(`http://127.0.0.1:${api.port}/api/v1/escrows/${id}`);
        const found = detail.safeParse(await answer.json());
        return found.data?.events.some(({ name }) => name === "MetaEvidence") ? found.data : undefined;
      };
      await until("the index has it", async () => (await indexed()) !== undefined);
      const { terms, events } = (await indexed()) ?? assert.fail();
      assert.deepEqual([terms.milestones.length, terms.payees.length], [3, 2]);
      assert.equal(events.find(({ name }) => name === "MetaEvidence")?.details["_evidence"], ODD);
    });

    it("native: the buyer creates, the seller delivers, the buyer releases", async () => {
      const { id, state, next } = await create(
        fleet.away,
        "native",
        "--amount",
        "0.5",
        "--deliver-by",
        "+1d",
      );
      assert.deepEqual([state, next[0]], ["Locked", { who: "seller", action: "deliver" }]);
      assert.equal((await escrow("deliver", id, ...as("seller"))).state, "AwaitingRelease");
      const balance = () => rpcOf(fleet.away).provider.getBalance(walletOf("seller").address);
      const before = await balance();
      const released = await escrow("release", id);
      assert.deepEqual([released.state, released.remaining], ["Released", "0"]);
      assert.equal((await balance()) - before, parseEther("0.5"));

      const again = await run(["release", id]);
      assertFailed(again, { exit: 1, code: "NOT_OPEN", says: [/closed: Released/, /Nothing was sent/] });
      const list = ["list", "--chain", fleet.away.name, "--role", "seller", ...as("seller")];
      const listed = listView.parse(await json(list)).escrows;
      assert(listed.some((entry) => entry.id === id && entry.state === "Released"));
    });
  });

  describe("bad input", { concurrency: 1 }, () => {
    type Bad = readonly [
      what: string,
      args: (seller: string) => readonly string[],
      failure: Omit<Failure, "says">,
      says: RegExp,
    ];
    const deal = (seller: string, ...more: readonly string[]) => [
      ...[
        "create",
        "--chain",
        "B",
        "--seller",
        seller,
        "--token",
        "native",
        "--amount",
        "1",
        "--deliver-by",
        "+1d",
      ],
      ...more,
    ];
    const usage = (code: string) => ({ exit: 2, code });
    // How each option is read: test/relayer/unit/escrow/options.test.ts.
    const bad: readonly Bad[] = [
      ["no id", () => ["show", "0x12"], usage("ESCROW_ID"), /no escrow id/],
      ["an unknown id", () => ["show", noId], { exit: 1, code: "UNKNOWN_ESCROW" }, /on A or B/],
      ["an unknown chain", (seller) => deal(seller, "--chain", "C"), usage("CHAIN"), /no such chain/],
      ["an unknown token", (seller) => deal(seller, "--token", "NOPE"), usage("TOKEN"), /no such token/],
      ["a misspelt address", (seller) => deal(`${seller}0`), usage("ADDRESS"), /no account/],
      [
        "a delivery in the past",
        (seller) => deal(seller, "--deliver-by", "2020-01-01"),
        usage("DEADLINE_TOO_EARLY"),
        /too early/,
      ],
      [
        "milestones of another sum",
        (seller) => deal(seller, "--milestone", "0.4@+1d"),
        usage("MILESTONES_SUM"),
        /add up to 0\.4 native/,
      ],
      [
        "more than the wallet has",
        (seller) => deal(seller, "--amount", "100000"),
        { exit: 1, code: "BALANCE" },
        /too little native/,
      ],
      ["an unknown action", () => ["sign", noId, "steal", "--deadline", "+1d"], usage("USAGE"), /steal/],
    ];
    for (const [what, args, failure, says] of bad)
      it(`${what} is refused, and nothing is done`, async () => {
        const ended = await run(args(walletOf("seller").address));
        assertFailed(ended, { ...failure, says: [says, /Nothing was (done|sent)/] });
      });

    it("a file that is no signed action is refused", async () => {
      const file = join(fleet.folder, "signed.json");
      writeFileSync(file, '{"chainId": 31337}');
      assertFailed(await run(["execute", file]), { ...usage("SIGNED_ACTION"), says: [/no signed action/] });
    });
  });
});
