import { useSignal } from "@preact/signals";
import type { Hex } from "../../../relayer/escrow/core/types.ts";
import { changeEscrow, escrowText } from "../services/escrow-form.ts";
import { type ChosenFile, readFile } from "../services/files.ts";
import { Field, Hash, Notice } from "../../shared/views/parts.tsx";

/** Puts the digest of a file into the terms. */
export function AgreementField() {
  const trouble = useSignal<string | undefined>(undefined);
  const { agreement } = escrowText.value;
  return (
    <Field
      id="agreement"
      label="Agreement"
      help="Its digest goes into the terms, so that nobody can show another one later. The file itself stays on this device: keep it, and give it to the others."
      error={trouble.value}
    >
      <FileInput
        id="agreement"
        onRead={(read) => {
          trouble.value = typeof read === "string" ? read : undefined;
          changeEscrow({ agreement: typeof read === "string" ? undefined : read });
        }}
      />
      {agreement !== undefined && (
        <p role="status">
          Its digest is <Hash value={agreement.digest} what="the digest" />
        </p>
      )}
    </Field>
  );
}

/** Holds a file against the digest in the terms. */
export function AgreementCheck({ digest }: { readonly digest: Hex }) {
  const chosen = useSignal<ChosenFile | string | undefined>(undefined);
  const read = chosen.value;
  return (
    <section aria-labelledby="agreement-title">
      <h2 id="agreement-title">Agreement</h2>
      <p class="quiet">
        The terms hold the digest of a file. Choose the file that you were given, to see whether it is that
        one; it stays on this device.
      </p>
      <Field id="agreement" label="The file">
        <FileInput
          id="agreement"
          onRead={(found) => {
            chosen.value = found;
          }}
        />
      </Field>
      {typeof read === "string" && <Notice tone="bad">{read}</Notice>}
      {typeof read === "object" && <Verdict file={read} isIt={read.digest === digest} />}
    </section>
  );
}

function Verdict({ file: { name }, isIt }: { readonly file: ChosenFile; readonly isIt: boolean }) {
  return isIt ? (
    <Notice tone="good">{name} is the very file that the terms were made with, to the last byte.</Notice>
  ) : (
    <Notice tone="bad">
      {name} is not the file that the terms were made with: it differs in at least one byte. Ask for the one
      that was agreed on before you act on what this one says.
    </Notice>
  );
}

function FileInput({
  id,
  onRead,
}: {
  readonly id: string;
  readonly onRead: (read: ChosenFile | string | undefined) => void;
}) {
  return (
    <input
      id={id}
      type="file"
      aria-describedby={`${id}-help`}
      onChange={(event) => {
        const [file] = event.currentTarget.files ?? [];
        onRead(undefined);
        if (file !== undefined) void readFile(file).then(onRead);
      }}
    />
  );
}
