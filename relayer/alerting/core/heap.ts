/** A priority queue: what `compare` puts first comes out first, in logarithmic time. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || this.#compare(above, item) <= 0) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      const child = this.#firstChild(at, items.length);
      const below = items[child];
      if (below === undefined || this.#compare(last, below) <= 0) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return first;
  }

  /** Keeps only what fits, in linear time. */
  retain(fits: (item: T) => boolean): void {
    for (const item of this.#items.splice(0).filter(fits)) this.push(item);
  }

  #firstChild(at: number, length: number): number {
    const left = 2 * at + 1;
    const [a, b] = [this.#items[left], this.#items[left + 1]];
    if (left + 1 < length && a !== undefined && b !== undefined && this.#compare(b, a) < 0) return left + 1;
    return left;
  }
}
