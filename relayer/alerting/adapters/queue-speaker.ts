import { SPEECH_QUEUE, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import type { Queues } from "../../platform/queues.ts";
import type { Utterance } from "../core/utterance.ts";
import type { Speaker } from "../ports.ts";

/** A {@link Speaker} that asks the speech subsystem through its queue. The job's id is the utterance's: asked for twice, it is said once. */
export class QueueSpeaker implements Speaker {
  readonly #queues: Pick<Queues, "add">;

  constructor(queues: Pick<Queues, "add">) {
    this.#queues = queues;
  }

  async say({ id, ...utterance }: Utterance, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const request = utteranceRequestSchema.parse({
      id: id.replaceAll(/[^A-Za-z0-9._-]/g, "-"),
      ...utterance,
    });
    await this.#queues.add(SPEECH_QUEUE, request.id, utteranceRequestSchema, request);
  }
}
