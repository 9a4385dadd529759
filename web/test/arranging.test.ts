import { describe, expect, it } from 'vitest';
import { binding, dropped, joined, moved, replaced, shifted, split, stackOf } from '../src/state/arranging';
import { doc } from './fixture';

const [a, b] = [doc('a', 3, { evidenceNumber: 1 }), doc('b', 2)];
const table = [a, b].map(stackOf);
const p = (id: string, page: number) => ({ doc: id, page });
const shape = (t: typeof table) => t.map((s) => `${s.title}: ${s.leaves.map((l) => `${l.doc}${l.page}`).join(' ')}`);

describe('pages on the light table', () => {
  it('move within and between documents, together and in their order', () => {
    expect(shape([...moved(table, [p('a', 3)], 'a', 0)])).toEqual(['a: a3 a1 a2', 'b: b1 b2']);
    expect(shape([...moved(table, [p('a', 1), p('a', 2)], 'a', 3)])).toEqual(['a: a3 a1 a2', 'b: b1 b2']);
    expect(shape([...moved(table, [p('b', 2), p('a', 1)], 'b', 1)])).toEqual(['a: a2 a3', 'b: b1 a1 b2']);
  });

  it('move by keys, and stop at the ends', () => {
    expect(shape([...shifted(table, [p('a', 2), p('a', 3)], -1)])[0]).toBe('a: a2 a3 a1');
    expect(shape([...shifted(table, [p('a', 1), p('a', 2)], -1)])[0]).toBe('a: a1 a2 a3');
    expect(shape([...shifted(table, [p('a', 1), p('a', 2)], 1)])[0]).toBe('a: a3 a1 a2');
  });

  it('are split, joined, dropped and replaced', () => {
    const two = split(table, p('a', 2), (title) => `${title}'`);
    expect(shape([...two])).toEqual(['a: a1', "a': a2 a3", 'b: b1 b2']);
    expect(two[1]?.evidenceNumber).toBeNull();
    expect(split(table, p('a', 1), (x) => x)).toEqual(table);
    expect(shape([...joined(table, ['a', 'b'])])).toEqual(['a: a1 a2 a3 b1 b2']);
    expect(shape([...dropped(table, [p('a', 2)])])).toEqual(['a: a1 a3', 'b: b1 b2']);
    expect(shape([...replaced(table, p('a', 2), [p('b', 1)])])).toEqual(['a: a1 b1 a3', 'b: b2']);
  });
});

describe('the act that saves the table', () => {
  it('is none where all is as it was', () => {
    expect(binding(moved(moved(table, [p('a', 1)], 'a', 3), [p('a', 1)], 'a', 0), [a, b])).toBeNull();
  });

  it('names only what was changed', () => {
    expect(binding(moved(table, [p('a', 1)], 'a', 3), [a, b])).toEqual({
      mend: 'bind', from: ['a'],
      into: [{ side: 'plaintiff', heading: 'evidence', title: 'a', evidenceNumber: 1, leaves: [p('a', 2), p('a', 3), p('a', 1)] }],
    });
  });

  it('withdraws what was emptied', () => {
    expect(binding(dropped(table, [p('b', 1), p('b', 2)]), [a, b])).toEqual({ mend: 'bind', from: ['b'], into: [] });
  });
});
