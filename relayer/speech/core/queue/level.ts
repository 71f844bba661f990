/** A value in a {@link Level}, and its neighbours. */
export type Node<T> = { readonly value: T; before: Node<T> | undefined; after: Node<T> | undefined };

/** A doubly linked list: what stands anywhere in it leaves without anybody's looking for it. */
export class Level<T> {
  #first: Node<T> | undefined;
  #last: Node<T> | undefined;

  get first(): Node<T> | undefined {
    return this.#first;
  }

  push(value: T): Node<T> {
    const node: Node<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = node;
    else this.#last.after = node;
    this.#last = node;
    return node;
  }

  unshift(value: T): Node<T> {
    const node: Node<T> = { value, before: undefined, after: this.#first };
    if (this.#first === undefined) this.#last = node;
    else this.#first.before = node;
    this.#first = node;
    return node;
  }

  /** Takes a node of this list out; it may be in it only once. */
  unlink(node: Node<T>): void {
    if (node.before === undefined) this.#first = node.after;
    else node.before.after = node.after;
    if (node.after === undefined) this.#last = node.before;
    else node.after.before = node.before;
  }

  *values(): Generator<T> {
    for (let node = this.#first; node !== undefined; node = node.after) yield node.value;
  }
}
