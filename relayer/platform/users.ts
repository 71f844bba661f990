import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { z } from "zod";
import { type UserRole, userRoles } from "../domain/actor.ts";
import { ConfigurationError, explain, FatalError } from "../domain/errors.ts";
import { readSecretText, writeNewFile } from "./secret-file.ts";

/** Somebody who may act, by the name that the audit log shows. */
export type User = { readonly name: string; readonly role: UserRole };

/** Whether a role includes what another one may do. */
export function mayActAs({ role }: User, needed: UserRole): boolean {
  return userRoles.indexOf(role) >= userRoles.indexOf(needed);
}

const userName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, "expected a name of up to 64 letters, digits and . _ @ -");
const entry = z.strictObject({
  name: userName,
  role: z.enum(userRoles),
  /** SHA-256 of the token. Tokens have 256 random bits, so that nothing slower would make guessing harder. */
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
});
const usersFile = z.array(entry);
type Entry = z.infer<typeof entry>;

/**
 * The users of a file, which is read anew when it has changed. Of tokens only hashes are kept. Without a file there are no users, and
 * nobody may do what needs one.
 */
export class Users {
  readonly #file: string | undefined;
  #entries: readonly Entry[] = [];
  #changedAt: number | undefined;

  /** @throws ConfigurationError `USERS_FILE` when there is a file and it is none of users */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#read();
  }

  /** Whose token this is; undefined for a token of nobody's. @throws ConfigurationError `USERS_FILE` */
  authenticate(token: string): User | undefined {
    this.#read();
    const hash = Buffer.from(hashOf(token), "hex");
    const found = this.#entries.find(({ tokenHash }) => timingSafeEqual(hash, Buffer.from(tokenHash, "hex")));
    return found && { name: found.name, role: found.role };
  }

  list(): readonly User[] {
    this.#read();
    return this.#entries.map(({ name, role }) => ({ name, role }));
  }

  /**
   * Adds somebody, durably.
   * @returns the token, which is kept nowhere
   * @throws FatalError `USER_KNOWN`, `NO_USERS_FILE`; whatever writing throws
   */
  add(user: User): string {
    const file = this.#requireFile();
    this.#read();
    if (this.#entries.some(({ name }) => name === user.name))
      throw new FatalError(
        "USER_KNOWN",
        `There is a user ${user.name} already. Nothing was changed; remove it first to give it a new token.`,
      );
    const token = randomBytes(32).toString("base64url");
    const { name, role } = user;
    this.#write(file, [...this.#entries, { name: userName.parse(name), role, tokenHash: hashOf(token) }]);
    return token;
  }

  /** Takes somebody away: the token is good for nothing from now on. @throws FatalError `USER_UNKNOWN`, `NO_USERS_FILE` */
  remove(name: string): void {
    const file = this.#requireFile();
    this.#read();
    const left = this.#entries.filter((each) => each.name !== name);
    if (left.length === this.#entries.length)
      throw new FatalError("USER_UNKNOWN", `There is no user ${name}. Nothing was changed.`);
    this.#write(file, left);
  }

  #requireFile(): string {
    if (this.#file !== undefined) return this.#file;
    throw new FatalError(
      "NO_USERS_FILE",
      "The configuration names no usersFile. Nothing was changed; add one, such as users.json.",
    );
  }

  #read(): void {
    if (this.#file === undefined) return;
    const changedAt = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs;
    if (changedAt === this.#changedAt) return;
    try {
      this.#entries = changedAt === undefined ? [] : usersFile.parse(JSON.parse(readSecretText(this.#file)));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : explain(error);
      throw new ConfigurationError(
        "USERS_FILE",
        `The users in ${this.#file} cannot be read: ${reason}. Nobody may act until that is mended; what is under way goes on.`,
      );
    }
    this.#changedAt = changedAt;
  }

  #write(file: string, entries: readonly Entry[]): void {
    const next = `${file}.new`;
    rmSync(next, { force: true });
    writeNewFile(next, `${JSON.stringify(entries, null, 2)}\n`);
    renameSync(next, file);
    this.#changedAt = undefined;
    this.#read();
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
