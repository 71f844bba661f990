import { z } from "zod";

/** A process, told apart from a later one with the same pid by when it began. */
const processSchema = z.strictObject({ pid: z.number().int().min(2), startTime: z.string().min(1) });
export type ProcessIdentity = z.infer<typeof processSchema>;

/**
 * What takes a part of a fault back. Each can be done any number of times, by any process, and is done when what it is about is gone; so
 * it is written down before the fault is done.
 */
export const undoSchema = z.discriminatedUnion("kind", [
  /** A toxic of a proxy; `api` is the URL of its server. */
  z.strictObject({ kind: z.literal("toxic"), api: z.url(), proxy: z.string(), toxic: z.string() }),
  /** A process that stands still goes on. */
  processSchema.extend({ kind: z.literal("continue") }),
  /** A process of ours ends, and what it leads as a group. */
  processSchema.extend({ kind: z.literal("end") }),
  /** A process of ours that holds packets lets them go and ends. */
  processSchema.extend({ kind: z.literal("release") }),
  /** What was done inside a process under this id by its inspector, which is closed then if it was not open before. */
  processSchema.extend({ kind: z.literal("inspected"), id: z.string() }),
  /** A table of nft in the family `inet`. */
  z.strictObject({ kind: z.literal("table"), name: z.string().regex(/^dchat_chaos_[0-9a-z]+$/) }),
  /** A cgroup of ours: whatever is in it ends. */
  z.strictObject({ kind: z.literal("cgroup"), path: z.string().regex(/\/dchat_chaos_[0-9a-z]+$/) }),
  /** A file that others watch: what it asked for is over when it is gone. */
  z.strictObject({ kind: z.literal("file"), path: z.string() }),
]);
/** {@link undoSchema} */
export type Undo = z.infer<typeof undoSchema>;
