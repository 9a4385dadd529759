// All marks a desk may see, as they are listed: by document in the order of the catalogue, by page, by time.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Mark } from '../protocol/Mark';
import type { Point } from '../protocol/Point';
import type { Rect } from '../protocol/Rect';
import type { Rotation } from '../protocol/Rotation';
import { around, type Size, toSheet, turnedSize } from './geometry';

export interface MarkedPage {
  page: number;
  marks: Mark[];
}

export interface MarkedDoc {
  doc: CatalogueDoc;
  pages: MarkedPage[];
}

export function markedDocs(marks: readonly Mark[], docs: readonly CatalogueDoc[]): MarkedDoc[] {
  return docs.flatMap((doc) => {
    const here = marks.filter((m) => m.page.doc === doc.doc && m.undone === null);
    const numbers = [...new Set(here.map((m) => m.page.page))].sort((a, b) => a - b);
    const pages = numbers.map((page) => ({ page, marks: here.filter((m) => m.page.page === page).sort((a, b) => a.at - b.at || a.id - b.id) }));
    return pages.length > 0 ? [{ doc, pages }] : [];
  });
}

/** The words a mark is known by; empty where it has none. */
export function wordsOf({ shape }: Mark): string {
  return shape.kind === 'note' ? shape.text : shape.kind === 'highlight' ? shape.quote : '';
}

/** Where on its page a mark is. */
export function placeOf({ shape }: Mark): Rect | null {
  switch (shape.kind) {
    case 'highlight':
      return around(shape.rects);
    case 'box':
      return shape.rect;
    case 'note':
    case 'stance':
      return { ...shape.at, w: 0, h: 0 };
    case 'arrow':
      return around([shape.from, shape.to].map((p) => ({ ...p, w: 0, h: 0 })));
    case 'ink':
      return around(shape.points.map((p) => ({ ...p, w: 0, h: 0 })));
  }
}

/** Length of the sides of an arrow's head, in page units; of a short arrow its half. Papers draw the same. */
const HEAD = 1400;
const HEAD_ANGLE = (28 * Math.PI) / 180;

/** The ends of both sides of an arrow's head. */
export function arrowHead(from: Point, to: Point): [Point, Point] {
  const [dx, dy] = [from.x - to.x, from.y - to.y];
  const length = Math.max(1, Math.hypot(dx, dy));
  const share = Math.min(HEAD, length / 2) / length;
  const side = (angle: number): Point => {
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    return { x: to.x + Math.round((dx * cos - dy * sin) * share), y: to.y + Math.round((dx * sin + dy * cos) * share) };
  };
  return [side(HEAD_ANGLE), side(-HEAD_ANGLE)];
}

/** Letters of a stamp, in page units; papers have the same. */
export const STAMP = 2200;

/** Where a stamp lies on the sheet as it is turned: around its middle, and whole. */
export function stampBox(at: Point, word: string, size: Size, rotation: Rotation): Rect {
  const ems = [...word].reduce((sum, c) => sum + (c.charCodeAt(0) < 0x2e80 ? 0.6 : 1), 0);
  const [w, h] = [STAMP * (ems + 2.1), STAMP * 1.6];
  const [middle, sheet] = [toSheet(at, size, rotation), turnedSize(size, rotation)];
  const within = (v: number, most: number) => Math.max(0, Math.min(most, v));
  return { x: within(middle.x - w / 2, sheet[0] - w), y: within(middle.y - h / 2, sheet[1] - h), w, h };
}
