import { computed, effect, signal } from "@preact/signals";
import { type FullStatusView, fullStatusView } from "../../../relayer/api/list-schema.ts";
import { fleetView, type FleetView } from "../../../relayer/api/operator-schema.ts";
import { ask } from "../../shared/services/http.ts";
import { type Line, retryMilliseconds } from "../core/line.ts";
import { isSessionKnown, session, verifySession } from "./session.ts";

/** The fleet as it told of itself the last time; undefined before, and for whoever is not signed in. */
export const fleet = signal<FleetView | undefined>(undefined);
/** What everybody may know; undefined before the first answer. */
export const status = signal<FullStatusView | undefined>(undefined);
/** How fresh it is. */
export const line = signal<Line>({ heardAt: undefined, openedAt: Date.now() });

const STATUS_MILLISECONDS = 1_000;

/** Follows the fleet from now on: by its events for whoever is signed in, and by asking for the status for others. */
export function followFleet(): void {
  let stop: (() => void) | undefined;
  effect(() => {
    stop?.();
    stop = undefined;
    fleet.value = undefined;
    if (!isSessionKnown.value) return;
    stop = session.value === undefined ? pollStatus() : listen();
  });
}

function hear(): void {
  line.value = { ...line.peek(), heardAt: Date.now() };
}

/** The status is what public views are made of, with a session, too; but then the events tell how fresh all is. */
function pollStatus(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [isStopped, failures] = [false, 0];
  const look = async () => {
    const answer = await ask("/api/v1/status", fullStatusView).catch(() => undefined); // the banner tells
    if (isStopped) return;
    failures = answer === undefined ? failures + 1 : 0;
    if (answer !== undefined) {
      status.value = answer;
      hear();
    }
    timer = setTimeout(() => void look(), failures > 0 ? retryMilliseconds(failures) : STATUS_MILLISECONDS);
  };
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

function listen(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [isStopped, failures] = [false, 0];
  const open = () => {
    source = new EventSource("/api/v1/operator/events");
    source.addEventListener("fleet", ({ data }: MessageEvent<string>) => {
      const read = fleetView.safeParse(JSON.parse(data));
      // What this page does not understand is not fresh: the banner says so.
      if (!read.success) return;
      failures = 0;
      fleet.value = read.data;
      hear();
    });
    source.onerror = () => {
      source?.close();
      if (isStopped) return;
      failures++;
      void verifySession().finally(() => {
        if (!isStopped) timer = setTimeout(open, retryMilliseconds(failures));
      });
    };
  };
  open();
  return () => {
    isStopped = true;
    source?.close();
    clearTimeout(timer);
  };
}

const isThere = computed(() => fleet.value?.roles.some(({ role }) => role.startsWith("chaos")) === true);

/** Whether there is a controller of chaos in the fleet: one that is not there is not asked. */
export function hasChaos(): boolean {
  return isThere.value;
}
