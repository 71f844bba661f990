import type { Logger } from "../../../platform/log.ts";
import type { ChannelSettings, ReceiverSettings } from "../../core/channel-settings.ts";
import type { AllowedTargets } from "../../core/targets.ts";
import type { Channel, Speaker } from "../../ports.ts";
import { ConsoleChannel } from "./console.ts";
import { EmailChannel } from "./email.ts";
import { GuardedHttp } from "./guarded-http.ts";
import { PagerdutyChannel } from "./pagerduty.ts";
import { SlackChannel } from "./slack.ts";
import { SmtpPools } from "./smtp-pools.ts";
import { SpeechChannel } from "./speech.ts";
import { WebhookChannel } from "./webhook.ts";

/** What channels are made with. */
export type ChannelParts = {
  readonly logger: Logger;
  readonly speaker: Speaker;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Where people look alerts up; empty if nowhere. */
  readonly externalUrl: string;
};

/** The channels of all receivers of one configuration. */
export type OpenChannels = {
  /** By the receiver's name, and then by the integration, such as `slack/0`. */
  readonly channels: ReadonlyMap<string, ReadonlyMap<string, Channel>>;
  /** Closes all of them and the connections that they share. */
  readonly close: () => Promise<void>;
};

/** Opens the channels of a configuration. Nothing is connected to before something is sent. */
export function openChannels(
  {
    receivers,
    targets,
  }: { readonly receivers: readonly ReceiverSettings[]; readonly targets: AllowedTargets },
  parts: ChannelParts,
): OpenChannels {
  const shared = { ...parts, http: new GuardedHttp(targets), pools: new SmtpPools() };
  const channels = new Map(
    receivers.map(({ name, channels: settings }) => [
      name,
      new Map(settings.map((each) => [each.integration, open(each, shared)])),
    ]),
  );
  return {
    channels,
    close: async () => {
      const all = [...channels.values()].flatMap((each) => [...each.values()]);
      await Promise.all(all.map((channel) => channel.close()));
      await shared.http.close();
      shared.pools.close();
    },
  };
}

function open(
  settings: ChannelSettings,
  shared: ChannelParts & { readonly http: GuardedHttp; readonly pools: SmtpPools },
): Channel {
  switch (settings.kind) {
    case "email":
      return new EmailChannel(settings, shared);
    case "slack":
      return new SlackChannel(settings, shared);
    case "pagerduty":
      return new PagerdutyChannel(settings, shared);
    case "webhook":
      return new WebhookChannel(settings, shared);
    case "console":
      return new ConsoleChannel(settings, shared);
    case "speech":
      return new SpeechChannel(settings, shared);
  }
}
