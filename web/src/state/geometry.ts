// Places on a sheet: page units (1/100 pt, unrotated page) to the sheet as turned, and back.

import type { Point } from '../protocol/Point';
import type { Rect } from '../protocol/Rect';
import type { Rotation } from '../protocol/Rotation';

export type Size = [number, number];

export const QUARTERS: Record<Rotation, number> = { none: 0, quarter: 1, half: 2, threeQuarter: 3 };
const BY_QUARTERS: Rotation[] = ['none', 'quarter', 'half', 'threeQuarter'];

/** One more quarter turn clockwise. */
export function turned(rotation: Rotation): Rotation {
  return BY_QUARTERS[(QUARTERS[rotation] + 1) % 4] ?? 'none';
}

/** As a page is seen that is itself turned clockwise to be read. */
export function turnedFurther(rotation: Rotation, degrees: number): Rotation {
  return BY_QUARTERS[(QUARTERS[rotation] + Math.round(degrees / 90)) % 4] ?? 'none';
}

/** Size of the sheet as it lies after turning. */
export function turnedSize([w, h]: Size, rotation: Rotation): Size {
  return QUARTERS[rotation] % 2 === 0 ? [w, h] : [h, w];
}

/** A point of the page, on the turned sheet. */
export function toSheet(p: Point, [w, h]: Size, rotation: Rotation): Point {
  switch (rotation) {
    case 'none':
      return p;
    case 'quarter':
      return { x: h - p.y, y: p.x };
    case 'half':
      return { x: w - p.x, y: h - p.y };
    case 'threeQuarter':
      return { x: p.y, y: w - p.x };
  }
}

/** A point of the turned sheet, on the page. */
export function toPage(p: Point, [w, h]: Size, rotation: Rotation): Point {
  switch (rotation) {
    case 'none':
      return p;
    case 'quarter':
      return { x: p.y, y: h - p.x };
    case 'half':
      return { x: w - p.x, y: h - p.y };
    case 'threeQuarter':
      return { x: w - p.y, y: p.x };
  }
}

function spanned(a: Point, b: Point): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) };
}

export { spanned as rectBetween };

export function rectToSheet(r: Rect, size: Size, rotation: Rotation): Rect {
  return spanned(
    toSheet({ x: r.x, y: r.y }, size, rotation),
    toSheet({ x: r.x + r.w, y: r.y + r.h }, size, rotation),
  );
}

export function rectToPage(r: Rect, size: Size, rotation: Rotation): Rect {
  return spanned(
    toPage({ x: r.x, y: r.y }, size, rotation),
    toPage({ x: r.x + r.w, y: r.y + r.h }, size, rotation),
  );
}

/** The protocol counts in whole page units. */
export function whole(r: Rect): Rect {
  return { x: Math.round(r.x), y: Math.round(r.y), w: Math.round(r.w), h: Math.round(r.h) };
}

/** Smallest rectangle around all; null of none. */
export function around(rects: readonly Rect[]): Rect | null {
  if (rects.length === 0) return null;
  const x = Math.min(...rects.map((r) => r.x));
  const y = Math.min(...rects.map((r) => r.y));
  const right = Math.max(...rects.map((r) => r.x + r.w));
  const bottom = Math.max(...rects.map((r) => r.y + r.h));
  return { x, y, w: right - x, h: bottom - y };
}
