import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";

const message = z.object({
  port: z.number().optional(),
  came: z.array(z.tuple([z.string(), z.number()])).optional(),
});

/** Unix milliseconds, with fractions, on the clock that all processes share. */
export const wall = () => performance.timeOrigin + performance.now();

/** A receiver of webhooks in a process of its own, and when each alert first reached it. */
export type Webhooks = Awaited<ReturnType<typeof openWebhooks>>;

/** Starts a receiver; see `receiver.ts`. */
export async function openWebhooks() {
  const receiver = fork(join(import.meta.dirname, "receiver.ts"));
  const cameAt = new Map<string, number>();
  let onCame: () => void = () => undefined;
  const hello: unknown = (await once(receiver, "message"))[0];
  receiver.on("message", (told) => {
    for (const [id, at] of message.parse(told).came ?? []) cameAt.set(id, cameAt.get(id) ?? at);
    onCame();
  });
  return {
    port: message.parse(hello).port ?? 0,
    cameAt,
    until: async (condition: () => boolean): Promise<void> => {
      if (condition()) return;
      await new Promise<void>((resolve) => {
        onCame = () => {
          if (condition()) resolve();
        };
      });
      onCame = () => undefined;
    },
    close: () => {
      receiver.disconnect();
    },
  };
}
