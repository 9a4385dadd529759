// Pages laid out one under another, and which of them are in sight. Pure: lengths in CSS pixels, pages from 1.

import type { Point } from '../protocol/Point';
import type { Rect } from '../protocol/Rect';
import type { Rotation } from '../protocol/Rotation';
import { type Size, turnedSize } from './geometry';

/** A page in its place; `scale` is pixels per page unit. */
export interface Leaf {
  page: number;
  left: number;
  top: number;
  width: number;
  height: number;
  scale: number;
}

export interface Roll {
  leaves: Leaf[];
  width: number;
  height: number;
}

/** Around the pages, and between two of them. */
export interface Space {
  pad: number;
  gap: number;
}

/** Lays pages out in the middle of `box`; what is smaller than the box lies in its middle. `scaleOf` is given the size as the sheet lies. */
export function rollOf(
  pages: readonly { page: number; size: Size }[],
  rotation: Rotation,
  scaleOf: (sheet: Size) => number,
  box: Size,
  { pad, gap }: Space,
): Roll {
  const leaves: Leaf[] = [];
  let top = pad;
  let widest = 0;
  for (const { page, size } of pages) {
    const [w, h] = turnedSize(size, rotation);
    const scale = scaleOf([w, h]);
    const leaf = { page, left: 0, top, width: w * scale, height: h * scale, scale };
    leaves.push(leaf);
    top += leaf.height + gap;
    widest = Math.max(widest, leaf.width);
  }
  const width = Math.max(box[0], widest + 2 * pad);
  const tall = top - gap + pad;
  const down = Math.max(0, (box[1] - tall) / 2);
  for (const leaf of leaves) {
    leaf.left = (width - leaf.width) / 2;
    leaf.top += down;
  }
  return { leaves, width, height: Math.max(box[1], tall) };
}

/** Index of the last page that begins at or above `y`. */
function indexAt({ leaves }: Roll, y: number): number {
  let [low, high] = [0, leaves.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((leaves[middle]?.top ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The pages of which something lies between two heights. */
export function leavesWithin(roll: Roll, top: number, bottom: number): Leaf[] {
  const [first, last] = [indexAt(roll, top), indexAt(roll, bottom)];
  return roll.leaves.slice(first, last + 1).filter((l) => l.top <= bottom && l.top + l.height >= top);
}

/** How far down the box one reads: a third, but at either end of the roll its edge, so that each page has its turn. */
function readingShare(scrolled: number, range: number, boxHeight: number): number {
  if (range <= 0) return 0;
  if (range < 2 * boxHeight) return scrolled / range;
  const [above, below] = [Math.min(1, scrolled / boxHeight), Math.min(1, (range - scrolled) / boxHeight)];
  return below < 1 ? 1 - (2 / 3) * below : above / 3;
}

/** The page that is being read. */
export function currentPage(roll: Roll, scrollTop: number, boxHeight: number): number {
  const range = Math.max(0, roll.height - boxHeight);
  const line = scrollTop + boxHeight * readingShare(Math.min(scrollTop, range), range, boxHeight);
  return roll.leaves[indexAt(roll, line)]?.page ?? 1;
}

export function leafOf(roll: Roll, page: number): Leaf | null {
  return roll.leaves.find((l) => l.page === page) ?? null;
}

/** A point of a page and where in the box it is seen: what stays where it is while all around it changes. */
export interface Anchor {
  page: number;
  /** On the sheet as it lies, in shares of its width and height. */
  x: number;
  y: number;
  at: Point;
}

export function anchorAt(roll: Roll, scroll: Point, at: Point): Anchor | null {
  const leaf = roll.leaves[indexAt(roll, scroll.y + at.y)];
  if (!leaf) return null;
  return { page: leaf.page, x: (scroll.x + at.x - leaf.left) / leaf.width, y: (scroll.y + at.y - leaf.top) / leaf.height, at };
}

/** The scroll that brings an anchor to its place; null where its page is not in the roll. */
export function scrollTo(roll: Roll, anchor: Anchor): Point | null {
  const leaf = leafOf(roll, anchor.page);
  if (!leaf) return null;
  return { x: leaf.left + anchor.x * leaf.width - anchor.at.x, y: leaf.top + anchor.y * leaf.height - anchor.at.y };
}

/** What of a page is seen, in units of the sheet as it lies; null for all of it or none. */
export function seenOf(leaf: Leaf, scroll: Point, box: Size): Rect | null {
  const [left, top] = [Math.max(0, scroll.x - leaf.left), Math.max(0, scroll.y - leaf.top)];
  const right = Math.min(leaf.width, scroll.x + box[0] - leaf.left);
  const bottom = Math.min(leaf.height, scroll.y + box[1] - leaf.top);
  if (right <= left || bottom <= top) return null;
  if (right - left > leaf.width - 2 && bottom - top > leaf.height - 2) return null;
  return { x: left / leaf.scale, y: top / leaf.scale, w: (right - left) / leaf.scale, h: (bottom - top) / leaf.scale };
}
