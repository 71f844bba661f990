import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { usualOpenings, utteranceRequestSchema } from "../../../../relayer/domain/speech-jobs.ts";
import { inspect } from "node:util";
import fc from "fast-check";
import { z } from "zod";
import { mailOf } from "../../../../relayer/alerting/adapters/channels/email.ts";
import { pagerdutyEvent } from "../../../../relayer/alerting/adapters/channels/pagerduty.ts";
import { escapeSlack, slackBody } from "../../../../relayer/alerting/adapters/channels/slack.ts";
import { speakable, utteranceOf } from "../../../../relayer/alerting/adapters/channels/speech.ts";
import type { EmailSettings, SpeechSettings } from "../../../../relayer/alerting/core/channel-settings.ts";
import { escapeHtml, htmlBody, htmlOf } from "../../../../relayer/alerting/core/html.ts";
import { messageOf } from "../../../../relayer/alerting/core/message.ts";
import { withoutControls } from "../../../../relayer/alerting/core/plain-text.ts";
import { Secret } from "../../../../relayer/alerting/core/secret.ts";
import { parseMessageTemplate, renderMessage } from "../../../../relayer/alerting/core/template.ts";
import { alertOf, hostileNotification, notificationOf } from "../../support/notifications.ts";
import { pagerduty, slack } from "../../support/channel-settings.ts";

const none = undefined;
const email: EmailSettings = {
  kind: "email",
  integration: "email/0",
  sendResolved: true,
  to: [{ name: "", address: "a@example.org" }],
  from: { name: "", address: "b@example.org" },
  host: "smtp.example",
  port: 25,
  requireTls: true,
  ...{ hello: none, auth: none, tls: none, subject: none, text: none, html: none },
  headers: [],
};
const speech: SpeechSettings = { kind: "speech", integration: "speech/0", sendResolved: true, text: none };

const nasty = fc
  .array(
    fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      "|",
      "@",
      "!",
      "channel",
      "here",
      "\r",
      "\n",
      "\u0000",
      "\u001b[31m",
      "\u202e",
      "\ud800",
      "a",
      " ",
      "*",
      "`",
      "javascript:",
      "<script>",
      "</speak>",
      "[[",
      "{{",
      "https://x.example/",
      "é😀",
      "x".repeat(500),
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(""));

