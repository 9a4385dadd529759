import { describe, expect, it } from 'vitest';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import { apply, NOTHING } from '../src/state/hearing';
import type { Update } from '../src/protocol/Update';
import { line, snapshot } from './fixture';

describe('a resume', () => {
  it('keeps the snapshot and forgets what is only seen', () => {
    const messages: ServerMsg[] = [
      { type: 'welcome', epoch: 7, seq: 41, seat: 'clerk', class: 'clerk', now: 61_000, snapshot: snapshot() },
      { type: 'partial', seat: 'plaintiff', utterance: 9, from: 62_000, text: '原告' },
    ];
    const before = messages.reduce(apply, NOTHING);
    expect(before.partials).toHaveLength(1);
    const after = apply(before, { type: 'welcome', epoch: 7, seq: 42, seat: 'clerk', class: 'clerk', now: 70_000, snapshot: null });
    expect(after.snapshot).toBe(before.snapshot);
    expect(after.partials).toEqual([]);
  });

  it('with a snapshot replaces everything there was of the hearing [R-SEQ-4]', () => {
    const welcome = (lines: ReturnType<typeof line>[]): ServerMsg => ({ type: 'welcome', epoch: 7, seq: 1, seat: 'clerk', class: 'clerk', now: 1, snapshot: snapshot({ lines }) });
    const before = apply(NOTHING, welcome([line(1, 100), line(2, 200)]));
    expect(apply(before, welcome([line(3, 50)])).snapshot).toEqual(snapshot({ lines: [line(3, 50)] }));
    expect(apply(before, { type: 'resync', seq: 9, snapshot: snapshot() }).snapshot).toEqual(snapshot());
  });

  it('the updates of one message are applied in their order, and nothing is shown in between [R-UPD-2]', () => {
    const before = apply(NOTHING, { type: 'welcome', epoch: 7, seq: 1, seat: 'clerk', class: 'clerk', now: 1, snapshot: snapshot() });
    const updates: Update[] = [
      { part: 'line', is: line(1, 100, '五万元') },
      { part: 'line', is: line(1, 100, '伍万元', 1) },
      { part: 'fault', is: ['recorder', 'x'] },
      { part: 'faultGone', is: 'recorder' },
    ];
    const after = apply(before, { type: 'update', seq: 2, at: 1, updates });
    expect(after.snapshot?.lines).toEqual([line(1, 100, '伍万元', 1)]);
    expect(after.snapshot?.faults).toEqual([]);
    expect(before.snapshot).toEqual(snapshot());
  });

  it('updates before any snapshot change nothing', () => {
    expect(apply(NOTHING, { type: 'update', seq: 1, at: 1, updates: [{ part: 'recordDigest', is: 'x' }] })).toEqual(NOTHING);
  });
});

describe('screens', () => {
  it('are up since a status first named them, and anew when they come back', () => {
    const status = (now: number, online: string[]): ServerMsg => ({
      type: 'status', now, online, recording: true, recordedMs: now, soundOk: true, microphones: [], pictureOk: true, speechLagMs: 0, model: null, diskMinutesLeft: 1, faults: [], rehearsalMs: null, canRehearse: false, pagesReady: [0, 0],
    });
    const seen = [status(1000, ['judge']), status(2000, ['judge', 'clerk'])].reduce(apply, NOTHING);
    expect(seen.upSince).toEqual({ judge: 1000, clerk: 2000 });
    const back = [status(3000, ['judge']), status(4000, ['judge', 'clerk'])].reduce(apply, seen);
    expect(back.upSince).toEqual({ judge: 1000, clerk: 4000 });
  });
});

describe('answers to searches', () => {
  it('are the latest, whatever order they come in', () => {
    const results = (queryId: number): ServerMsg => ({ type: 'results', queryId, text: `${queryId}`, found: { hits: [], pages: 0, places: [], within: null }, tookUs: 1 });
    expect([results(1), results(3), results(2)].reduce(apply, NOTHING).found?.queryId).toBe(3);
    expect([results(3), results(4)].reduce(apply, NOTHING).found?.queryId).toBe(4);
  });
});
