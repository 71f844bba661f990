import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { developmentProblems, type DevelopmentSettings } from "../../../../relayer/domain/development.ts";

const chain = { chainId: 31_337, rpcUrl: "http://127.0.0.1:8545" };
const local: DevelopmentSettings = {
  developmentAccounts: { wallet: "wallet.key" },
  chains: { A: chain, B: { ...chain, chainId: 31_338 } },
  api: { host: "127.0.0.1" },
};
const paths = (change: Partial<DevelopmentSettings>) =>
  developmentProblems({ ...local, ...change }).map(({ path }) => path.join("."));

describe("accounts whose keys the API gives away", () => {
  it("are for networks that are all of this machine", () => {
    assert.deepEqual(paths({}), []);
    assert.deepEqual(paths({ api: { host: "localhost" } }), []);
  });

  it("are refused with any chain, provider or API that others reach", () => {
    assert.deepEqual(paths({ chains: { A: chain, B: { ...chain, chainId: 1 } } }), ["chains.B.chainId"]);
    assert.deepEqual(paths({ chains: { A: { ...chain, rpcUrl: "https://rpc.example" } } }), [
      "chains.A.rpcUrl",
    ]);
    const rpcUrls = ["http://127.0.0.1:8545", "http://127.0.0.1.example"];
    assert.deepEqual(paths({ chains: { A: { ...chain, rpcUrls } } }), ["chains.A.rpcUrls"]);
    assert.deepEqual(paths({ chains: { A: { ...chain, rpcUrl: "nonsense" } } }), ["chains.A.rpcUrl"]);
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "dchat.example"])
      assert.deepEqual(paths({ api: { host } }), ["api.host"]);
  });

  it("do not matter where there are none", () => {
    assert.deepEqual(paths({ developmentAccounts: undefined, api: { host: "0.0.0.0" } }), []);
  });
});
