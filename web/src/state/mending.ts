// What can be mended in a catalogue, and how each act is taken back. Pure.

import type { Catalogue } from '../protocol/Catalogue';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Mend } from '../protocol/Mend';
import type { PageProblem } from '../protocol/PageProblem';
import type { Side } from '../protocol/Side';

/** Below so many percent a heading that the machine found is looked at by a person. */
export const SURE = 70;

export type ProblemKind = PageProblem['is'];

export interface Found {
  doc: CatalogueDoc;
  problem: PageProblem;
}

export function allFound(docs: readonly CatalogueDoc[], which: 'problems' | 'accepted'): Found[] {
  return docs.flatMap((doc) => doc[which].map((problem) => ({ doc, problem })));
}

/** By kind, the most frequent first. */
export function byKind(found: readonly Found[]): [ProblemKind, Found[]][] {
  const kinds = new Map<ProblemKind, Found[]>();
  for (const f of found) kinds.set(f.problem.is, [...(kinds.get(f.problem.is) ?? []), f]);
  return [...kinds].sort(([, a], [, b]) => b.length - a.length);
}

/** How far a page that was found to lie turned is to be turned back, clockwise. */
export function turnBack(problem: Extract<PageProblem, { is: 'turned' }>): number {
  return (360 - problem.degrees) % 360;
}

/** Documents whose heading waits for a person, the least sure first. */
export function unsure(docs: readonly CatalogueDoc[]): CatalogueDoc[] {
  return docs.filter((d) => d.headingSure !== null && d.headingSure < SURE).sort((a, b) => (a.headingSure ?? 0) - (b.headingSure ?? 0));
}

export type Filing = Pick<CatalogueDoc, 'side' | 'heading' | 'title' | 'evidenceNumber'>;

export function describe(doc: CatalogueDoc, change: Partial<Filing> = {}): Mend {
  const { side, heading, title, evidenceNumber } = { ...doc, ...change };
  return { mend: 'describe', doc: doc.doc, side, heading, title, evidenceNumber };
}

/** Numbers documents in their order; those that have the right number stay as they are. */
export function numbered(docs: readonly CatalogueDoc[]): Mend[] {
  return docs.flatMap((d, i) => (d.evidenceNumber === i + 1 ? [] : [describe(d, { evidenceNumber: i + 1 })]));
}

/** A party's papers by side and heading, in catalogue order. */
export interface Heading {
  side: Side;
  name: string;
  docs: CatalogueDoc[];
}

export function headingsOf(docs: readonly CatalogueDoc[]): Heading[] {
  const all: Heading[] = [];
  for (const doc of docs) {
    const there = all.find((h) => h.name === doc.heading && h.side === doc.side);
    if (there) there.docs.push(doc);
    else all.push({ name: doc.heading, side: doc.side, docs: [doc] });
  }
  return all;
}

/** What takes an act back, from the catalogues before and after it. */
export function inverse(mend: Mend, before: Catalogue, after: Catalogue): Mend[] {
  const came = () => after.docs.filter((d) => !before.docs.some((b) => b.doc === d.doc)).map((d) => d.doc);
  switch (mend.mend) {
    case 'turn': {
      const doc = [...before.docs, ...before.retired].find((d) => d.doc === mend.page.doc);
      return [{ ...mend, degrees: doc?.turns[mend.page.page - 1] ?? 0 }];
    }
    case 'accept':
      return [{ ...mend, mend: 'reconsider' }];
    case 'reconsider':
      return [{ ...mend, mend: 'accept' }];
    case 'describe': {
      const doc = before.docs.find((d) => d.doc === mend.doc);
      return doc ? [describe(doc)] : [];
    }
    case 'bind': {
      const first = mend.from[0];
      return first ? [{ mend: 'restore', doc: first }] : [{ mend: 'bind', from: came(), into: [] }];
    }
    case 'restore': {
      const gone = before.docs.filter((d) => !after.docs.some((a) => a.doc === d.doc)).map((d): Mend => ({ mend: 'restore', doc: d.doc }));
      return [...gone, { mend: 'bind', from: came(), into: [] }];
    }
  }
}
