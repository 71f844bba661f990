type Deadline = { readonly at: number; readonly id: string };

/** A binary heap of deadlines, the nearest first. One that nobody needs any more is left in until it is due. */
export class Deadlines {
  readonly #heap: Deadline[] = [];

  add(at: number, id: string): void {
    const heap = this.#heap;
    const added = { at, id };
    let index = heap.push(added) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = added;
  }

  /** Takes out the ids whose time has come: those due at `now` or before. */
  due(now: number): readonly string[] {
    const ids: string[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      ids.push(first.id);
      this.#removeFirst();
    }
    return ids;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const isRight = left !== undefined && right !== undefined && right.at < left.at;
      const least = isRight ? right : left;
      if (least === undefined || least.at >= last.at) break;
      heap[index] = least;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
  }
}
