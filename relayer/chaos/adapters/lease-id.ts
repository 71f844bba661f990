import { randomBytes } from "node:crypto";

/** What names a lease, and in their names all that its fault is made of: lower-case letters and digits. */
export function newLeaseId(): string {
  return randomBytes(6).toString("hex");
}
