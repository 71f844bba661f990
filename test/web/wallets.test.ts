import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  discoverWallets,
  isDevelopmentWallet,
  readAnnouncement,
  remembered,
} from "../../web/dapp/core/wallets.ts";

const provider = { request: () => Promise.resolve(null) };
const info = { uuid: "1", rdns: "org.example", name: "Example", icon: "data:image/svg+xml,x" };
const announce = (target: EventTarget, detail: unknown) =>
  target.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));

describe("finding wallets", () => {
  it("asks those that are there, hears those that come later, and keeps one place for each", () => {
    const target = new EventTarget();
    let asked = 0;
    target.addEventListener("eip6963:requestProvider", () => {
      asked += 1;
      announce(target, { info, provider });
    });
    let names: readonly string[] = [];
    const stop = discoverWallets(target, (wallets) => {
      names = wallets.map(({ name }) => name);
    });
    assert.equal(asked, 1);
    announce(target, { info: { ...info, uuid: "2", name: "Other" }, provider });
    announce(target, { info: { ...info, name: "Example again" }, provider });
    assert.deepEqual(names, ["Example again", "Other"]);
    stop();
    announce(target, { info: { ...info, uuid: "3" }, provider });
    assert.equal(names.length, 2);
  });

  it("hears nothing in what is no announcement", () => {
    for (const detail of [
      undefined,
      null,
      7,
      {},
      { info },
      { info, provider: {} },
      { info: { ...info, rdns: 1 }, provider },
    ])
      assert.equal(readAnnouncement(detail), undefined);
  });

  it("loads no picture from elsewhere, and cuts names", () => {
    const wallet = readAnnouncement({
      info: { ...info, icon: "https://evil.example/x.png", name: "x".repeat(100) },
      provider,
    });
    assert.equal(wallet?.icon, undefined);
    assert.equal(wallet?.name.length, 40);
    assert.equal(readAnnouncement({ info, provider })?.icon, info.icon);
  });

  it("knows the wallet of the last visit, and those of local networks, by who made them", () => {
    const wallet = readAnnouncement({ info, provider });
    assert(wallet !== undefined);
    assert.equal(remembered([wallet], "org.example"), wallet);
    assert.equal(remembered([wallet], null), undefined);
    assert.equal(isDevelopmentWallet(wallet), false);
    assert.equal(isDevelopmentWallet({ rdns: "local.dchat.seller" }), true);
  });
});
