import { describe, expect, it } from 'vitest';
import type { Role } from '../src/protocol/Role';
import type { Seat } from '../src/protocol/Seat';
import type { StepDone } from '../src/protocol/StepDone';
import { groupsOf } from '../src/state/people';
import { asked, consentOf, due } from '../src/state/procedure';

const seat = (role: Role, id: string, more: Partial<Seat> = {}): Seat => ({ id, role, name: id, authority: '', microphone: true, present: true, inCharge: false, ...more });
const agent = (id: string, actsFor: string[] = [], more: Partial<Seat> = {}): Seat => seat('plaintiffAgent', id, { authority: '特别授权', actsFor, ...more });
const parties = [seat('plaintiff', 'p1'), seat('plaintiff', 'p2'), seat('plaintiff', 'p3'), seat('defendant', 'd1')];
const done = (step: StepDone['step']): StepDone => ({ step, line: 1, by: 'clerk', at: 0 });
const names = (seats: Seat[]) => groupsOf('plaintiff', seats).map((g) => g.parties);

describe('a side', () => {
  it('is asked as one where its parties share an agent or there is one party', () => {
    expect(names([...parties, agent('a')])).toEqual([[]]);
    expect(groupsOf('defendant', parties).map((g) => g.parties)).toEqual([[]]);
  });

  it('falls apart into those who share an agent, and those who stand alone', () => {
    expect(names(parties)).toEqual([['p1'], ['p2'], ['p3']]);
    expect(names([...parties, agent('a', ['p1', 'p3'])])).toEqual([['p1', 'p3'], ['p2']]);
    expect(names([...parties, agent('a', ['p1', 'p3']), agent('b', ['p3', 'p2'])])).toEqual([[]]);
  });

  it('counts as there through an agent', () => {
    const gone = parties.map((s) => ({ ...s, present: false }));
    expect(groupsOf('plaintiff', [...gone, agent('a', ['p2'])]).map((g) => g.present)).toEqual([false, true, false]);
  });
});

describe('the steps of this roster', () => {
  const seats = [...parties, agent('a', ['p1']), agent('b', ['p2', 'p3'], { present: false })];

  it('ask each group, and each agent who is there', () => {
    const all = due(seats, [], true).map((d) => [d.step.step, d.group?.parties.join() ?? d.name]);
    expect(all).toEqual([['identity', 'p1'], ['identity', 'p2,p3'], ['identity', ''], ['authority', 'a'], ['noRecusal', 'p1'], ['noRecusal', 'p2,p3'], ['noRecusal', '']]);
  });

  it('are those of everybody until attendance has been checked, then of those who are there', () => {
    const nobody = seats.map((s) => ({ ...s, present: false }));
    expect(asked(nobody)).toHaveLength(3);
    const one = nobody.map((s) => ({ ...s, present: s.id === 'd1' }));
    expect(asked(one).map((g) => g.side)).toEqual(['defendant']);
  });

  it('are done where the group, or the whole side, did them', () => {
    const open = (taken: StepDone[]) => due(seats, taken, true).filter((d) => d.step.step === 'identity' && !d.done).map((d) => d.group?.parties.join());
    expect(open([done({ step: 'identity', side: 'plaintiff', parties: ['p2', 'p3'] })])).toEqual(['p1', '']);
    expect(open([done({ step: 'identity', side: 'plaintiff' })])).toEqual(['']);
  });

  it('know who agreed to the recording', () => {
    const taken = [done({ step: 'recordingConsent', side: 'plaintiff', parties: ['p1'], agreed: true }), done({ step: 'recordingConsent', side: 'plaintiff', parties: ['p2', 'p3'], agreed: false })];
    expect(asked(seats).map((g) => consentOf(taken, g))).toEqual([true, false, null]);
  });
});
