import { useEffect } from "preact/hooks";
import { wordsOf } from "../services/http.ts";

/**
 * Looks again and again while the view is shown, the next time `milliseconds` after the last was over; anew when one of `inputs` changes.
 * @param look is told whether it is too late for what it has found
 * @param onTrouble told why a look failed
 */
export function usePolling(
  look: (isStopped: () => boolean) => Promise<void>,
  onTrouble: (text: string) => void,
  milliseconds: number,
  inputs: readonly unknown[],
): void {
  useEffect(() => {
    let hasStopped = false;
    const isStopped = () => hasStopped;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async () => {
      try {
        await look(isStopped);
      } catch (error) {
        if (!isStopped()) onTrouble(wordsOf(error));
      }
      if (!isStopped()) timer = setTimeout(() => void again(), milliseconds);
    };
    void again();
    return () => {
      hasStopped = true;
      clearTimeout(timer);
    };
  }, inputs);
}
