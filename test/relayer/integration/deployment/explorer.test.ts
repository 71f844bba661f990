import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { Wallet } from "ethers";
import { z } from "zod";
import { ChainReader } from "../../../../relayer/deployment/adapters/chain-reader.ts";
import { provideCreateX } from "../../../../relayer/deployment/adapters/create-x.ts";
import { showSource } from "../../../../relayer/deployment/adapters/explorer.ts";
import { type HardhatSession, openHardhat } from "../../../../relayer/deployment/adapters/hardhat.ts";
import { createContracts } from "../../../../relayer/deployment/adapters/ignition.ts";
import { initCode } from "../../../../relayer/deployment/adapters/init-code.ts";
import { type ChainLayout, contractAt, layoutOf } from "../../../../relayer/deployment/core/layout.ts";
import { address, chainName, type Hash } from "../../../../relayer/domain/ids.ts";
import { deploymentSchema } from "../../../../relayer/domain/deployment-file.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { asRecord } from "../../../../relayer/platform/json-settings.ts";
import { Anvil } from "../../support/anvil.ts";
import { people, posing } from "../../support/deployment-file.ts";
import { RICH } from "../../support/deployer.ts";
import { chainAt } from "../../support/sender-scene.ts";

/** A made-up Blockscout: it believes every source but one, and remembers what it was handed. */
class Explorer {
  readonly handed: URLSearchParams[] = [];
  /** What it says to whatever is handed in. */
  verdict = "Pass - Verified";
  readonly #server: Server = createServer((request, response) => {
    void this.#answer(request).then((result) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify(result));
    });
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const action = new URL(request.url ?? "/", "http://explorer").searchParams.get("action");
    if (action === "getsourcecode") return { status: "0", message: "not verified", result: [] };
    if (action === "checkverifystatus") return { status: "1", message: "OK", result: this.verdict };
    assert.equal(action, "verifysourcecode");
    this.handed.push(new URLSearchParams(await text(request)));
    return { status: "1", message: "OK", result: "a-receipt" };
  }
}

describe("an explorer", () => {
  const explorer = new Explorer();
  const wallet = Wallet.createRandom();
  const [name, account] = [chainName.parse("B"), address.parse(wallet.address)];
  const environment = { CI: process.env["CI"], DCHAT_DEPLOYER_KEY: process.env["DCHAT_DEPLOYER_KEY"] };
  const transactions = new Map<string, Hash>();
  let layout: ChainLayout;
  let anvil: Anvil;
  let hardhat: HardhatSession;
  let reader: ChainReader;

  before(async () => {
    // In here Hardhat reads the environment of this process.
    Object.assign(process.env, { CI: "true", DCHAT_DEPLOYER_KEY: wallet.privateKey });
    anvil = await Anvil.start({ chainId: 31_338 });
    await anvil.fund(wallet.address, RICH);
    const url = await explorer.start();
    const file = posing("development");
    const chains = asRecord(file["chains"]);
    const place = { url, apiUrl: `${url}/api` };
    const shown = { ...asRecord(chains["B"]), explorer: { kind: "blockscout", place } };
    const deployment = deploymentSchema.parse({
      ...{ ...file, ...people, deployer: account },
      chains: { ...chains, B: shown },
    });
    const layouts = layoutOf(deployment, new Set());
    const [found, entry] = [layouts.find((chain) => chain.name === name), deployment.chains[name]];
    assert(found !== undefined && entry !== undefined);
    layout = found;
    hardhat = await openHardhat({ name, entry, url: anvil.url }, () =>
      assert.fail("no password is asked for"),
    );
    reader = new ChainReader(new Rpc(chainAt(anvil.url, entry.chainId, 1)));
    const { signal } = new AbortController();
    await provideCreateX(hardhat, reader, { deployer: account, clock: systemClock, signal });
    const creations = await Promise.all(
      ["keys", "batch", "timelock", "outbox"].map(async (key) => {
        const code = await initCode(layout, key, { file: deployment, layouts, firstSet: undefined });
        assert(code !== undefined);
        return { ...contractAt(layout, key), initCode: code };
      }),
    );
    await createContracts(hardhat, creations, {
      ...{ chain: name, sender: account, confirmations: 1, mostGasPrice: undefined },
      onCreated: (key, transaction) => transactions.set(key, transaction),
    });
  });

  after(async () => {
    for (const [key, value] of Object.entries(environment))
      if (value === undefined) Reflect.deleteProperty(process.env, key);
      else process.env[key] = value;
    explorer.stop();
    reader.rpc.close();
    await hardhat.close();
    await anvil[Symbol.asyncDispose]();
  });

  const show = async (key: "outbox" | "batch", contract: "Outbox" | "Ed25519CombBatchVerifier") => {
    const transaction = transactions.get(key);
    assert(transaction !== undefined);
    const creation = await reader.creation(transaction);
    const at = contractAt(layout, key).address;
    await showSource(hardhat, { kind: "blockscout", contract, address: at, creation });
  };

  it("is handed the sources, the compiler's version and what the constructor was told", async () => {
    await show("outbox", "Outbox");
    const [handed] = explorer.handed;
    assert(handed !== undefined);
    assert.match(handed.get("contractname") ?? "", /contracts\/bridge\/Outbox\.sol:Outbox$/);
    assert.match(handed.get("compilerversion") ?? "", /^v0\.8\.37\+commit\./);
    assert.match(handed.get("constructorArguments") ?? "", /^0{24}[0-9a-f]{40}0{24}[0-9a-f]{40}$/);
    assert(handed.get("constructorArguments")?.endsWith(account.slice(2).toLowerCase()), "the guardian");
    const input = z
      .object({ sources: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(handed.get("sourceCode") ?? ""));
    assert(Object.keys(input.sources).some((source) => source.endsWith("contracts/bridge/Outbox.sol")));
    assert(!Object.keys(input.sources).some((source) => source.endsWith("Inbox.sol")), "and no others");
  });

  it("that does not believe it is an error, in the explorer's own words", async () => {
    explorer.verdict = "Fail - Unable to verify";
    await assert.rejects(show("outbox", "Outbox"), /Unable to verify/);
  });
});
