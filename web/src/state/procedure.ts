// Steps of the procedure that this roster asks for, in their usual order. Pure: seats and what was taken give the list.

import type { Seat } from '../protocol/Seat';
import type { Side } from '../protocol/Side';
import type { Step } from '../protocol/Step';
import type { StepDone } from '../protocol/StepDone';
import { inOrder, partiesOf } from './people';

/** A step that one key takes. */
export interface Due {
  step: Step;
  side: Side | null;
  /** Whom it is about, where it is about one person. */
  name: string;
  done: boolean;
}

const AGENTS = ['plaintiffAgent', 'defendantAgent', 'thirdPartyAgent'];

function same(a: Step, b: Step): boolean {
  if (a.step !== b.step) return false;
  if ('side' in a && 'side' in b) return a.side === b.side;
  if ('agent' in a && 'agent' in b) return a.agent === b.agent;
  return 'witness' in a && 'witness' in b && a.witness === b.witness;
}

/** Whether a side agreed that the recording replaces the record; null: it has not been asked. */
export function consentOf(taken: readonly StepDone[], side: Side): boolean | null {
  for (const { step } of taken) if (step.step === 'recordingConsent' && step.side === side) return step.agreed;
  return null;
}

export function due(seats: readonly Seat[], taken: readonly StepDone[], presiding: boolean): Due[] {
  const parties = partiesOf(seats);
  const of = (step: Step, side: Side | null, name = ''): Due => ({ step, side, name, done: taken.some((d) => same(d.step, step)) });
  const witnesses = seats.filter((s) => s.role === 'witness');
  return [
    ...parties.map((side) => of({ step: 'identity', side }, side)),
    ...inOrder(seats).filter((s) => AGENTS.includes(s.role) && s.authority !== '').map((s) => of({ step: 'authority', agent: s.id, objection: '' }, null, s.name)),
    ...parties.map((side) => of({ step: 'noRecusal', side }, side)),
    ...witnesses.flatMap((s) => [
      ...(presiding ? [of({ step: 'witnessCalled', witness: s.id }, null, s.name)] : []),
      of({ step: 'undertaking', witness: s.id }, null, s.name),
      ...(presiding ? [of({ step: 'witnessExcused', witness: s.id }, null, s.name)] : []),
    ]),
  ];
}
