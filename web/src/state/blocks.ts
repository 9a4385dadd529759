// The record in blocks of a dozen lines, so that a screen draws those near its reader and puts the others away.
//
// A line stays in its block for good: what is drawn, and a caret in it, does not move because something settles before it.

import type { LineView } from '../protocol/LineView';

export interface Block {
  key: number;
  lines: readonly LineView[];
}

const LINES = 12;

export class Blocks {
  /** The block of each line there ever was. */
  readonly #of = new Map<number, number>();
  #laid: readonly Block[] = [];
  #keys = 0;

  of(line: number | null | undefined): number | undefined {
    return line == null ? undefined : this.#of.get(line);
  }

  /** A block whose lines are the ones it had is the one it was. */
  lay(lines: readonly LineView[]): readonly Block[] {
    const before = new Map(this.#laid.map((b) => [b.key, b]));
    const known = new Map<number, number>();
    for (const { id } of lines) {
      const key = this.#of.get(id);
      if (key !== undefined) known.set(key, (known.get(key) ?? 0) + 1);
    }
    const laid: { key: number; lines: LineView[] }[] = [];
    const seen = new Set<number>();
    for (const line of lines) {
      const last = laid.at(-1);
      const own = this.#of.get(line.id);
      if (own !== undefined) known.set(own, (known.get(own) ?? 0) - 1);
      let key = own;
      // New between lines of one block it belongs to that, however full; so does one that comes back where another block is by now.
      if (key === undefined || (key !== last?.key && seen.has(key))) {
        key = last && (last.lines.length < LINES || (known.get(last.key) ?? 0) > 0) ? last.key : (this.#keys += 1);
        this.#of.set(line.id, key);
      }
      if (last && key === last.key) last.lines.push(line);
      else laid.push({ key, lines: [line] });
      seen.add(key);
    }
    this.#laid = laid.map((b) => {
      const was = before.get(b.key);
      return was && was.lines.length === b.lines.length && b.lines.every((l, n) => l === was.lines[n]) ? was : b;
    });
    return this.#laid;
  }
}
