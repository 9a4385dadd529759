import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../src/protocol/Catalogue';
import type { CatalogueDoc } from '../src/protocol/CatalogueDoc';
import { byKind, allFound, inverse, numbered, turnBack, unsure } from '../src/state/mending';
import { doc } from './fixture';

const catalogue = (docs: CatalogueDoc[], retired: CatalogueDoc[] = []): Catalogue => ({ revision: 1, docs, retired, offered: [] });

describe('what is to be mended', () => {
  it('stands by kind, the most frequent first', () => {
    const docs = [doc('a', 3, { problems: [{ is: 'dark', page: 1 }, { is: 'blank', page: 2 }] }), doc('b', 1, { problems: [{ is: 'blank', page: 1 }] })];
    expect(byKind(allFound(docs, 'problems')).map(([kind, found]) => [kind, found.length])).toEqual([['blank', 2], ['dark', 1]]);
  });

  it('puts the least sure heading first, and none that a person gave', () => {
    expect(unsure([doc('a', 1), doc('b', 1, { headingSure: 60 }), doc('c', 1, { headingSure: 10 }), doc('d', 1, { headingSure: 70 })]).map((d) => d.doc)).toEqual(['c', 'b']);
  });

  it('is turned back as far as it lies turned', () => {
    expect([90, 180, 270].map((degrees) => turnBack({ is: 'turned', page: 1, degrees, unclear: false }))).toEqual([270, 180, 90]);
  });

  it('numbers in order and leaves what is right', () => {
    const acts = numbered([doc('a', 1, { evidenceNumber: 1 }), doc('b', 1), doc('c', 1, { evidenceNumber: 2 })]);
    expect(acts).toMatchObject([{ doc: 'b', evidenceNumber: 2 }, { doc: 'c', evidenceNumber: 3 }]);
  });
});

describe('taking back', () => {
  const before = catalogue([doc('a', 2, { turns: [0, 180] })]);

  it('turns a page as it was, and says what it was called', () => {
    expect(inverse({ mend: 'turn', page: { doc: 'a', page: 2 }, degrees: 90 }, before, before)).toMatchObject([{ degrees: 180 }]);
    expect(inverse({ mend: 'describe', doc: 'a', side: 'bench', heading: 'x', title: 'y', evidenceNumber: 3 }, before, before)).toMatchObject([{ side: 'plaintiff', title: 'a', evidenceNumber: null }]);
  });

  it('restores what was bound anew, and binds anew what was restored', () => {
    expect(inverse({ mend: 'bind', from: ['a'], into: [] }, before, catalogue([]))).toEqual([{ mend: 'restore', doc: 'a' }]);
    expect(inverse({ mend: 'restore', doc: 'a' }, catalogue([doc('b', 2)]), before)).toEqual([{ mend: 'restore', doc: 'b' }, { mend: 'bind', from: ['a'], into: [] }]);
  });
});
