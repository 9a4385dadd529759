import { expect, test } from 'vitest';
import { piecesOf } from '../src/state/pieces';

test('a copy of at most 300 pages is asked for whole, a longer one in pieces without gap or overlap', () => {
  expect(piecesOf(0)).toEqual([]);
  expect(piecesOf(300)).toEqual([{ from: 1, to: 300, query: '' }]);
  expect(piecesOf(601).map((p) => p.query)).toEqual(['?from=1&to=300', '?from=301&to=600', '?from=601&to=601']);
});
