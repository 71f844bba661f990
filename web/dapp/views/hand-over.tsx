import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { SignedAction } from "../../../relayer/escrow/core/signed-action.ts";
import { showMoment } from "../../shared/core/format.ts";
import { fieldOf, fragmentOf, textOf } from "../core/signed-action.ts";
import { now } from "../../shared/services/network.ts";
import { Field } from "../../shared/views/parts.tsx";

/** How long a signature is good unless somebody says otherwise, in seconds. */
const A_DAY = 86_400;

/** Chooses whether something is sent, or only signed for somebody else to send, and until when that is good. */
export function Until({ until }: { readonly until: Signal<string | undefined> }) {
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={until.value !== undefined}
          onChange={(event) => {
            until.value = event.currentTarget.checked ? fieldOf(now.value + A_DAY) : undefined;
          }}
        />
        Only sign it, for somebody else to send
      </label>
      {until.value !== undefined && (
        <Field
          id="until"
          label="Good until"
          help="Whoever has it can send it until then. Whatever you do with this escrow yourself takes it back."
        >
          <input
            id="until"
            type="datetime-local"
            aria-describedby="until-help"
            value={until.value}
            onInput={(event) => {
              until.value = event.currentTarget.value;
            }}
          />
        </Field>
      )}
    </>
  );
}

/** What was signed, to be handed to whoever shall send it. */
export function HandOver({ signed }: { readonly signed: SignedAction }) {
  const link = `${location.origin}${location.pathname}${fragmentOf(signed)}`;
  return (
    <>
      <p>
        Give the link, or the text, to whoever shall send it. It is good until{" "}
        {showMoment(signed.authorization.deadline)}, and nothing is paid before somebody sends it.
      </p>
      <div class="offers">
        <CopyButton text={link}>Copy the link</CopyButton>
        <CopyButton text={textOf(signed)}>Copy the text</CopyButton>
      </div>
      <Field
        id="signed-text"
        label="The text"
        help={
          <>
            “dchat escrow execute” takes it, and so does <a href={fragmentOf(signed)}>this page</a>. The link
            holds it behind its #, so that it reaches no server.
          </>
        }
      >
        <textarea id="signed-text" class="mono" rows={6} readOnly value={textOf(signed)} />
      </Field>
    </>
  );
}

function CopyButton({ text, children }: { readonly text: string; readonly children: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="secondary small"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setCopied(true);
        });
      }}
    >
      {isCopied ? "Copied" : children}
    </button>
  );
}
