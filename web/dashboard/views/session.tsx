import { useSignal } from "@preact/signals";
import { network } from "../../shared/services/network.ts";
import { wordsOf } from "../../shared/services/http.ts";
import { Dialog, Field, Notice } from "../../shared/views/parts.tsx";
import { isSessionKnown, session, sessionEnd, signIn, signInLocally, signOut } from "../services/session.ts";

/** The button at the top: signs in, or shows who is. */
export function Account() {
  const isOpen = useSignal(false);
  const trouble = useSignal<string | undefined>(undefined);
  const user = session.value?.user;
  if (!isSessionKnown.value) return <div class="account" />; // keeps its place
  if (user === undefined)
    return (
      <div class="account">
        <button
          type="button"
          class="primary tight"
          onClick={() => {
            isOpen.value = true;
          }}
        >
          Sign in
        </button>
        {isOpen.value && (
          <SignInDialog
            onClose={() => {
              isOpen.value = false;
            }}
          />
        )}
      </div>
    );
  const leave = () => {
    isOpen.value = false;
    signOut().catch((error: unknown) => {
      trouble.value = wordsOf(error);
    });
  };
  return (
    <div class="account">
      <span class="who">
        <strong>{user.name}</strong> <span class="quiet">{user.role}</span>
      </span>
      <button type="button" class="secondary tight" onClick={leave}>
        Sign out
      </button>
    </div>
  );
}

/** Says that somebody was signed out, and not by themselves. */
export function SessionEnd() {
  return (
    <div role="status" class="stale-place">
      {sessionEnd.value !== undefined && session.value === undefined && (
        <p class="notice warn">{sessionEnd.value}</p>
      )}
    </div>
  );
}

function SignInDialog({ onClose }: { readonly onClose: () => void }) {
  const token = useSignal("");
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const enter = async (how: () => Promise<void>) => {
    [isBusy.value, trouble.value] = [true, undefined];
    try {
      await how();
      onClose();
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog title="Sign in" onClose={onClose}>
      {network.value?.hasDevelopmentWallet === true && (
        <div class="local">
          <p>This is a local network: you may do everything here without a token.</p>
          <button
            type="button"
            class="primary"
            disabled={isBusy.value}
            onClick={() => void enter(signInLocally)}
          >
            Sign in as the local operator
          </button>
        </div>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.value.trim() !== "") void enter(() => signIn(token.value.trim()));
        }}
      >
        <Field
          id="token"
          label="Token"
          help="As “dchat user add” printed it. The browser keeps a session, not the token."
          error={trouble.value}
        >
          <input
            id="token"
            type="password"
            autocomplete="current-password"
            value={token.value}
            aria-describedby="token-help"
            aria-invalid={trouble.value !== undefined}
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        </Field>
        <div class="dialog-actions">
          <button type="button" class="secondary" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={isBusy.value || token.value.trim() === ""}>
            Sign in
          </button>
        </div>
      </form>
      {isBusy.value && <Notice tone="plain">Asking dchat.</Notice>}
    </Dialog>
  );
}
