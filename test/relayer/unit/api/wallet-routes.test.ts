import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Fastify from "fastify";
import { z } from "zod";
import { ReadModel } from "../../../../relayer/api/read-model.ts";
import { TokenLanes, type TokenSide } from "../../../../relayer/api/token-lanes.ts";
import { addWalletRoutes } from "../../../../relayer/api/wallet-routes.ts";
import { developmentWalletView, laneTermsView } from "../../../../relayer/api/wallet-schema.ts";
import { address, chainId, chainName } from "../../../../relayer/domain/ids.ts";
import { FakeAttestations } from "../../support/fakes.ts";

const key = `0x${"ab".repeat(32)}`;
const wallet = developmentWalletView.parse({
  accounts: [{ name: "wallet", key }],
  chains: [{ chainId: 31_337, rpcUrl: "http://127.0.0.1:8545" }],
});
const network = { chains: [], tokens: [], hasDevelopmentWallet: false };
const path = "/api/v1/development-wallet";

const side = (chain: string, id: number, unit: bigint, available: bigint): TokenSide => ({
  ...{ symbol: "DEMO", decimals: 0, chain: chainName.parse(chain), chainId: chainId.parse(id) },
  bridge: address.parse(`0x${String(id).repeat(40)}`),
  reader: {
    terms: (other) =>
      Promise.resolve({
        outgoing: { available: available * unit, capacity: 900n * unit, windowSeconds: other },
        incoming: { available: available * unit, capacity: 800n * unit, windowSeconds: other },
        delay: { threshold: 500n * unit, seconds: 60 },
        ...{ unit, pausedUntil: 0 },
      }),
    waiting: () => Promise.resolve(undefined),
  },
});

function serve(developmentWallet: typeof wallet | undefined) {
  const app = Fastify();
  const tokenLanes = new TokenLanes([side("A", 1, 1_000n, 7n), side("B", 2, 10n, 5n)]);
  addWalletRoutes(app, { network, tokenLanes, developmentWallet }, new ReadModel([], new FakeAttestations()));
  return app;
}

describe("the keys of a local network's accounts", () => {
  it("are given to nobody where there is no development wallet", async () => {
    const answer = await serve(undefined).inject({ url: path, headers: { host: "127.0.0.1" } });
    assert.notEqual(answer.statusCode, 200);
    assert.equal(z.object({ code: z.string() }).parse(answer.json()).code, "UNKNOWN_WALLET");
  });

  it("are given to this machine's own pages, and kept by no cache", async () => {
    const headers = { host: "127.0.0.1:8080", "sec-fetch-site": "same-origin" };
    const answer = await serve(wallet).inject({ url: path, headers });
    assert.deepEqual(answer.json(), wallet);
    assert.equal(answer.headers["cache-control"], "no-store");
  });

  it("are refused to names that others own, and to other sites' pages", async () => {
    for (const headers of [
      { host: "evil.example" },
      { host: "127.0.0.1.evil.example" },
      { host: "127.0.0.1", "sec-fetch-site": "cross-site" },
      { host: "127.0.0.1", "sec-fetch-site": "same-site" },
    ]) {
      const answer = await serve(wallet).inject({ url: path, headers });
      assert.equal(answer.statusCode, 403, JSON.stringify(headers));
      assert.doesNotMatch(answer.body, new RegExp(key));
    }
  });
});

describe("what a token's way along a lane allows", () => {
  it("is told in the smallest unit of the chain that is left, whatever the other chain's is", async () => {
    const answer = await serve(undefined).inject({ url: "/api/v1/lanes/A/B/tokens/DEMO" });
    const terms = laneTermsView.parse(answer.json());
    assert.equal(terms.unit, 1_000n);
    assert.deepEqual(terms.outgoing, { available: 7_000n, capacity: 900_000n, windowSeconds: 2 });
    assert.deepEqual(terms.incoming, { available: 5_000n, capacity: 800_000n, windowSeconds: 1 });
    assert.equal(terms.delay.threshold, 500_000n);
  });

  it("is refused for a lane or a token that does not exist", async () => {
    for (const url of ["A/A/tokens/DEMO", "A/C/tokens/DEMO", "A/B/tokens/NONE"])
      assert.notEqual((await serve(undefined).inject({ url: `/api/v1/lanes/${url}` })).statusCode, 200, url);
  });
});
