// Mails, against a real SMTP server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "../../../../relayer/alerting/core/secret.ts";
import { channelOf, email, send, smtp } from "../../support/channel-scene.ts";
import { SmtpReceiver } from "../../support/smtp-receiver.ts";
import { hostileNotification, notificationOf } from "../../support/notifications.ts";

describe("email", () => {
  it("goes over TLS, with text and HTML, to everybody, through one connection", async () => {
    const channel = channelOf(email());
    const before = smtp.connections;
    await channel.send(notificationOf(), AbortSignal.timeout(20_000));
    await channel.send(notificationOf({ id: "n-0002", reason: "repeated" }), AbortSignal.timeout(20_000));
    assert.equal(smtp.connections - before, 1);
    const [first, second] = smtp.mails;
    assert(first !== undefined && second !== undefined);
    assert.deepEqual(
      { ...first, raw: "" },
      {
        from: "alerts@dchat.example",
        to: ["one@example.org", "two@example.org"],
        raw: "",
        isEncrypted: true,
      },
    );
    assert.match(first.raw, /Content-Type: text\/plain/);
    assert.match(first.raw, /Content-Type: text\/html/);
    const header = (raw: string, name: string) =>
      new RegExp(`^${name}: (.*)$`, "mi").exec(raw.replace(/\r\n[ \t]+/g, " "))?.[1]?.trim();
    assert.notEqual(header(first.raw, "message-id"), header(second.raw, "message-id"));
    assert.equal(header(first.raw, "references"), header(second.raw, "references"));
    assert.equal(header(first.raw, "references"), header(first.raw, "in-reply-to"));
    assert.equal(header(first.raw, "list-id"), "dchat alerts <team.alerts.dchat.example>");
    assert.equal(header(first.raw, "auto-submitted"), "auto-generated");
  });

  it("is not sent to a server without TLS, unless told so; nor to one whose certificate nobody vouches for", async () => {
    const bare = await SmtpReceiver.start({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
    assert.equal((await send(email({ port: bare.port, auth: undefined }))).kind, "refused");
    assert.equal(bare.mails.length, 0);
    assert.equal(
      (await send(email({ port: bare.port, auth: undefined, requireTls: false }))).kind,
      "delivered",
    );
    await bare.stop();
    assert.equal((await send(email({ tls: undefined }))).kind, "retry");
    assert.equal(smtp.mails.length, 0);
  });

  it("a wrong password is for good, and is in no reason; a server that is busy is tried again", async () => {
    const wrong = await send(email({ auth: { username: "robot", password: new Secret("wr0ng-passw0rd") } }));
    assert.equal(wrong.kind, "refused");
    assert(!JSON.stringify(wrong).includes("wr0ng-passw0rd"));
    const replies = [
      [451, "retry"],
      [550, "refused"],
    ] as const;
    for (const [responseCode, kind] of replies) {
      const busy = await SmtpReceiver.start({
        onRcptTo: (_address, _session, done) => {
          done(Object.assign(new Error("not now"), { responseCode }));
        },
      });
      const tls = email().tls;
      assert(tls !== undefined);
      const delivery = await send(email({ port: busy.port, tls: { ...tls, ca: busy.certificate } }));
      assert.equal(delivery.kind, kind);
      await busy.stop();
    }
    const gone = await send(email({ port: 1 }));
    assert.equal(gone.kind, "retry");
  });

  it("no alert can add a header, a recipient or a second mail", async () => {
    for (const text of [
      "x\r\nBcc: evil@example.org",
      "x\nX-Evil: 1\n\nbody",
      "\r\n.\r\nMAIL FROM:<evil@example.org>\r\n",
      "=?utf-8?q?=0d=0aX-Evil:_1?=",
    ]) {
      smtp.mails.length = 0;
      await send(email(), hostileNotification(text));
      assert.equal(smtp.mails.length, 1);
      const [mail] = smtp.mails;
      assert(mail !== undefined);
      assert.deepEqual(mail.to, ["one@example.org", "two@example.org"]);
      const head = mail.raw.slice(0, mail.raw.indexOf("\r\n\r\n"));
      assert.doesNotMatch(head, /^(bcc|x-evil|mail from)/im);
    }
  });
});
