// 转到页: which page is meant by what was typed.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';

/** The physical page; null for none. 印12, p12: the page on which 12 is printed, as is a number beyond the last page. Full-width figures are figures. */
export function pageWanted(typed: string, doc: Pick<CatalogueDoc, 'pages' | 'printed'>): number | null {
  const [, printed, digits] = /^(印|[p#])?\s*(\d{1,6})$/i.exec(typed.normalize('NFKC').trim()) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (printed === undefined && number >= 1 && number <= doc.pages.length) return number;
  return doc.printed.indexOf(number) + 1 || null;
}
