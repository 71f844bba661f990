import { useSignal } from "@preact/signals";
import { type ChainView, switchTo } from "../services/connection.ts";
import { Notice } from "../../shared/views/parts.tsx";

/** The button that brings the wallet to a chain, and above it why it did not. */
export function SwitchNetwork({ chain }: { readonly chain: ChainView }) {
  const trouble = useSignal<string | undefined>(undefined);
  return (
    <>
      {trouble.value !== undefined && <Notice tone="bad">{trouble.value}</Notice>}
      <button
        type="button"
        class="primary wide"
        onClick={() =>
          void switchTo(chain).then((said) => {
            trouble.value = said;
          })
        }
      >
        Switch to {chain.name}
      </button>
    </>
  );
}
