import { effect, signal } from "@preact/signals";
import { ApiError, wordsOf } from "../../shared/services/http.ts";
import {
  type CatalogueView,
  catalogueView,
  isUnderWay,
  type PreviewView,
  previewView,
  type Run,
  runAsked,
  type RunDetail,
  runDetail,
  runList,
  runsStopped,
} from "../core/chaos-schema.ts";
import { change, read, session } from "./session.ts";

const API = "/api/v1/chaos";
const LOOK_MILLISECONDS = 1_000;
/** A fleet without chaos is asked now and then whether it still has none. */
const ABSENT_MILLISECONDS = 60_000;
const RUNS = 200;

/** The newest runs; undefined before they are known. */
export const runs = signal<readonly Run[] | undefined>(undefined);
/** Why they are not known. */
export const chaosTrouble = signal<string | undefined>(undefined);

/** What is asked of a controller. */
export type RunWish = {
  readonly scenario: string;
  /** How many times as short everything is. */
  readonly timeScale: number;
  readonly tier: "auto" | "portable" | "linux";
};

const requestOf = ({ scenario, timeScale, tier }: RunWish) => ({
  what: { kind: "scenario", scenario },
  timeScale,
  tier,
});

/** Every method throws {@link ApiError}. */
export const chaos = {
  catalogue: (): Promise<CatalogueView> => read(`${API}/catalogue`, catalogueView),
  preview: (wish: RunWish): Promise<PreviewView> =>
    change(`${API}/runs/preview`, previewView, { method: "POST", body: requestOf(wish) }),
  run: async (wish: RunWish): Promise<string> => {
    const { id } = await change(`${API}/runs`, runAsked, { method: "POST", body: requestOf(wish) });
    await look();
    return id;
  },
  detail: (id: string): Promise<RunDetail> => read(`${API}/runs/${id}`, runDetail),
  stopAll: async (): Promise<void> => {
    await change(`${API}/runs`, runsStopped, { method: "DELETE" });
    await look();
  },
};

/** What is under way now: it can be stopped from every view. */
export function underWay(): readonly Run[] {
  return (runs.value ?? []).filter(isUnderWay);
}

/** Follows what runs, from now on, for as long as somebody is signed in who may know. */
export function followChaos(hasChaos: () => boolean): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    clearTimeout(timer);
    if (session.value === undefined || !hasChaos()) {
      runs.value = undefined;
      return;
    }
    const again = async () => {
      await look();
      const wait = runs.peek() === undefined ? ABSENT_MILLISECONDS : LOOK_MILLISECONDS;
      if (session.peek() !== undefined) timer = setTimeout(() => void again(), wait);
    };
    void again();
  });
}

async function look(): Promise<void> {
  try {
    runs.value = (await read(`${API}/runs?limit=${RUNS}`, runList)).runs;
    chaosTrouble.value = undefined;
  } catch (error) {
    chaosTrouble.value = wordsOf(error);
    // No controller is another thing than one that is late.
    if (error instanceof ApiError && error.status === 503) runs.value = undefined;
  }
}
