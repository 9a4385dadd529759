import { describe, expect, it } from 'vitest';
import type { Evidence } from '../src/protocol/Evidence';
import type { Side } from '../src/protocol/Side';
import { groupAt, groupsOf, inGroups, pageNamed } from '../src/state/evidence';
import { doc } from './fixture';

const item = (id: number, side: Side, number: number, group = ''): Evidence => ({
  id, side, number, group, name: `证据${number}`, source: '', purpose: '', doc: null, shown: null, originalChecked: false, opinions: [], carried: null, closed: false,
});

describe('groups of evidence', () => {
  const items = [item(1, 'plaintiff', 1), item(2, 'plaintiff', 2, '甲'), item(3, 'plaintiff', 3), item(4, 'plaintiff', 4, '甲'), item(5, 'defendant', 1, '甲')];
  const ordered = inGroups(items, ['plaintiff', 'defendant']);

  it('stand together at the place of their first item, each side by itself', () => {
    expect(ordered.map((e) => e.id)).toEqual([1, 2, 4, 3, 5]);
  });

  it('begin once and know their numbers', () => {
    expect(ordered.map((_, i) => groupAt(ordered, i))).toEqual([null, { name: '甲', numbers: [2, 4] }, null, null, { name: '甲', numbers: [1] }]);
  });

  it('are named once per side', () => {
    expect(groupsOf(items, 'plaintiff')).toEqual(['甲']);
    expect(groupsOf(items, 'thirdParty')).toEqual([]);
  });
});

describe('evidence that a line names', () => {
  const items = [{ ...item(1, 'plaintiff', 1), doc: 'iou' }, item(2, 'plaintiff', 2), { ...item(3, 'defendant', 1), doc: 'elsewhere' }];
  const docs = [doc('iou', 2)];
  const named = (item: number, page: number | null) => pageNamed({ kind: 'evidence', item, page }, items, docs);

  it('is found at the page that was said, or at its first [R-UPD-6]', () => {
    expect(named(1, 2)).toEqual({ doc: 'iou', page: 2 });
    expect(named(1, null)).toEqual({ doc: 'iou', page: 1 });
    expect(named(1, 3)).toEqual({ doc: 'iou', page: 1 });
  });

  it('is nowhere without a document that this desk has', () => {
    expect([named(2, 1), named(3, 1), named(9, 1)]).toEqual([null, null, null]);
  });
});
