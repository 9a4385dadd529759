// Groups of the examination table (证据组), and where evidence that a line names is found. Pure: the items give their order and heads.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Evidence } from '../protocol/Evidence';
import type { Named } from '../protocol/Named';
import type { PageRef } from '../protocol/PageRef';
import type { Side } from '../protocol/Side';

/** By side, then by number; items of a group stand together, where the first of them stands. */
export function inGroups(items: readonly Evidence[], parties: readonly Side[]): Evidence[] {
  const place = (e: Evidence): number =>
    e.group === '' ? e.number : Math.min(...items.filter((x) => x.side === e.side && x.group === e.group).map((x) => x.number));
  return [...items].sort((a, b) => parties.indexOf(a.side) - parties.indexOf(b.side) || place(a) - place(b) || a.number - b.number);
}

/** The group that begins at an item of a list in that order; null where none begins. */
export function groupAt(items: readonly Evidence[], at: number): { name: string; numbers: number[] } | null {
  const item = items[at];
  if (!item || item.group === '') return null;
  const same = (e: Evidence | undefined): boolean => e?.side === item.side && e.group === item.group;
  return same(items[at - 1]) ? null : { name: item.group, numbers: items.filter(same).map((e) => e.number) };
}

/** Names of a side's groups, for choosing one. */
export function groupsOf(items: readonly Evidence[], side: Side): string[] {
  return [...new Set(items.filter((e) => e.side === side && e.group !== '').map((e) => e.group))];
}

/** The page that a line names; the first where none was said or the item has no such page; null where this desk has no such document. */
export function pageNamed(names: Named & { kind: 'evidence' }, items: readonly Evidence[], docs: readonly CatalogueDoc[]): PageRef | null {
  const doc = docs.find((d) => d.doc === items.find((e) => e.id === names.item)?.doc);
  if (!doc) return null;
  const page = names.page !== null && names.page >= 1 && names.page <= doc.pages.length ? names.page : 1;
  return { doc: doc.doc, page };
}
