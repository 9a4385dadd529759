import { describe, expect, it } from 'vitest';
import type { Update } from '../src/protocol/Update';
import { applyUpdate } from '../src/state/snapshot';
import { line, snapshot } from './fixture';

const mark = (id: number): Extract<Update, { part: 'mark' }> => ({
  part: 'mark',
  is: { id, page: { doc: 'contract', page: 2 }, shape: { kind: 'box', rect: { x: 0, y: 0, w: 10, h: 10 } }, by: 'judge', side: 'bench', at: 5, undone: null, session: null, closed: false },
});

describe('the store', () => {
  it('keeps lines in the order of (from, id), wherever they arrive [R-UPD-5]', () => {
    const lines = [line(3, 900), line(1, 100), line(4, 100), line(2, 500)];
    const after = lines.reduce((s, l) => applyUpdate(s, { part: 'line', is: l }), snapshot());
    expect(after.lines.map((l) => l.id)).toEqual([1, 4, 2, 3]);
  });

  it('replaces a line that reads otherwise now, and moves it where its time says [R-UPD-5]', () => {
    const before = snapshot({ lines: [line(1, 100), line(2, 500)] });
    const after = applyUpdate(before, { part: 'line', is: line(1, 800, '伍万元', 1) });
    expect(after.lines.map((l) => [l.id, l.text, l.revision])).toEqual([[2, 'line 2', 0], [1, '伍万元', 1]]);
  });

  it('adds and removes marks', () => {
    const two = [mark(2), mark(1)].reduce(applyUpdate, snapshot());
    expect(two.marks.map((m) => m.id)).toEqual([1, 2]);
    expect(applyUpdate(two, { part: 'markGone', is: 1 }).marks.map((m) => m.id)).toEqual([2]);
  });

  it('leaves the state before untouched', () => {
    const before = snapshot({ lines: [line(1, 100)] });
    const copy = structuredClone(before);
    applyUpdate(before, { part: 'line', is: line(2, 50) });
    applyUpdate(before, mark(1));
    applyUpdate(before, { part: 'recordDigest', is: 'abc' });
    expect(before).toEqual(copy);
  });

  it('replaces screens as a whole: no confirmation of an older view survives [R-VIEW-1]', () => {
    const before = snapshot({ screens: { view: null, locked: true, presenter: 'plaintiff', confirmed: { clerk: 3 } } });
    const after = applyUpdate(before, { part: 'screens', is: { view: null, locked: false, presenter: null, confirmed: {} } });
    expect(after.screens).toEqual({ view: null, locked: false, presenter: null, confirmed: {} });
  });

  it('orders seats by id and faults by process, as the hub does', () => {
    const seat = (id: string): Update => ({ part: 'seat', is: { id, role: 'judge', name: '', authority: '', microphone: false, present: true, inCharge: false } });
    const seats = [seat('plaintiff'), seat('clerk'), seat('judge')].reduce(applyUpdate, snapshot());
    expect(seats.seats.map((s) => s.id)).toEqual(['clerk', 'judge', 'plaintiff']);
    const faults = ([{ part: 'fault', is: ['recogniser', 'b'] }, { part: 'fault', is: ['recorder', 'a'] }] satisfies Update[]).reduce<ReturnType<typeof snapshot>>(applyUpdate, snapshot());
    expect(faults.faults.map((f) => f[0])).toEqual(['recorder', 'recogniser']);
    expect(applyUpdate(faults, { part: 'faultGone', is: 'recorder' }).faults).toEqual([['recogniser', 'b']]);
  });

  it('gives the same state whichever screen applies the same updates in the same order [R-UPD-2]', () => {
    const updates: Update[] = [];
    let seed = 318;
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    for (let i = 0; i < 400; i += 1) {
      const id = 1 + random(30);
      updates.push(random(3) === 0 ? mark(id) : random(4) === 0 ? { part: 'markGone', is: id } : { part: 'line', is: line(id, random(1000), `t${i}`, i) });
    }
    const whole = updates.reduce(applyUpdate, snapshot());
    const ids = whole.lines.map((l) => l.id);
    expect(new Set(ids).size).toBe(ids.length);
    const sorted = [...whole.lines].sort((a, b) => a.from - b.from || a.id - b.id);
    expect(whole.lines).toEqual(sorted);
    const half = updates.slice(0, 200).reduce(applyUpdate, snapshot());
    expect(updates.slice(200).reduce(applyUpdate, half)).toEqual(whole);
  });
});
