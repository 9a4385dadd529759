import { describe, expect, it } from 'vitest';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import { apply, NOTHING } from '../src/state/hearing';
import golden from './golden/server.json';
import { snapshot } from './fixture';

// The messages as the hub writes them; what is null in the file for brevity is a snapshot.
const messages = golden.map((m) => (m.type === 'welcome' || m.type === 'resync' ? { ...m, snapshot: snapshot() } : m)) as unknown as ServerMsg[];

describe('golden messages', () => {
  it('are all understood, and lead where they say', () => {
    const upTo = (n: number) => messages.slice(0, n).reduce(apply, NOTHING);
    const after = upTo(12);
    expect(after.seat).toBe('clerk');
    expect(after.snapshot?.course.stage).toBe('inSession');
    expect(after.snapshot?.lines[0]?.text).toBe('现在开庭');
    expect(after.snapshot?.marks).toHaveLength(0);
    expect(after.snapshot?.faults).toHaveLength(0);
    expect(after.snapshot?.recordDigest).toBe('ab12');
    expect(after.levels).toEqual({ judge: -22, clerk: -48 });
    expect(after.ephemerals['plaintiff']?.kind).toBe('pointer');
    expect(after.heard?.outcome.kind).toBe('page');
    expect(after.found?.hits[0]?.title).toBe('借款合同');
    expect(after.status?.recordedMs).toBe(3000);
    expect(after.dossierRevision).toBe(12);
    expect(upTo(13).snapshot).toEqual(snapshot());
  });

  it('a partial replaces the one before and goes when its utterance settles', () => {
    const upTo = (n: number) => messages.slice(0, n).reduce(apply, NOTHING);
    expect(upTo(4).partials).toEqual([{ seat: 'plaintiff', utterance: 9, from: 62000, text: '原告方没有' }]);
    expect(upTo(5).partials).toEqual([]);
  });
});

describe('a resume', () => {
  it('keeps the snapshot and forgets what is only seen', () => {
    const before = messages.slice(0, 3).reduce(apply, NOTHING);
    const after = apply(before, { type: 'welcome', epoch: 7, seq: 42, seat: 'clerk', class: 'clerk', now: 70_000, snapshot: null });
    expect(after.snapshot).toBe(before.snapshot);
    expect(after.partials).toEqual([]);
  });

  it('updates before any snapshot change nothing', () => {
    expect(apply(NOTHING, { type: 'update', seq: 1, at: 1, updates: [{ part: 'recordDigest', is: 'x' }] })).toEqual(NOTHING);
  });
});
