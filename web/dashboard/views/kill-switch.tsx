import { useSignal } from "@preact/signals";
import { wordsOf } from "../../shared/services/http.ts";
import { chaos, underWay } from "../services/chaos.ts";
import { Act, Why } from "./parts.tsx";

/** Stops every run of chaos; there on every view for as long as one is under way. */
export function KillSwitch() {
  const running = underWay();
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const stop = async () => {
    isBusy.value = true;
    try {
      await chaos.stopAll();
      trouble.value = undefined;
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const [first] = running;
  if (first === undefined) return null;
  return (
    <section class="kill-switch" aria-label="Chaos that is under way">
      <p>
        <strong>Chaos is under way:</strong>{" "}
        <a href={`#/chaos/${first.id}`}>
          {first.title}, {first.state.toLowerCase()}
        </a>
        {running.length > 1 && ` and ${running.length - 1} more`}
      </p>
      <Act needs="operator" style="primary tight danger" disabled={isBusy.value} onClick={() => void stop()}>
        Stop everything
      </Act>
      <Why needs="operator" />
      <p role="alert" class={trouble.value === undefined ? undefined : "wrong"}>
        {trouble.value}
      </p>
    </section>
  );
}
