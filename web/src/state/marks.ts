// All marks a desk may see, as they are listed: by document in the order of the catalogue, by page, by time.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Mark } from '../protocol/Mark';
import type { Rect } from '../protocol/Rect';
import { around } from './geometry';

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
      return { ...shape.at, w: 0, h: 0 };
    case 'ink':
      return around(shape.points.map((p) => ({ ...p, w: 0, h: 0 })));
  }
}
