import type { PagerdutySettings, SlackSettings } from "../../../relayer/alerting/core/channel-settings.ts";
import { Secret } from "../../../relayer/alerting/core/secret.ts";
import { plainHttp } from "./notifications.ts";

const none = undefined;
/** Slack with nothing but a URL. */
export const slack: SlackSettings = {
  kind: "slack",
  integration: "slack/0",
  sendResolved: true,
  url: new Secret("https://hooks.example/x"),
  http: plainHttp,
  ...{
    channel: none,
    username: none,
    iconEmoji: none,
    iconUrl: none,
    color: none,
    title: none,
    titleLink: none,
    text: none,
  },
  fields: [],
};
/** PagerDuty with nothing but a key. */
export const pagerduty: PagerdutySettings = {
  kind: "pagerduty",
  integration: "pagerduty/0",
  sendResolved: true,
  url: "https://pd.example",
  routingKey: new Secret("key"),
  http: plainHttp,
  ...{
    description: none,
    severity: none,
    source: none,
    client: none,
    clientUrl: none,
    component: none,
    group: none,
    class: none,
  },
  details: [],
};
