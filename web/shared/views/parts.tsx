import { type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { shorten } from "../core/format.ts";
import { network } from "../services/network.ts";

/** The small parts that views are made of. */

/** A sentence that stands out. Trouble is announced at once, the rest when there is time. */
export function Notice({
  tone,
  children,
}: {
  readonly tone: "plain" | "good" | "warn" | "bad";
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** Puts a text on the clipboard and says so. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => {
        setCopied(false);
      }, 1_500);
    });
  };
  return (
    <button type="button" class="copy" aria-label={isCopied ? "Copied" : `Copy ${what}`} onClick={copy}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {isCopied ? <path d="M3 8.5 6.5 12 13 4.5" /> : <path d="M5.5 5.5h7v8h-7zM3.5 10.5v-8h7" />}
      </svg>
    </button>
  );
}

/** A hash or an account, short, with a button that copies all of it, and a link where the chain has an explorer. */
export function Hash({
  value,
  what,
  chain,
  kind = "tx",
}: {
  readonly value: string;
  readonly what: string;
  readonly chain?: string;
  readonly kind?: "tx" | "address";
}) {
  const explorer = network.value?.chains.find(({ name }) => name === chain)?.explorerUrl;
  const short = <code title={value}>{shorten(value, 8, 6)}</code>;
  return (
    <span class="hash">
      {explorer == null ? (
        short
      ) : (
        <a href={`${explorer.replace(/\/$/, "")}/${kind}/${value}`} rel="noreferrer" target="_blank">
          {short}
        </a>
      )}
      <Copy text={value} what={what} />
    </span>
  );
}

/** A native dialog that is open for as long as it is there. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closed and not just taken away, the focus returns to where it was.
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <header class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="close" aria-label="Close" onClick={() => dialog.current?.close()}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 4 8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A label with its field, a word of help, and what is wrong with it. */
export function Field({
  id,
  label,
  help,
  error,
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly help?: ComponentChildren;
  readonly error?: string | undefined;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {help !== undefined && (
        <p class="help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {error !== undefined && (
        <p class="wrong" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** Grey lines in the place of what is on its way. */
export function Skeleton({ lines, label }: { readonly lines: number; readonly label: string }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
