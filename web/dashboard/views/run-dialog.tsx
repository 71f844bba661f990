import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { wordsOf } from "../../shared/services/http.ts";
import { Dialog, Field, Notice } from "../../shared/views/parts.tsx";
import type { PreviewView, Scenario } from "../core/chaos-schema.ts";
import { showSeconds } from "../core/measures.ts";
import { chaos, type RunWish } from "../services/chaos.ts";
import { network } from "../../shared/services/network.ts";
import { showSpan } from "../../shared/core/format.ts";

const SCALES = [1, 2, 5, 10, 30, 60];
const TIERS: readonly (readonly [RunWish["tier"], string])[] = [
  ["auto", "the strongest that there is"],
  ["portable", "portable: proxies, signals, threads"],
  ["linux", "linux: the kernel’s own"],
];

/** Runs a scenario. Whom it would hit is shown before it can be. */
export function RunDialog({
  scenario,
  onClose,
}: {
  readonly scenario: Scenario;
  readonly onClose: () => void;
}) {
  const wish = useSignal<RunWish>({ scenario: scenario.id, timeScale: 10, tier: "portable" });
  const preview = useSignal<PreviewView | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  useEffect(() => {
    let isOld = false;
    [preview.value, trouble.value] = [undefined, undefined];
    chaos.preview(wish.value).then(
      (found) => {
        if (!isOld) preview.value = found;
      },
      (error: unknown) => {
        if (!isOld) trouble.value = wordsOf(error);
      },
    );
    return () => {
      isOld = true;
    };
  }, [wish.value]);
  const run = async () => {
    isBusy.value = true;
    try {
      const id = await chaos.run(wish.value);
      onClose();
      location.hash = `#/chaos/${id}`;
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog title={`Run ${scenario.title}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (preview.value !== undefined) void run();
        }}
      >
        <p>{scenario.description}</p>
        <div class="pair">
          <Field id="run-scale" label="How fast">
            <select
              id="run-scale"
              value={String(wish.value.timeScale)}
              onChange={(event) => {
                wish.value = { ...wish.value, timeScale: Number(event.currentTarget.value) };
              }}
            >
              {SCALES.map((scale) => (
                <option key={scale} value={String(scale)}>
                  {scale === 1 ? "at full length" : `${scale} times as fast`}
                </option>
              ))}
            </select>
          </Field>
          <Field id="run-tier" label="By what means">
            <select
              id="run-tier"
              value={wish.value.tier}
              onChange={(event) => {
                wish.value = { ...wish.value, tier: event.currentTarget.value as RunWish["tier"] };
              }}
            >
              {TIERS.map(([tier, words]) => (
                <option key={tier} value={tier}>
                  {words}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <Radius preview={preview.value} />
        {network.value?.hasDevelopmentWallet !== true && (
          <Notice tone="warn">
            These are real faults on a fleet that carries value. Messages may wait while it lasts; none is
            lost.
          </Notice>
        )}
        {trouble.value !== undefined && <Notice tone="bad">{trouble.value}</Notice>}
        <div class="dialog-actions">
          <button type="button" class="secondary" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary danger" disabled={preview.value === undefined || isBusy.value}>
            {preview.value === undefined
              ? "Run"
              : `Run, and hit ${preview.value.suffering.length} of ${preview.value.processes}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Radius({ preview }: { readonly preview: PreviewView | undefined }) {
  return (
    <div class="preview" role="status">
      <p>
        <strong>
          {preview === undefined
            ? "Looking whom it would hit…"
            : `Blast radius: ${preview.suffering.length} of ${preview.processes} processes, for ${showSpan(Math.max(1, preview.milliseconds / 1_000))}`}
        </strong>
      </p>
      {preview !== undefined && (
        <>
          <p class="labels">
            {preview.suffering.map((name) => (
              <code key={name}>{name}</code>
            ))}
          </p>
          <ul>
            {preview.steps.map(
              ({ fault, mechanism, targets, startMilliseconds, durationMilliseconds }, i) => (
                <li key={i}>
                  {fault.type} on {targets.join(", ")}, from {showSeconds(startMilliseconds / 1_000)} on for{" "}
                  {showSeconds(durationMilliseconds / 1_000)}{" "}
                  <span class="quiet">
                    {mechanism.tier}: {mechanism.name}
                  </span>
                </li>
              ),
            )}
          </ul>
        </>
      )}
    </div>
  );
}
