import { signal } from "@preact/signals";
import { z } from "zod";
import { CSRF_HEADER, sessionView, type SessionView } from "../../../relayer/api/operator-schema.ts";
import { ApiError, ask, type Sent } from "../../shared/services/http.ts";

/** Who is signed in here; undefined for nobody. */
export const session = signal<SessionView | undefined>(undefined);
/** Why nobody is signed in any more, for people. */
export const sessionEnd = signal<string | undefined>(undefined);
/** Whether it is known by now whether somebody is signed in. */
export const isSessionKnown = signal(false);

/**
 * The cookie cannot be seen from here, and to ask without one puts an error on the console: so the browser remembers that there was one.
 * Nothing secret is in it.
 */
const HINT = "dchat.signed-in";
const PATH = "/api/v1/session";

/** Takes up the session that this browser still has. */
export async function restoreSession(): Promise<void> {
  try {
    if (localStorage.getItem(HINT) !== null) begin(await ask(PATH, sessionView));
  } catch (error) {
    if (isRefusal(error)) forget();
    // An API that does not answer has not ended the session; the first thing that is asked for will tell.
    else sessionEnd.value = "dchat does not answer, so you are not signed in yet. Reload the page by and by.";
  } finally {
    isSessionKnown.value = true;
  }
}

/** @param token of a user, as `dchat user add` printed it; it is not kept here @throws ApiError */
export async function signIn(token: string): Promise<void> {
  begin(await ask(PATH, sessionView, { method: "POST", body: { token } }));
}

/** On local networks: as the user that comes with them. @throws ApiError */
export async function signInLocally(): Promise<void> {
  begin(await ask(`${PATH}/development`, sessionView, { method: "POST" }));
}

/** @throws ApiError */
export async function signOut(): Promise<void> {
  try {
    await change(PATH, z.unknown(), { method: "DELETE" });
  } finally {
    forget();
  }
}

/** Asks for what takes a session. @throws ApiError */
export async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  return guarded(ask(path, schema));
}

/** Has something changed. @throws ApiError */
export async function change<S extends z.ZodType>(path: string, schema: S, sent: Sent): Promise<z.output<S>> {
  const headers = { [CSRF_HEADER]: session.value?.csrfToken ?? "" };
  return guarded(ask(path, schema, { ...sent, headers }));
}

/** Whether the session still is one; what has ended is forgotten here. */
export async function verifySession(): Promise<void> {
  await read(PATH, sessionView).then(begin, () => undefined); // an API that does not answer is the stale banner's to tell
}

async function guarded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isRefusal(error) && session.value !== undefined) {
      forget();
      sessionEnd.value = "Your session has ended. Sign in again to go on; what you did before is done.";
    }
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

function begin(view: SessionView): void {
  // Whoever follows the session need not begin anew because its end has moved.
  const { user, csrfToken } = session.peek() ?? {};
  if (user?.name !== view.user.name || user.role !== view.user.role || csrfToken !== view.csrfToken)
    session.value = view;
  sessionEnd.value = undefined;
  localStorage.setItem(HINT, "yes");
}

function forget(): void {
  session.value = undefined;
  localStorage.removeItem(HINT);
}
