// Roles, sides and their letters, as src/model/people.rs has them.

import type { Role } from '../protocol/Role';
import type { Seat } from '../protocol/Seat';
import type { Side } from '../protocol/Side';

const SIDES: Record<Role, Side> = {
  presidingJudge: 'bench',
  judge: 'bench',
  assessor: 'bench',
  judgeAssistant: 'bench',
  clerk: 'clerk',
  plaintiff: 'plaintiff',
  plaintiffAgent: 'plaintiff',
  defendant: 'defendant',
  defendantAgent: 'defendant',
  thirdParty: 'thirdParty',
  thirdPartyAgent: 'thirdParty',
  witness: 'witness',
  expert: 'witness',
  expertAssistant: 'witness',
  interpreter: 'witness',
  public: 'public',
};

export function sideOf(role: Role): Side {
  return SIDES[role];
}

const PRECEDENCE = Object.keys(SIDES) as Role[];

const byRole = (a: Seat, b: Seat): number => PRECEDENCE.indexOf(a.role) - PRECEDENCE.indexOf(b.role) || a.id.localeCompare(b.id);

export function isAgent(role: Role): boolean {
  return role.endsWith('Agent');
}

/** Those whom an agent acts for, where that is not everybody of their side. */
export function principalsOf(seat: Seat, seats: readonly Seat[]): Seat[] {
  return seats.filter((s) => seat.actsFor?.includes(s.id)).sort(byRole);
}

/** Bench and clerk first, then the parties by their ids, each followed by its agents. */
export function inOrder(seats: readonly Seat[]): Seat[] {
  const behind = (seat: Seat): Seat => principalsOf(seat, seats)[0] ?? seat;
  return [...seats].sort((a, b) => byRole(behind(a), behind(b)) || Number(behind(a) !== a) - Number(behind(b) !== b) || a.id.localeCompare(b.id));
}

export const PARTIES: readonly Side[] = ['plaintiff', 'defendant', 'thirdParty'];

export function isParty(side: Side): boolean {
  return PARTIES.includes(side);
}

/** The sides that take part as parties in this hearing. */
export function partiesOf(seats: readonly Seat[]): Side[] {
  return PARTIES.filter((side) => seats.some((s) => sideOf(s.role) === side));
}
