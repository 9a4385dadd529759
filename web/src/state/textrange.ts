// Text of a page between two points, as a pen drawn from one to the other means it.

import type { Point } from '../protocol/Point';
import type { Rect } from '../protocol/Rect';
import type { TextLine } from '../protocol/TextLine';
import { around } from './geometry';

/** A character of a page: line, then character within it. */
export interface Caret {
  line: number;
  char: number;
}

function distance(p: Point, r: Rect): number {
  const dx = Math.max(r.x - p.x, 0, p.x - (r.x + r.w));
  const dy = Math.max(r.y - p.y, 0, p.y - (r.y + r.h));
  // A reader aims at a line first, then along it.
  return dx * dx + dy * dy * 9;
}

/** The lines at whose height a point lies, or nearly; all of them where it lies far from any. */
function level(lines: readonly TextLine[], p: Point): boolean[] {
  const away = lines.map((text) => {
    const line = around(text.boxes);
    return line ? { by: Math.max(line.y - p.y, 0, p.y - line.y - line.h), h: line.h } : { by: Infinity, h: 0 };
  });
  const least = away.reduce((a, b) => (b.by < a.by ? b : a), { by: Infinity, h: 0 });
  return away.map(({ by, h }) => least.by > least.h || by <= least.by + h * 0.25);
}

/** The character nearest to a point, however far along the line at whose height it lies; null on a page without text. */
export function nearest(lines: readonly TextLine[], p: Point): Caret | null {
  let best: Caret | null = null;
  let least = Infinity;
  const there = level(lines, p);
  lines.forEach((text, line) =>
    (there[line] ? text.boxes : []).forEach((box, char) => {
      const d = distance(p, box);
      if (d < least) {
        least = d;
        best = { line, char };
      }
    }),
  );
  return best;
}

function inOrder(a: Caret, b: Caret): [Caret, Caret] {
  return a.line < b.line || (a.line === b.line && a.char <= b.char) ? [a, b] : [b, a];
}

/** Everything from one character to another, both included: one rectangle a line, and the words. */
export function between(lines: readonly TextLine[], one: Caret, other: Caret): { rects: Rect[]; quote: string } {
  const [from, to] = inOrder(one, other);
  const rects: Rect[] = [];
  const words: string[] = [];
  for (let line = from.line; line <= to.line; line += 1) {
    const text = lines[line];
    if (!text) continue;
    const start = line === from.line ? from.char : 0;
    const end = line === to.line ? to.char + 1 : text.boxes.length;
    const rect = around(text.boxes.slice(start, end));
    if (rect) rects.push(rect);
    words.push([...text.text].slice(start, end).join(''));
  }
  return { rects, quote: words.join('') };
}
