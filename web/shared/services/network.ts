import { computed, signal } from "@preact/signals";
import { networkView, type NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { ask, wordsOf } from "./http.ts";

/** The network that this page belongs to; undefined until it is known. */
export const network = signal<NetworkView | undefined>(undefined);
/** Why it is not known yet, for people. */
export const networkTrouble = signal<string | undefined>(undefined);
/** The time of this device, in Unix seconds; moves once a second. */
export const now = signal(Math.floor(Date.now() / 1_000));
/** The same as long lists follow it, whose rows would all be drawn anew each second: moves every ten. */
export const nowInLists = computed(() => now.value - (now.value % 10));

const RETRY_MILLISECONDS = 2_000;

setInterval(() => {
  now.value = Math.floor(Date.now() / 1_000);
}, 1_000);

/** Asks until there is an answer. */
export async function loadNetwork(): Promise<void> {
  for (;;) {
    try {
      network.value = await ask("/api/v1/network", networkView);
      networkTrouble.value = undefined;
      return;
    } catch (error) {
      networkTrouble.value = wordsOf(error);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  }
}
