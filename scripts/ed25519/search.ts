import type { Operation, Program } from "./program.ts";

/**
 * Arranges the stack for a straight-line program: finds a cheap order of its operations, and the DUPs, SWAPs and POPs
 * between them, by beam search. The result need not be trusted: `verify.ts` proves every schedule anew.
 *
 * @module
 */

/** A found arrangement: the stack that it leaves (bottom first) and its instructions. */
export type Schedule = { readonly stack: readonly string[]; readonly code: readonly string[] };

/** What to arrange: the stack at the start and at the end (bottom first), the end in any order if `anyOrder`. */
export type Task = {
  readonly program: Program;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly anyOrder: boolean;
};

type State = { stack: string; done: number; gas: number; parent: State | undefined; code: readonly string[] };
type Node = { readonly stack: string; readonly gas: number; readonly code: readonly string[] };
type Move = readonly [stack: string, gas: number, instruction: string];
type Wanted = { readonly shape: Operation["shape"]; readonly operands: string };

const REACH = 16;
const MODULUS = "\0";
/** Nodes that are looked at between two operations. */
const LOCAL_LIMIT = 400;
/** Moves that are made between two operations, and gas that an arrangement may cost above the cheapest one. */
const MOST_MOVES = 6;
const SLACK = 6;

/** Finds a schedule, keeping `width` states after each operation. Deterministic. */
export function search(task: Task, width: number): Schedule {
  return new Search(task).run(width);
}

