// Small questions of the light table.

import type { Mend } from '../../protocol/Mend';
import type { PageRef } from '../../protocol/PageRef';
import { pageKey } from '../../state/dossier.svelte';

/** The page after those that go, else the one before them. */
export function beyond(order: readonly PageRef[], going: readonly PageRef[]): PageRef | null {
  const keys = new Set(going.map(pageKey));
  const last = order.findLastIndex((p) => keys.has(pageKey(p)));
  return order[last + 1] ?? order.slice(0, last).findLast((p) => !keys.has(pageKey(p))) ?? null;
}

/** Turns each page to what is wanted; none that lies so already. */
export function turnedPages(pages: readonly PageRef[], wanted: (page: PageRef) => number, now: (page: PageRef) => number): Mend[] {
  return pages.filter((p) => wanted(p) !== now(p)).map((page) => ({ mend: 'turn', page, degrees: wanted(page) }));
}
