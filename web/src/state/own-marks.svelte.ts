// 仅本席: marks that a desk keeps to itself. They lie in its browser, under the hearing and the seat, and leave it only in files that the desk
// itself asks for; the hearing knows nothing of them.

import type { Mark } from '../protocol/Mark';

const PREFIX = 'huiting.own-marks.';
/** Most of them. */
const MARKS_MAX = 2000;

const KEPT_MS = 60 * 24 * 3_600_000;

interface Kept {
  /** UTC, in ms. */
  touched: number;
  marks: readonly Mark[];
}

export type Drawer = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class OwnMarks {
  marks = $state.raw<readonly Mark[]>([]);
  /** New marks are the desk's own. */
  on = $state(false);
  #name: string | null = null;
  readonly #drawer: Drawer | null;
  readonly #now: () => number;

  constructor(drawer: Drawer | null = typeof localStorage === 'undefined' ? null : localStorage, now = Date.now) {
    this.#drawer = drawer;
    this.#now = now;
  }

  /** Takes out what lies here of this hearing and seat; what nobody has touched for long is thrown away. */
  open(hearing: string, seat: string): void {
    const name = `${PREFIX}${hearing}/${seat}`;
    if (name === this.#name || !this.#drawer) return;
    this.#name = name;
    const lying = Array.from({ length: this.#drawer.length }, (_, i) => this.#drawer?.key(i) ?? '');
    for (const old of lying) if (old.startsWith(PREFIX) && old !== name && this.#read(old).touched < this.#now() - KEPT_MS) this.#drawer.removeItem(old);
    this.marks = this.#read(name).marks;
  }

  #read(name: string): Kept {
    try {
      const kept = JSON.parse(this.#drawer?.getItem(name) ?? '{}') as Partial<Kept>;
      return { touched: kept.touched ?? 0, marks: kept.marks ?? [] };
    } catch {
      return { touched: 0, marks: [] };
    }
  }

  /** Its ids count down from −1, so that none is a mark's of the hearing. */
  add(mark: Omit<Mark, 'id'>): void {
    if (this.marks.length >= MARKS_MAX) return;
    const id = Math.min(0, ...this.marks.map((m) => m.id)) - 1;
    this.#keep([...this.marks, { ...mark, id }]);
  }

  remove(id: number): void {
    this.#keep(this.marks.filter((m) => m.id !== id));
  }

  #keep(marks: readonly Mark[]): void {
    this.marks = marks;
    if (this.#name) this.#drawer?.setItem(this.#name, JSON.stringify({ touched: this.#now(), marks } satisfies Kept));
  }
}

export function isOwn(mark: Pick<Mark, 'id'>): boolean {
  return mark.id < 0;
}
