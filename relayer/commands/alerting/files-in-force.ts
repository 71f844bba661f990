import { openChannels, type OpenChannels } from "../../alerting/adapters/channels/open-channels.ts";
import { QueueSpeaker } from "../../alerting/adapters/queue-speaker.ts";
import { describeConfiguration } from "../../alerting/config.ts";
import { RESOLVE_TIMEOUT } from "../../alerting/core/alert.ts";
import type { Actor } from "../../domain/actor.ts";
import type { AlertingEngine, Configuration } from "../../alerting/worker/engine.ts";
import type { AlertingConfig } from "../../domain/alerting-config.ts";
import type { Logger } from "../../platform/log.ts";
import type { Queues } from "../../platform/queues.ts";
import { readAlertingFiles } from "./files.ts";

/** What channels are opened with. */
export type ChannelServices = { readonly logger: Logger; readonly queues: Queues };

/** The files that alerting works by, and what they open. */
export class FilesInForce {
  readonly #config: AlertingConfig;
  readonly #parts: ChannelServices;
  #open: OpenChannels | undefined;
  text = "";
  resolveTimeout = RESOLVE_TIMEOUT;

  constructor(config: AlertingConfig, parts: ChannelServices) {
    this.#config = config;
    this.#parts = parts;
  }

  /** @throws ConfigurationError or FatalError naming every problem; what was open stays so */
  read(): Configuration {
    const { configuration, rules } = readAlertingFiles(this.#config);
    const { logger, queues } = this.#parts;
    for (const { line, column, message } of configuration.warnings)
      logger.warn({ file: this.#config.configFile, line, column }, message);
    this.#open = openChannels(configuration, {
      logger,
      speaker: new QueueSpeaker(queues),
      now: () => Date.now(),
      externalUrl: this.#config.externalUrl ?? "",
    });
    this.text = JSON.stringify(describeConfiguration(configuration), null, 2);
    this.resolveTimeout = configuration.resolveTimeout;
    return { plan: configuration.plan, channels: this.#open.channels, rules };
  }

  async reload(engine: AlertingEngine, actor: Actor): Promise<void> {
    const before = this.#open;
    await engine.reload(this.read(), actor);
    // What is being sent by the old ones is sent first.
    await engine.notifier.settled();
    await before?.close();
  }

  async close(): Promise<void> {
    await this.#open?.close();
  }
}
