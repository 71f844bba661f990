/** Finding wallets by EIP-6963, and talking to one by EIP-1193. */

/** A wallet's provider (EIP-1193). */
export type WalletProvider = {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): unknown;
  removeListener?(event: string, listener: (value: unknown) => void): unknown;
};

/** A wallet that has announced itself. */
export type AnnouncedWallet = {
  /** Lasts for one visit. */
  readonly uuid: string;
  /** The reverse domain name of whoever made it: the same at every visit. */
  readonly rdns: string;
  readonly name: string;
  /** A picture as a data URI; undefined where it is something else, which the page would not load. */
  readonly icon: string | undefined;
  readonly provider: WalletProvider;
};

/** What the reverse domain names of the wallets of a local network begin with. */
export const DEVELOPMENT_RDNS = "local.dchat.";

const ANNOUNCE = "eip6963:announceProvider";
const REQUEST = "eip6963:requestProvider";

/**
 * Listens for wallets, and asks those that are there already. One that announces itself again takes its own place.
 * @param target the window
 * @param onChange told all wallets, in the order in which they came
 * @returns what ends the listening
 */
export function discoverWallets(
  target: EventTarget,
  onChange: (wallets: readonly AnnouncedWallet[]) => void,
): () => void {
  const found = new Map<string, AnnouncedWallet>();
  const listen = (event: Event) => {
    const wallet = readAnnouncement("detail" in event ? event.detail : undefined);
    if (wallet === undefined) return;
    found.set(wallet.uuid, wallet);
    onChange([...found.values()]);
  };
  target.addEventListener(ANNOUNCE, listen);
  target.dispatchEvent(new Event(REQUEST));
  return () => {
    target.removeEventListener(ANNOUNCE, listen);
  };
}

/** What a wallet says of itself; undefined for anything that is no announcement. Names are cut: they stand on buttons. */
export function readAnnouncement(detail: unknown): AnnouncedWallet | undefined {
  const { info, provider } = fields(detail);
  const { uuid, rdns, name, icon } = fields(info);
  if (typeof uuid !== "string" || typeof rdns !== "string" || typeof name !== "string") return undefined;
  if (!isProvider(provider)) return undefined;
  const picture = typeof icon === "string" && icon.startsWith("data:image/") ? icon : undefined;
  return { uuid, rdns, name: name.trim().slice(0, 40), icon: picture, provider };
}

/** The wallet of the last visit, if it is there again. */
export function remembered(
  wallets: readonly AnnouncedWallet[],
  rdns: string | null,
): AnnouncedWallet | undefined {
  return wallets.find((wallet) => wallet.rdns === rdns);
}

/** Whether a wallet is one that comes with a local network. */
export function isDevelopmentWallet({ rdns }: Pick<AnnouncedWallet, "rdns">): boolean {
  return rdns.startsWith(DEVELOPMENT_RDNS);
}

function isProvider(value: unknown): value is WalletProvider {
  return typeof fields(value)["request"] === "function";
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
