import { useSignal } from "@preact/signals";
import { shorten } from "../../shared/core/format.ts";
import { type AnnouncedWallet, isDevelopmentWallet } from "../core/wallets.ts";
import { connect, connection, disconnect, wallets } from "../services/connection.ts";
import { network } from "../../shared/services/network.ts";
import { Copy, Dialog, Notice } from "../../shared/views/parts.tsx";

/** The button at the top: connects a wallet, or shows the one that is connected. */
export function Account({ onOpen }: { readonly onOpen: () => void }) {
  const current = connection.value;
  if (current === undefined)
    return (
      <button type="button" class="primary small" onClick={onOpen}>
        Connect wallet
      </button>
    );
  const { wallet, account, chainId } = current;
  const chain = network.value?.chains.find((each) => each.chainId === chainId);
  return (
    <button type="button" class="account" onClick={onOpen}>
      <span class={chain === undefined ? "chain-tag off" : "chain-tag"}>
        {chain === undefined ? "Other network" : `On ${chain.name}`}
      </span>
      <span class="wallet-name">{wallet.name}</span>
      <code>{shorten(account)}</code>
    </button>
  );
}

/** Chooses a wallet, or lets go of the one in use. */
export function ConnectDialog({ onClose }: { readonly onClose: () => void }) {
  const trouble = useSignal<string | undefined>(undefined);
  const choose = async (wallet: AnnouncedWallet) => {
    trouble.value = await connect(wallet);
    if (trouble.value === undefined) onClose();
  };
  const own = wallets.value.filter((wallet) => !isDevelopmentWallet(wallet));
  const local = wallets.value.filter(isDevelopmentWallet);
  return (
    <Dialog title="Your wallet" onClose={onClose}>
      {trouble.value !== undefined && <Notice tone="warn">{trouble.value}</Notice>}
      <InUse />
      <WalletList wallets={own} onChoose={choose} />
      {own.length === 0 && (
        <p class="quiet">
          No wallet has announced itself in this browser. Install one that your network works with, and reload
          this page.
        </p>
      )}
      {local.length > 0 && (
        <section class="development" aria-labelledby="development-title">
          <h3 id="development-title">For this local network only</h3>
          <p class="quiet">
            These wallets come with the local network. They sign without asking again, and everybody can read
            their keys: never send them anything of worth.
          </p>
          <WalletList wallets={local} onChoose={choose} />
        </section>
      )}
    </Dialog>
  );
}

function InUse() {
  const current = connection.value;
  if (current === undefined) return null;
  return (
    <div class="in-use">
      <p>
        <strong>{current.wallet.name}</strong>
        <span class="hash">
          <code>{shorten(current.account, 10, 8)}</code>
          <Copy text={current.account} what="your account" />
        </span>
      </p>
      <button type="button" class="secondary small" onClick={disconnect}>
        Disconnect
      </button>
    </div>
  );
}

function WalletList({
  wallets: list,
  onChoose,
}: {
  readonly wallets: readonly AnnouncedWallet[];
  readonly onChoose: (wallet: AnnouncedWallet) => Promise<void>;
}) {
  if (list.length === 0) return null;
  return (
    <ul class="wallets">
      {list.map((wallet) => (
        <li key={wallet.uuid}>
          <button type="button" onClick={() => void onChoose(wallet)}>
            {wallet.icon === undefined ? (
              <span class="wallet-mark" aria-hidden="true">
                {wallet.name.slice(0, 1)}
              </span>
            ) : (
              <img src={wallet.icon} alt="" />
            )}
            {wallet.name}
          </button>
        </li>
      ))}
    </ul>
  );
}
