import { describe, expect, it } from 'vitest';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import { apply, NOTHING } from '../src/state/hearing';
import { snapshot } from './fixture';

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

  it('updates before any snapshot change nothing', () => {
    expect(apply(NOTHING, { type: 'update', seq: 1, at: 1, updates: [{ part: 'recordDigest', is: 'x' }] })).toEqual(NOTHING);
  });
});
