// How fast something gets on, and how long the rest will take.

const WINDOW_MS = 30_000;
/** Before so long nothing is foretold. */
const LEAST_MS = 2_000;

export class Pace {
  #seen: { at: number; done: number }[] = [];

  /** `done` so far at a time; less than before means that another count has begun. */
  note(at: number, done: number): void {
    const last = this.#seen.at(-1);
    if (last && done < last.done) this.#seen = [];
    this.#seen = [...this.#seen.filter((s) => at - s.at <= WINDOW_MS), { at, done }];
  }

  /** Milliseconds until `total`; null where that cannot be told. */
  left(total: number): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at - first.at < LEAST_MS || last.done <= first.done) return null;
    return ((total - last.done) * (last.at - first.at)) / (last.done - first.done);
  }
}
