// Pages on the light table: documents side by side, their pages in order. Pure; nothing is told to the court before it is saved.

import type { Binding } from '../protocol/Binding';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Mend } from '../protocol/Mend';
import type { PageRef } from '../protocol/PageRef';

/** What lies on the table as one document; `id` is the document's own, or that of the one it was split from and a page. */
export interface Stack extends Binding {
  id: string;
}

export type Arrangement = readonly Stack[];

const same = (a: PageRef, b: PageRef) => a.doc === b.doc && a.page === b.page;
const among = (pages: readonly PageRef[]) => (page: PageRef) => pages.some((p) => same(p, page));

export function stackOf({ doc, side, heading, title, evidenceNumber, pages }: CatalogueDoc): Stack {
  return { id: doc, side, heading, title, evidenceNumber, leaves: pages.map((_, i) => ({ doc, page: i + 1 })) };
}

/** Pages put before the page at `at` of a document (after the last: its number of pages). */
export function moved(table: Arrangement, pages: readonly PageRef[], to: string, at: number): Arrangement {
  const moving = among(pages);
  const taken = table.flatMap((s) => s.leaves.filter(moving));
  return table.map((stack) => {
    const before = stack.leaves.slice(0, at).filter((l) => !moving(l));
    const after = stack.leaves.slice(at).filter((l) => !moving(l));
    if (stack.id === to) return { ...stack, leaves: [...before, ...taken, ...after] };
    return stack.leaves.some(moving) ? { ...stack, leaves: [...before, ...after] } : stack;
  });
}

/** Pages moved by places within their documents. */
export function shifted(table: Arrangement, pages: readonly PageRef[], by: -1 | 1): Arrangement {
  const moving = among(pages);
  return table.map((stack) => {
    const leaves = [...stack.leaves];
    const order = by < 0 ? [...leaves.keys()] : [...leaves.keys()].reverse();
    for (const i of order) {
      const [leaf, other] = [leaves[i], leaves[i + by]];
      if (leaf && other && moving(leaf) && !moving(other)) [leaves[i], leaves[i + by]] = [other, leaf];
    }
    return { ...stack, leaves };
  });
}

/** A document in two, the second beginning with `page`; unchanged before its first page. */
export function split(table: Arrangement, page: PageRef, name: (title: string) => string): Arrangement {
  return table.flatMap((stack) => {
    const at = stack.leaves.findIndex((l) => same(l, page));
    if (at <= 0) return [stack];
    const second = { ...stack, id: `${stack.id}+${page.doc}/${page.page}`, title: name(stack.title), evidenceNumber: null, leaves: stack.leaves.slice(at) };
    return [{ ...stack, leaves: stack.leaves.slice(0, at) }, second];
  });
}

/** Several documents as one, which keeps what the first is called. */
export function joined(table: Arrangement, ids: readonly string[]): Arrangement {
  const parts = table.filter((s) => ids.includes(s.id));
  const first = parts[0];
  if (!first || parts.length < 2) return table;
  return table.flatMap((s) => (s === first ? [{ ...s, leaves: parts.flatMap((p) => p.leaves) }] : parts.includes(s) ? [] : [s]));
}

export function dropped(table: Arrangement, pages: readonly PageRef[]): Arrangement {
  const gone = among(pages);
  return table.map((s) => (s.leaves.some(gone) ? { ...s, leaves: s.leaves.filter((l) => !gone(l)) } : s));
}

/** Pages in the place of another, which goes. */
export function replaced(table: Arrangement, target: PageRef, by: readonly PageRef[]): Arrangement {
  if (among(by)(target)) return table;
  const without = dropped(table, by);
  return without.map((s) => ({ ...s, leaves: s.leaves.flatMap((l) => (same(l, target) ? by : [l])) }));
}

export function untouched(stack: Stack, docs: readonly CatalogueDoc[]): boolean {
  const doc = docs.find((d) => d.doc === stack.id);
  return !!doc && stack.leaves.length === doc.pages.length && stack.leaves.every((l, i) => l.doc === doc.doc && l.page === i + 1);
}

/** The one act that makes of `docs` what lies on the table; none where nothing was changed. */
export function binding(table: Arrangement, docs: readonly CatalogueDoc[]): Extract<Mend, { mend: 'bind' }> | null {
  const kept = new Set(table.filter((s) => untouched(s, docs)).map((s) => s.id));
  const from = docs.filter((d) => !kept.has(d.doc)).map((d) => d.doc);
  const into = table.filter((s) => !kept.has(s.id) && s.leaves.length > 0).map(({ id: _, ...rest }) => rest);
  return from.length === 0 && into.length === 0 ? null : { mend: 'bind', from, into };
}
