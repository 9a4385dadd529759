// 转到页: which page is meant by what was typed.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';

/** The physical page; null for none. Full-width figures are figures. Printed numbers would be looked up here. */
export function pageWanted(typed: string, doc: CatalogueDoc): number | null {
  const text = typed.normalize('NFKC').trim();
  if (!/^\d+$/.test(text)) return null;
  const page = Number(text);
  return page >= 1 && page <= doc.pages.length ? page : null;
}
