// Steps of the procedure that this roster asks for, in their usual order. Pure: seats and what was taken give the list.

import type { Seat } from '../protocol/Seat';
import type { Step } from '../protocol/Step';
import type { StepDone } from '../protocol/StepDone';
import { groupsOf, inOrder, isAgent, partiesOf, type Group } from './people';

/** A step that one key takes. */
export interface Due {
  step: Step;
  group: Group | null;
  /** Whom it is about, where it is about one person. */
  name: string;
  done: boolean;
}

/** Whether what `asked` says has been said for all of `parties`; nobody named is the whole side. */
const covers = (asked: readonly string[] = [], parties: readonly string[] = []): boolean =>
  asked.length === 0 || (parties.length > 0 && parties.every((p) => asked.includes(p)));

function same(taken: Step, due: Step): boolean {
  if (taken.step !== due.step) return false;
  if ('side' in taken && 'side' in due) return taken.side === due.side && covers(taken.parties, due.parties);
  if ('agent' in taken && 'agent' in due) return taken.agent === due.agent;
  return 'witness' in taken && 'witness' in due && taken.witness === due.witness;
}

/** Whether a group agreed that the recording replaces the record; null: it has not been asked. */
export function consentOf(taken: readonly StepDone[], group: Group): boolean | null {
  for (const { step } of taken) {
    if (step.step === 'recordingConsent' && step.side === group.side && covers(step.parties, group.parties)) return step.agreed;
  }
  return null;
}

/** Whom the court asks: the groups of every side. Once attendance is being checked, only those of whom somebody is there. */
export function asked(seats: readonly Seat[]): Group[] {
  const groups = partiesOf(seats).flatMap((side) => groupsOf(side, seats));
  const here = groups.filter((g) => g.present);
  return here.length > 0 ? here : groups;
}

export function due(seats: readonly Seat[], taken: readonly StepDone[], presiding: boolean): Due[] {
  const groups = asked(seats);
  const of = (step: Step, group: Group | null, name = ''): Due => ({ step, group, name, done: taken.some((d) => same(d.step, step)) });
  const some = (group: Group) => ({ side: group.side, ...(group.parties.length > 0 && { parties: group.parties }) });
  const agents = inOrder(seats).filter((s) => isAgent(s.role) && s.authority !== '');
  const here = agents.some((s) => s.present) ? agents.filter((s) => s.present) : agents;
  const witnesses = seats.filter((s) => s.role === 'witness');
  return [
    ...groups.map((g) => of({ step: 'identity', ...some(g) }, g)),
    ...here.map((s) => of({ step: 'authority', agent: s.id, objection: '' }, null, s.name)),
    ...groups.map((g) => of({ step: 'noRecusal', ...some(g) }, g)),
    ...witnesses.flatMap((s) => [
      ...(presiding ? [of({ step: 'witnessCalled', witness: s.id }, null, s.name)] : []),
      of({ step: 'undertaking', witness: s.id }, null, s.name),
      ...(presiding ? [of({ step: 'witnessExcused', witness: s.id }, null, s.name)] : []),
    ]),
  ];
}
