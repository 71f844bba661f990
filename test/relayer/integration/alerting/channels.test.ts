// What every channel promises, against real servers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  arrived,
  channelOf,
  http,
  httpKinds,
  kinds,
  secrets,
  send,
  settingsOf,
} from "../../support/channel-scene.ts";
import { hostileNotification, notificationOf } from "../../support/notifications.ts";

describe("every channel", () => {
  for (const kind of kinds) {
    it(`${kind}: delivers, and tells nothing that is secret`, async () => {
      const delivery = await send(settingsOf[kind]());
      assert.equal(delivery.kind, "delivered");
      assert.equal(arrived(kind).length, 1);
      for (const secret of secrets) assert(!JSON.stringify(delivery).includes(secret), secret);
    });

    it(`${kind}: a second attempt carries the same keys`, async () => {
      const channel = channelOf(settingsOf[kind]());
      const signal = AbortSignal.timeout(20_000);
      await channel.send(notificationOf(), signal);
      await channel.send(notificationOf(), signal);
      const [first, second] = arrived(kind).map((text) =>
        text.replace(/"time":\d+/, "").replace(/--_NmP[^\r\n]*|boundary="[^"]*"/g, ""),
      );
      assert(first !== undefined);
      assert.equal(first, second);
      const keys = http.received.map(({ headers }) => headers["idempotency-key"]);
      assert.deepEqual(keys, httpKinds.some((each) => each === kind) ? ["n-0001", "n-0001"] : []);
    });

    it(`${kind}: does nothing after its time is over, and says that it may be tried again`, async () => {
      const delivery = await channelOf(settingsOf[kind]()).send(notificationOf(), AbortSignal.abort());
      assert.equal(delivery.kind, "retry");
      assert.deepEqual(arrived(kind), []);
    });

    it(`${kind}: takes whatever an alert holds, without throwing`, async () => {
      for (const text of ["", "\u0000\r\n.\r\n\ud800", "x".repeat(70_000), "{{ .Status }}", "__proto__"])
        assert.equal((await send(settingsOf[kind](), hostileNotification(text))).kind, "delivered");
    });

    it(`${kind}: closes, more than once if need be`, async () => {
      const channel = channelOf(settingsOf[kind]());
      await channel.send(notificationOf(), AbortSignal.timeout(20_000));
      await channel.close();
      await channel.close();
    });
  }
});
