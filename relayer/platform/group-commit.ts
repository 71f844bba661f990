type Waiting = {
  /** Does its part of the transaction; what it returns answers the caller once that is committed. */
  readonly work: () => () => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Puts work that is asked for at the same time into one transaction, so that it shares one flush of the disk. Every caller gets its
 * answer after the commit, or the error that undid all of it. The work is done in the order in which it was asked for.
 */
export class GroupCommit {
  readonly #transaction: (work: () => void) => void;
  #waiting: Waiting[] = [];

  /** @param transaction runs work and commits it, or undoes it and throws */
  constructor(transaction: (work: () => void) => void) {
    this.#transaction = transaction;
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      // Everything that this turn of the event loop still brings goes along.
      if (this.#waiting.length === 0)
        setImmediate(() => {
          this.flush();
        });
      this.#waiting.push({
        work: () => {
          const result = work();
          return () => {
            resolve(result);
          };
        },
        reject,
      });
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const answers: (() => void)[] = [];
    try {
      this.#transaction(() => {
        for (const { work } of waiting) answers.push(work());
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const answer of answers) answer();
  }
}
