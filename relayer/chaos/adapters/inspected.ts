import type { ProcessIdentity } from "../core/undo.ts";
import { RetryableError } from "../../domain/errors.ts";
import { evaluate, isInspectorOpen } from "./inspector.ts";
import { stateOf } from "./processes.ts";

// The faults that are done inside a process. Each function of the second half of this file runs there, by the inspector, as its source:
// it refers to nothing outside itself. Each fault undoes itself at its deadline by the target's own monotonic timer, and before when told.

/** A fault inside a process. */
export type InspectedFault =
  | { readonly type: "EventLoopBlock" | "ClockSkew" | "DiskSlow"; readonly milliseconds: number }
  | { readonly type: "DiskFull" };

/** Under what it is done, and for how long. */
type Given = {
  readonly id: string;
  readonly forMilliseconds: number;
};

/**
 * Begins a fault inside a Node process.
 * @throws RetryableError `INSPECTOR` also when there is such a fault in the process already
 */
export async function beginInside(
  target: ProcessIdentity,
  fault: InspectedFault,
  given: Given,
): Promise<void> {
  const makers = { EventLoopBlock: blockLoop, ClockSkew: skewClock, DiskSlow: slowDisk, DiskFull: fillDisk };
  const about = fault.type === "DiskSlow" || fault.type === "DiskFull" ? "disk" : fault.type;
  const measure = "milliseconds" in fault ? fault.milliseconds : 0;
  const told = JSON.stringify({ ...given, about, measure });
  await evaluate(target, `(${keep.toString()})(${told}, ${makers[fault.type].toString()})`);
}

/**
 * Takes a fault back; one that is gone is no error.
 * @throws RetryableError `INSPECTOR` when it may still be there
 */
export async function endInside(target: ProcessIdentity, { id }: Pick<Given, "id">): Promise<void> {
  if (stateOf(target) === "T")
    throw new RetryableError(
      "INSPECTOR",
      `Process ${target.pid} stands still, so nothing inside it can be taken back yet. It ends by itself once it goes on.`,
      { pid: target.pid },
    );
  // A fault is inside only as long as the inspector is open.
  if (!(await isInspectorOpen(target))) return;
  await evaluate(target, `(${finish.toString()})(${JSON.stringify(id)})`);
}

// What runs in the target.

type Method = (this: unknown, ...given: unknown[]) => unknown;
/** What {@link keep} gives to a fault. */
type Tools = {
  readonly measure: number;
  readonly isOver: () => boolean;
  /** Puts another method in a method's place until the fault is over. */
  readonly replace: (owner: object, name: string, make: (original: Method) => Method) => void;
  readonly onEnd: (undo: () => void) => void;
  /** Stands still so long, or until the fault is over. */
  readonly stand: (milliseconds: number) => void;
};

function keep(
  given: Given & { readonly about: string; readonly measure: number },
  begin: (tools: Tools) => void,
): void {
  const inside = globalThis.dchatChaosInside;
  if (inside === undefined) throw new Error("this runs in a visit");
  for (const { about } of inside.faults.values())
    if (about === given.about) throw new Error(`there is a fault of ${about} in this process already`);
  const deadline = performance.now() + given.forMilliseconds;
  const undos: (() => void)[] = [];
  let isTold = false;
  const isOver = () => isTold || performance.now() >= deadline;
  const end = () => {
    if (!inside.faults.delete(given.id)) return;
    isTold = true;
    clearTimeout(timer);
    for (const undo of undos.reverse()) undo();
    inside.closeLater();
  };
  const timer = setTimeout(end, given.forMilliseconds).unref();
  inside.faults.set(given.id, { about: given.about, deadline, end });
  const word = new Int32Array(new SharedArrayBuffer(4));
  begin({
    measure: given.measure,
    isOver,
    replace: (owner, name, make) => {
      const original = Reflect.get(owner, name) as Method;
      const other = make(original);
      const method: Method = function (...values) {
        return (isOver() ? original : other).apply(this, values);
      };
      Reflect.set(owner, name, method);
      undos.push(() => Reflect.set(owner, name, original));
    },
    onEnd: (undo) => undos.push(undo),
    stand: (milliseconds) => {
      const until = performance.now() + milliseconds;
      // In short naps, so that a word from the inspector comes in between.
      while (!isOver() && performance.now() < until)
        Atomics.wait(word, 0, 0, Math.min(20, until - performance.now()));
    },
  });
}

function finish(id: string): void {
  globalThis.dchatChaosInside?.faults.get(id)?.end();
}

function blockLoop({ measure, isOver, onEnd }: Tools): void {
  const block = () => {
    const until = performance.now() + measure;
    // JavaScript that runs can be interrupted by the inspector; a thread that sleeps could not.
    while (!isOver() && performance.now() < until);
    if (!isOver()) timer = setTimeout(block, measure);
  };
  let timer = setTimeout(block, 0);
  onEnd(() => {
    clearTimeout(timer);
  });
}

