import { readFileSync, writeFileSync } from "node:fs";
import type { Operation } from "./program.ts";
import { search, type Schedule, type Task } from "./search.ts";

/**
 * The schedules of the generated code. Finding them takes minutes, so that they are kept in `schedules.json`; taking
 * one from there takes a proof that it computes its program, so that nothing depends on how it was found.
 *
 * @module
 */

const FILE = new URL("schedules.json", import.meta.url);
const COMMUTATIVE = new Set(["ADD", "MUL", "AND", "OR", "XOR"]);
const ARITY: Readonly<Record<string, number>> = {
  ADD: 2,
  MUL: 2,
  SUB: 2,
  AND: 2,
  OR: 2,
  XOR: 2,
  SHR: 2,
  SHL: 2,
  MLOAD: 1,
  MULMOD: 3,
  ADDMOD: 3,
};

/** Takes schedules from the file, or searches for those that it lacks when `width` is given. */
export class Schedules {
  readonly #known: Record<string, { stack: string; code: string }>;
  readonly #width: number | undefined;

  /** @param width - states to keep in a search; without it, a missing schedule is an error */
  constructor(width?: number) {
    this.#known = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, { stack: string; code: string }>;
    this.#width = width;
  }

  /** The schedule for `task`, proven. */
  get(task: Task): Schedule {
    const { program, before, after, anyOrder } = task;
    const text = program.map(({ result, operands, instructions }) =>
      [result, ...operands, ...instructions].join(" "),
    );
    const key = [before.join(" "), `${anyOrder ? "any order of " : ""}${after.join(" ")}`, ...text].join(
      "; ",
    );
    const known = this.#known[key];
    let schedule: Schedule;
    if (known !== undefined) schedule = { stack: known.stack.split(" "), code: known.code.split(" ") };
    else {
      if (this.#width === undefined) throw new Error(`no schedule in the file for ${key}; run with --search`);
      schedule = search(task, this.#width);
      this.#known[key] = { stack: schedule.stack.join(" "), code: schedule.code.join(" ") };
      writeFileSync(FILE, JSON.stringify(this.#known, undefined, 1) + "\n");
    }
    prove(task, schedule);
    return schedule;
  }
}

/** Throws unless `schedule` computes the program of `task`: runs it on symbols instead of words. */
export function prove(task: Task, schedule: Schedule): void {
  const symbols = new Symbols();
  const values = new Map(task.before.map((name) => [name, symbols.intern(`input ${name}`)] as const));
  for (const operation of task.program) values.set(operation.result, expected(operation, values, symbols));
  const of = (name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`nothing computes ${name}`);
    return value;
  };
  const stack = task.before.map(of);
  symbols.run(schedule.code, stack);
  const ends = task.anyOrder
    ? [...schedule.stack].sort().join() === [...task.after].sort().join()
    : schedule.stack.join() === task.after.join();
  if (!ends) throw new Error(`the schedule leaves ${schedule.stack.join(" ")}`);
  if (stack.join() !== schedule.stack.map(of).join())
    throw new Error("the schedule does not compute its program");
}

function expected(operation: Operation, values: ReadonlyMap<string, number>, symbols: Symbols): number {
  const stack = operation.operands.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${operation.result} uses ${name} before it is there`);
    return value;
  });
  if (operation.shape === "modular") stack.unshift(symbols.intern("constant P"));
  symbols.run(operation.instructions, stack);
  const [value] = stack;
  if (value === undefined || stack.length !== 1) throw new Error(`${operation.result} is not one value`);
  return value;
}

/** Expressions as numbers: equal expressions, up to the order of commutative operands, have equal numbers. */
class Symbols {
  readonly #numbers = new Map<string, number>();

  intern(expression: string): number {
    const known = this.#numbers.get(expression) ?? this.#numbers.size;
    this.#numbers.set(expression, known);
    return known;
  }

  run(code: readonly string[], stack: number[]): void {
    for (const instruction of code) {
      const depth = Number(/^(?:DUP|SWAP)(\d+)$/.exec(instruction)?.[1] ?? 0);
      if (depth > 16) throw new Error(`${instruction} does not exist`);
      if (instruction.startsWith("DUP")) stack.push(at(stack, depth));
      else if (instruction.startsWith("SWAP")) swap(stack, depth);
      else if (instruction === "POP") stack.pop();
      else stack.push(this.#apply(instruction, stack));
    }
  }

  #apply(instruction: string, stack: number[]): number {
    const arity = ARITY[instruction];
    if (arity === undefined) return this.intern(`constant ${instruction}`);
    if (stack.length < arity) throw new Error(`${instruction} on too short a stack`);
    const operands = stack.splice(stack.length - arity).reverse();
    const commuting = COMMUTATIVE.has(instruction) ? 2 : arity === 3 ? 2 : 0;
    const sorted = [...operands.slice(0, commuting).sort((a, b) => a - b), ...operands.slice(commuting)];
    return this.intern(`${instruction} ${sorted.join(" ")}`);
  }
}

function at(stack: readonly number[], depth: number): number {
  const value = stack[stack.length - depth];
  if (value === undefined) throw new Error(`nothing lies ${depth} deep`);
  return value;
}

function swap(stack: number[], depth: number): void {
  const top = at(stack, 1);
  stack[stack.length - 1] = at(stack, depth + 1);
  stack[stack.length - 1 - depth] = top;
}