/** Values are single characters here, so that a stack is a string with its top at the end. */
class Search {
  readonly #ids = new Map<string, string>();
  readonly #names: string[] = [];
  readonly #operations: readonly (Omit<Operation, "operands" | "result"> & {
    operands: string;
    result: string;
  })[];
  readonly #before: string;
  readonly #after: string;
  readonly #anyOrder: boolean;
  readonly #wanted = new Map<number, string>();

  constructor(task: Task) {
    this.#before = this.#encode(task.before);
    this.#after = this.#encode(task.after);
    this.#anyOrder = task.anyOrder;
    this.#operations = task.program.map((operation) => ({
      ...operation,
      operands: this.#encode(operation.operands),
      result: this.#encode([operation.result]),
    }));
  }

  run(width: number): Schedule {
    let beam: State[] = [{ stack: this.#before, done: 0, gas: 0, parent: undefined, code: [] }];
    const all = 2 ** this.#operations.length - 1;
    while (beam.some(({ done }) => done !== all)) {
      const next = new Map<string, State>();
      for (const state of beam) this.#expand(state, next);
      beam = [...next.values()]
        .map((state) => ({ state, score: this.#score(state) }))
        .sort((a, b) => a.score - b.score || (a.state.stack < b.state.stack ? -1 : 1))
        .slice(0, width)
        .map(({ state }) => state);
    }
    let best: State | undefined;
    for (const state of beam) {
      const finished = this.#finish(state, best?.gas ?? Infinity);
      if (finished !== undefined) best = finished;
    }
    if (best === undefined) throw new Error("no schedule found");
    const code: string[] = [];
    for (let state: State | undefined = best; state !== undefined; state = state.parent)
      code.unshift(...state.code);
    return { stack: Array.from(best.stack, (id) => this.#names[id.charCodeAt(0) - 1] ?? ""), code };
  }

  #encode(names: readonly string[]): string {
    const encode = (name: string) => {
      const known = this.#ids.get(name);
      if (known !== undefined) return known;
      const id = String.fromCharCode(this.#names.push(name));
      this.#ids.set(name, id);
      return id;
    };
    return names.map(encode).join("");
  }

  /** How often `value` is still wanted: by operations that are not done, and at the end. */
  #uses(value: string, done: number): number {
    let wanted = this.#wanted.get(done);
    if (wanted === undefined) {
      wanted =
        this.#after + this.#operations.map(({ operands }, i) => (done & (1 << i) ? "" : operands)).join("");
      this.#wanted.set(done, wanted);
    }
    return count(wanted, value);
  }

  /** Gas spent on arranging so far, corrected for what lies on the stack: dead values cost a POP, copies save a DUP. */
  #score(state: State): number {
    let score = state.gas;
    for (const value of new Set(state.stack)) {
      const copies = count(state.stack, value);
      const uses = this.#uses(value, state.done);
      if (uses === 0) score += 4 * copies;
      else score -= 3 * (Math.min(copies, uses) - 1);
    }
    return score;
  }

  /** Adds to `next` every state that is one operation further than `state`. */
  #expand(state: State, next: Map<string, State>): void {
    const uses = new Map(
      [...new Set(state.stack)].map((value) => [value, this.#uses(value, state.done)] as const),
    );
    this.#operations.forEach((operation, i) => {
      if ((state.done & (1 << i)) !== 0) return;
      if (Array.from(operation.operands).some((value) => !state.stack.includes(value))) return;
      const done = state.done | (1 << i);
      for (const node of this.#arrangements(state.stack, operation, uses)) {
        const stack = node.stack.slice(0, node.stack.length - popped(operation)) + operation.result;
        const lost = Array.from(operation.operands).some(
          (value) => !stack.includes(value) && this.#uses(value, done) > 0,
        );
        if (lost || stack.includes(MODULUS)) continue;
        const key = `${stack}|${done}`;
        const gas = state.gas + node.gas;
        if ((next.get(key)?.gas ?? Infinity) <= gas) continue;
        next.set(key, { stack, done, gas, parent: state, code: [...node.code, ...operation.instructions] });
      }
    });
  }

  /** The cheap ways to bring the operands of `operation` to the top. */
  #arrangements(start: string, operation: Wanted, uses: ReadonlyMap<string, number>): Node[] {
    const found: Node[] = [];
    let looked = 0;
    const next = ({ stack, code }: Node) =>
      operation.shape === "nullary" || code.length >= MOST_MOVES ? [] : moves(stack, operation, uses);
    for (const node of byGas(start, next)) {
      if (looked++ > LOCAL_LIMIT || node.gas > (found[0]?.gas ?? Infinity) + SLACK) break;
      if (isReady(node.stack, operation)) found.push(node);
    }
    return found;
  }

  /** Drops what is not wanted and brings the rest into the wanted order, for less than `limit` gas in all. */
  #finish(state: State, limit: number): State | undefined {
    let found: State | undefined;
    const isSurplus = (stack: string) => count(stack, stack.slice(-1)) > count(this.#after, stack.slice(-1));
    const next = ({ stack }: Node): Move[] => {
      if (stack.length === this.#after.length) return [];
      return isSurplus(stack)
        ? [[stack.slice(0, -1), 2, "POP"]]
        : swaps(stack).filter(([swapped]) => isSurplus(swapped));
    };
    for (const node of byGas(state.stack, next)) {
      const best = found?.gas ?? limit;
      if (state.gas + node.gas >= best) break;
      if (node.stack.length !== this.#after.length) continue;
      const ordered = this.#anyOrder ? node : sorted(node, this.#after);
      const gas = state.gas + ordered.gas;
      if (gas < best) found = { ...ordered, gas, done: state.done, parent: state };
    }
    return found;
  }
}

/** Every stack that can be reached, cheapest first, each once (Dijkstra's algorithm). */
function* byGas(start: string, next: (node: Node) => readonly Move[]): Generator<Node> {
  const best = new Map([[start, 0]]);
  const queue: Node[][] = [[{ stack: start, gas: 0, code: [] }]];
  const add = (node: Node, [stack, cost, instruction]: Move) => {
    const gas = node.gas + cost;
    if ((best.get(stack) ?? Infinity) <= gas) return;
    best.set(stack, gas);
    (queue[gas] ??= []).push({ stack, gas, code: [...node.code, instruction] });
  };
  for (let gas = 0; gas < queue.length; gas++) {
    for (const node of queue[gas] ?? []) {
      if ((best.get(node.stack) ?? Infinity) < gas) continue;
      yield node;
      for (const move of next(node)) add(node, move);
    }
  }
}

/** Sorts the stack by SWAPs, as few as there can be: the top always goes home, and when it is, fetches a stray. */
function sorted(node: Node, wanted: string): Node {
  const code = [...node.code];
  let { stack, gas } = node;
  while (stack !== wanted) {
    const top = stack.length - 1;
    const value = stack[top] ?? "";
    let place = wanted.indexOf(value);
    if (place === top) place = Array.from(stack).findIndex((other, i) => other !== wanted[i]);
    const other = stack[place] ?? "";
    stack = stack.slice(0, place) + value + stack.slice(place + 1, top) + other;
    code.push(`SWAP${top - place}`);
    gas += 3;
  }
  return { stack, gas, code };
}

/** How often a value lies on a stack. */
function count(stack: string, value: string): number {
  return stack.split(value).length - 1;
}

function popped(operation: Wanted): number {
  return operation.operands.length + (operation.shape === "modular" ? 1 : 0);
}

/** Whether the operands lie where the operation takes them. */
function isReady(stack: string, operation: Wanted): boolean {
  const [a, b] = operation.operands;
  const first = stack.at(-1);
  const second = stack.at(-2);
  const paired = (first === a && second === b) || (first === b && second === a);
  if (operation.shape === "nullary") return true;
  if (operation.shape === "unary") return first === a;
  return paired && (operation.shape === "commutative" || stack.at(-3) === MODULUS);
}

/** Moves worth trying on the way to `operation`: [stack, gas, instruction]. */
function moves(stack: string, operation: Wanted, uses: ReadonlyMap<string, number>): Move[] {
  const result: Move[] = [];
  const top = stack.at(-1) ?? "";
  const isWanted = (value: string) => value === MODULUS || operation.operands.includes(value);
  const wantedLater = uses.get(top) ?? 0;
  const copies = count(stack, top);
  if (top !== MODULUS && (wantedLater === 0 || (copies > 1 && wantedLater < copies))) {
    result.push([stack.slice(0, -1), 2, "POP"]);
  }
  if (operation.shape === "modular" && !stack.includes(MODULUS)) result.push([stack + MODULUS, 3, "P"]);
  for (const value of new Set(operation.operands)) {
    const depth = stack.length - stack.lastIndexOf(value);
    if (depth <= REACH) result.push([stack + value, 3, `DUP${depth}`]);
  }
  for (const move of swaps(stack)) {
    const value = move[0].slice(-1);
    const isNear = move[2] === "SWAP1" || move[2] === "SWAP2";
    if (isWanted(value) || uses.get(value) === 0 || (isNear && isWanted(top))) result.push(move);
  }
  return result;
}

/** What one SWAP can make of `stack`. */
function swaps(stack: string): Move[] {
  const result: Move[] = [];
  const top = stack.length - 1;
  const last = stack.slice(top);
  for (let depth = 1; depth <= Math.min(REACH, top); depth++) {
    const other = stack.charAt(top - depth);
    if (other === last) continue;
    result.push([
      stack.slice(0, top - depth) + last + stack.slice(top - depth + 1, top) + other,
      3,
      `SWAP${depth}`,
    ]);
  }
  return result;
}