function skewClock({ measure, isOver, onEnd }: Tools): void {
  const Real = Date;
  const now = () => Real.now() + (isOver() ? 0 : measure);
  const Skewed: DateConstructor = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, fields: unknown[], newTarget) =>
      Reflect.construct(
        target,
        fields.length === 0 ? [now()] : fields,
        newTarget === Skewed ? target : newTarget,
      ) as Date,
    get: (target, name, receiver): unknown => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
  globalThis.Date = Skewed;
  onEnd(() => {
    if (globalThis.Date === Skewed) globalThis.Date = Real;
  });
}

function slowDisk({ measure, replace, stand, onEnd }: Tools): void {
  const { DatabaseSync, StatementSync } = process.getBuiltinModule("node:sqlite");
  const fs = process.getBuiltinModule("node:fs");
  // Who is in the middle of a transaction; whoever began one before this fault holds it as a lock, and commits nothing.
  const open = new Set<unknown>();
  replace(
    DatabaseSync.prototype,
    "exec",
    (original) =>
      function (...given) {
        const result = original.apply(this, given);
        const isOpen = this instanceof DatabaseSync && this.isTransaction;
        if (isOpen && !/EXCLUSIVE/i.test(String(given[0]))) open.add(this);
        // A commit, or a statement by itself that may have written.
        else if (!isOpen && !/^\s*(ROLLBACK|PRAGMA|SELECT)/i.test(String(given[0]))) stand(measure);
        if (!isOpen) open.delete(this);
        return result;
      },
  );
  replace(
    StatementSync.prototype,
    "run",
    (original) =>
      function (...given) {
        const result = original.apply(this, given);
        // Outside of a transaction each statement is flushed by itself.
        if (open.size === 0) stand(measure);
        return result;
      },
  );
  for (const name of ["fsyncSync", "fdatasyncSync"])
    replace(fs, name, (original) => (...given) => {
      stand(measure);
      return original(...given);
    });
  for (const name of ["fsync", "fdatasync"])
    replace(fs, name, (original) => (...given) => {
      setTimeout(original, measure, ...given);
    });
  const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");
  syncBuiltinESMExports();
  onEnd(() => setImmediate(syncBuiltinESMExports));
}

function fillDisk({ replace, onEnd }: Tools): void {
  const { DatabaseSync, StatementSync } = process.getBuiltinModule("node:sqlite");
  const fs = process.getBuiltinModule("node:fs");
  // What they would have thrown: SQLITE_FULL is 13, ENOSPC is 28.
  const full = () =>
    Object.assign(new Error("database or disk is full"), {
      code: "ERR_SQLITE_ERROR",
      errcode: 13,
      errstr: "database or disk is full",
    });
  const noSpace = (syscall: string) =>
    Object.assign(new Error(`ENOSPC: no space left on device, ${syscall}`), {
      code: "ENOSPC",
      errno: -28,
      syscall,
    });
  const reads = /^\s*(BEGIN|ROLLBACK|PRAGMA|SELECT|EXPLAIN|SAVEPOINT|RELEASE)/i;
  replace(
    DatabaseSync.prototype,
    "exec",
    (original) =>
      function (...given) {
        if (!reads.test(String(given[0]))) throw full();
        return original.apply(this, given);
      },
  );
  for (const name of ["run", "get", "all"])
    replace(
      StatementSync.prototype,
      name,
      (original) =>
        function (...given) {
          if (this instanceof StatementSync && !reads.test(this.sourceSQL)) throw full();
          return original.apply(this, given);
        },
    );
  // Pipes and terminals are on no disk.
  const isOnDisk = (file: unknown) => typeof file !== "number" || fs.fstatSync(file).isFile();
  for (const name of ["writeSync", "writevSync", "writeFileSync", "appendFileSync"])
    replace(fs, name, (original) => (...given) => {
      if (isOnDisk(given[0])) throw noSpace("write");
      return original(...given);
    });
  for (const name of ["write", "writev", "writeFile", "appendFile"])
    replace(fs, name, (original) => (...given) => {
      const callback = given.at(-1);
      if (!isOnDisk(given[0]) || typeof callback !== "function") return original(...given);
      setImmediate(() => {
        Reflect.apply(callback, undefined, [noSpace("write")]);
      });
      return undefined;
    });
  for (const name of ["writeFile", "appendFile"])
    replace(fs.promises, name, () => () => Promise.reject(noSpace("write")));
  const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");
  syncBuiltinESMExports();
  onEnd(() => setImmediate(syncBuiltinESMExports));
}
