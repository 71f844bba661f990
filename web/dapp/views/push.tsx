import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { showRoughly } from "../../shared/core/format.ts";
import { WalletTrouble } from "../core/wallet-error.ts";
import { connection, walletChain } from "../services/connection.ts";
import { carryOut } from "../services/escrow.ts";
import { type Push, tryPush } from "../services/push.ts";
import { Dialog, Notice } from "../../shared/views/parts.tsx";
import { SwitchNetwork } from "./switch-network.tsx";

/** The button that gets a transfer on which does not by itself. Anybody may press it. */
export function PushButton({ push, onConnect }: { readonly push: Push; readonly onConnect: () => void }) {
  const isOpen = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="primary wide"
        onClick={() => {
          if (connection.value === undefined) onConnect();
          else isOpen.value = true;
        }}
      >
        {push.label}
      </button>
      {isOpen.value && (
        <PushDialog
          push={push}
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}

function PushDialog({ push, onClose }: { readonly push: Push; readonly onClose: () => void }) {
  const tried = useSignal<bigint | WalletTrouble | undefined>(undefined);
  const step = useSignal<string | undefined>(undefined);
  const { chain, call } = push;
  const [wallet, current] = [walletChain.value, connection.value];
  const isHere = current?.chainId === chain.chainId;
  useEffect(() => {
    tried.value = undefined;
    if (wallet === undefined || current === undefined || !isHere) return;
    void tryPush(wallet, push, current.account).then((answer) => {
      tried.value = answer;
    });
  }, [wallet, current?.account, isHere, call.data]);
  const send = async () => {
    if (wallet === undefined || current === undefined) return;
    step.value = "Trying it out.";
    try {
      await carryOut(wallet, call, current.account, push.token, push.what, (said) => {
        step.value = said;
      });
      onClose();
    } catch (error) {
      tried.value = error as WalletTrouble;
    } finally {
      step.value = undefined;
    }
  };
  return (
    <Dialog title={push.label} onClose={onClose}>
      <p>{push.meaning}</p>
      {isHere ? (
        <Tried tried={tried.value} chain={chain} />
      ) : (
        <>
          <Notice tone="warn">Your wallet is on another network.</Notice>
          <SwitchNetwork chain={chain} />
        </>
      )}
      <div class="dialog-actions">
        <span role="status" class="quiet">
          {step.value ?? ""}
        </span>
        <button type="button" class="secondary" onClick={onClose} disabled={step.value !== undefined}>
          Not now
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => void send()}
          disabled={step.value !== undefined || !maySend(tried.value)}
        >
          Sign and send
        </button>
      </div>
    </Dialog>
  );
}

/** Whoever has declined may think again. */
function maySend(tried: bigint | WalletTrouble | undefined): boolean {
  return typeof tried === "bigint" || tried?.kind === "declined";
}

function Tried({
  tried,
  chain,
}: {
  readonly tried: bigint | WalletTrouble | undefined;
  readonly chain: Push["chain"];
}) {
  if (tried === undefined) return <p role="status">Trying it out on {chain.name}.</p>;
  if (tried instanceof WalletTrouble)
    return <Notice tone={tried.kind === "declined" ? "plain" : "bad"}>{tried.message}</Notice>;
  return (
    <Notice tone="good">
      It was tried out on {chain.name} just now, and goes through. The fee is about{" "}
      {showRoughly(tried, 18, chain.currency)}.
    </Notice>
  );
}