/** Every text in a value, however deep. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsOf(item)]);
}

const block = z.object({
  text: z.object({ text: z.string() }).optional(),
  fields: z.array(z.object({ text: z.string() })).optional(),
});
const slackMessage = z.object({
  text: z.string(),
  attachments: z.array(z.object({ color: z.string(), blocks: z.array(block) })),
});

describe("injection", () => {
  it("Slack: no alert makes a mention, a link or a control of its own, and no block is too long", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const { text: line, attachments } = slackMessage.parse(
          slackBody(slack, hostileNotification(text), text),
        );
        const blocks = attachments.flatMap((attachment) => attachment.blocks);
        assert(blocks.length <= 50);
        for (const shown of [line, ...blocks.map((each) => each.text?.text ?? "")]) {
          assert(shown.length <= 3_000);
          assert(shown.isWellFormed());
          // What is left of Slack's markup are our own links.
          const rest = shown.replace(/<https:\/\/x\.example\/[^<>|\s]*\|(Runbook|Source)>/g, "");
          assert.doesNotMatch(rest, /[<>]/);
          assert.doesNotMatch(rest.replace(/&(amp|lt|gt);/g, ""), /&/);
          assert.doesNotMatch(rest, /@[a-z]/i);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("Slack: the operator's own markup stays, and only values in it are escaped", () => {
    const text = parseMessageTemplate("<!channel> *{{ .CommonLabels.alertname }}* <https://x.example|look>");
    const body = slackMessage.parse(slackBody({ ...slack, text }, hostileNotification("<!here>"), ""));
    assert.equal(
      body.attachments[0]?.blocks[1]?.text?.text,
      "<!channel> *&lt;!here&gt;* <https://x.example|look>",
    );
  });

  it("Slack: many alerts become few blocks and a count", () => {
    const many = notificationOf({ alerts: Array.from({ length: 200 }, () => alertOf()), truncatedAlerts: 5 });
    const blocks = slackMessage.parse(slackBody(slack, many, "")).attachments[0]?.blocks ?? [];
    assert.equal(blocks.length, 22);
    assert.equal(blocks.at(-1)?.text?.text, "… and 185 more alerts");
  });

  it("Slack: escaping is undone by Slack's own rule", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const shown = escapeSlack(text)
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&amp;", "&")
          .replaceAll("\u200b", "");
        assert.equal(shown, withoutControls(text));
      }),
    );
  });

  it("HTML: no alert opens a tag, leaves an attribute or runs a script", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const notification = hostileNotification(text);
        const html = htmlBody(notification, text);
        const links = /<a href="https:\/\/x\.example\/[^"<>]*">/g;
        const own =
          /<\/?(!doctype html|html lang="en"|html|head|meta charset="utf-8"|body style="[\w:;-]+"|body|h2|div style="[^"<>]*"|div|strong|p|br|code|\/a)>/g;
        assert.doesNotMatch(html.replace(links, "").replaceAll("</a>", "").replace(own, ""), /[<>]/);
        assert.doesNotMatch(escapeHtml(text), /[<>"']/);
      }),
      { numRuns: 300 },
    );
  });

  it("HTML: in the operator's own template, values cannot leave where they stand", () => {
    const render = (source: string, value: string) =>
      htmlOf(renderMessage(parseMessageTemplate(source), messageOf(hostileNotification(value), "")));
    const name = "{{ .CommonLabels.alertname }}";
    assert.equal(render(`<b>${name}</b>`, "<i>&"), "<b>&lt;i&gt;&amp;</b>");
    assert.equal(render(`<a href="${name}">x</a>`, "javascript:alert(1)"), '<a href="#">x</a>');
    assert.equal(render(`<a href='${name}'>x</a>`, " data:text/html,x"), "<a href='#'>x</a>");
    assert.doesNotMatch(render(`<a title=${name}>x</a>`, "x onclick=alert(1)"), / onclick=/);
    assert.doesNotMatch(render(`<a title="${name}">x</a>`, '"><script>'), /"><script>/);
    assert.equal(
      render(`<script>let a = "${name}";</script>`, '";alert(1)//'),
      '<script>let a = "";</script>',
    );
    assert.equal(render(`<style>${name}</style>`, "*{}"), "<style></style>");
    assert.equal(
      render(`<a href="${name}">x</a>`, "https://x.example/a"),
      '<a href="https&#58;&#47;&#47;x&#46;example&#47;a">x</a>',
    );
  });

  it("mail: every header is one line, however an alert is called", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const subject = parseMessageTemplate("{{ .CommonLabels.alertname }}");
        const headers = [{ name: "X-Alert", value: subject }];
        for (const settings of [email, { ...email, subject, headers }]) {
          const mail = mailOf(settings, hostileNotification(text), "");
          for (const line of [mail.subject, ...mail.headers.flatMap(({ key, value }) => [key, value])]) {
            assert.doesNotMatch(line, /\p{Cc}/u);
            assert(line.length <= 300);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("speech: nothing is left that an engine could take for markup, and no more than half a minute", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const { text: words } = utteranceOf(speech, hostileNotification(text), "");
        assert.doesNotMatch(words, /[<>&[\]{}|`]|\p{Cc}|https?:\/\//u);
        assert(words.length <= 400 && words.isWellFormed());
      }),
      { numRuns: 500 },
    );
    assert.equal(speakable("a<b && https://x.example/y c"), "a less than b and and c");
  });

  it("PagerDuty: the event keeps to the limits, its key is that of the group, and its links lead to the web", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const event = pagerdutyEvent(pagerduty, hostileNotification(text), text);
        assert.match(event.dedup_key, /^dchat-[0-9a-f]{64}$/);
        assert(String(event.payload["summary"]).length <= 1_024);
        for (const { href } of event.links) assert.match(href, /^https:/);
        for (const shown of textsOf(event.payload)) assert(shown.isWellFormed());
      }),
    );
    const key = (changes: Parameters<typeof notificationOf>[0]) =>
      pagerdutyEvent(pagerduty, notificationOf(changes), "").dedup_key;
    assert.equal(key({ id: "1" }), key({ id: "2", reason: "repeated" }));
    assert.notEqual(key({ groupKey: "other" }), key({}));
    assert.notEqual(key({ reason: "test" }), key({}));
  });

  it("PagerDuty: triggers, acknowledges and resolves", () => {
    const action = (changes: Parameters<typeof notificationOf>[0]) =>
      pagerdutyEvent(pagerduty, notificationOf(changes), "").event_action;
    const resolved = [alertOf({ status: "resolved", endsAt: 1 })];
    assert.equal(action({}), "trigger");
    assert.equal(action({ reason: "escalated", level: 2 }), "trigger");
    assert.equal(action({ reason: "acknowledged" }), "acknowledge");
    assert.equal(action({ reason: "resolved", alerts: resolved }), "resolve");
  });

  it("speech: what is urgent comes first", () => {
    const priority = (changes: Parameters<typeof notificationOf>[0]) =>
      utteranceOf(speech, notificationOf(changes), "").priority;
    assert.equal(priority({}), "urgent");
    assert.equal(priority({ severity: "warning" }), "high");
    assert.equal(priority({ severity: "info" }), "normal");
    assert.equal(priority({ alerts: [alertOf({ status: "resolved", endsAt: 1 })] }), "normal");
    assert.equal(priority({ reason: "heartbeat" }), "low");
  });

  it("speech: what fires says what it is about, so that a storm becomes a digest; what is over does not", () => {
    const labels = (changes: Parameters<typeof notificationOf>[0]) =>
      utteranceOf(speech, notificationOf(changes), "").labels;
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label_${index}`, "x"]));
    const commonLabels = { alertname: "LaneStuck", long: "x".repeat(257), "a.b": "x", ...many };
    const told = labels({ commonLabels });
    assert.deepEqual(
      [told["alertname"], told["long"], Object.keys(told).length],
      ["LaneStuck", undefined, 32],
    );
    assert.ok(utteranceRequestSchema.safeParse({ id: "u", text: "x", labels: told }).success);
    assert.deepEqual(labels({ alerts: [alertOf({ status: "resolved", endsAt: 1 })] }), {});
    assert.deepEqual(labels({ reason: "test" }), {});
  });

  it("speech: what people hear of alerts begins as speakers have made it already", () => {
    const resolved = [alertOf({ status: "resolved", endsAt: 1 })];
    const changes = [
      {},
      { severity: "warning" },
      { severity: "info" },
      { alerts: resolved },
      { reason: "acknowledged" },
    ] as const;
    for (const change of changes) {
      const { text } = utteranceOf({ ...speech, text: undefined }, notificationOf(change), "");
      assert.ok(
        usualOpenings.some((opening) => text.startsWith(`${opening} `)),
        text,
      );
    }
  });

  it("a secret shows itself to nobody", () => {
    const secret = new Secret("hunter2-hunter2");
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
    ];
    for (const text of shown) assert(text.includes("<secret>") && !text.includes("hunter2"));
  });
});
