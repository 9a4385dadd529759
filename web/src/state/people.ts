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

/** Those of one side who litigate together; `parties` is empty where that is the whole side. */
export interface Group {
  side: Side;
  parties: string[];
  /** The parties' names where the side falls apart, otherwise empty. */
  names: string[];
  present: boolean;
}

/** A side as the court asks it: parties who share an agent answer as one, the others each for themselves. */
export function groupsOf(side: Side, seats: readonly Seat[]): Group[] {
  const ours = seats.filter((s) => sideOf(s.role) === side);
  const parties = ours.filter((s) => !isAgent(s.role)).sort(byRole);
  const agents = ours.filter((s) => isAgent(s.role));
  const principals = (agent: Seat): string[] => {
    const named = parties.filter((p) => agent.actsFor?.includes(p.id)).map((p) => p.id);
    return named.length > 0 ? named : parties.map((p) => p.id);
  };
  let groups = parties.map((p) => [p.id]);
  for (const agent of agents) {
    const shared = principals(agent);
    const touched = groups.filter((g) => g.some((id) => shared.includes(id)));
    const joined = parties.map((p) => p.id).filter((id) => touched.some((g) => g.includes(id)));
    groups = groups.flatMap((g) => (g === touched[0] ? [joined] : touched.includes(g) ? [] : [g]));
  }
  if (groups.length < 2) return [{ side, parties: [], names: [], present: ours.some((s) => s.present) }];
  return groups.map((ids) => ({
    side,
    parties: ids,
    names: parties.filter((p) => ids.includes(p.id)).map((p) => p.name),
    present: parties.some((p) => ids.includes(p.id) && p.present) || agents.some((a) => a.present && principals(a).some((id) => ids.includes(id))),
  }));
}

/** Parties of a side for whom nobody is there: neither they nor an agent of theirs. */
export function inDefault(side: Side, seats: readonly Seat[]): Seat[] {
  const agents = seats.filter((s) => s.present && isAgent(s.role) && sideOf(s.role) === side);
  const stoodFor = (party: Seat) => agents.some((a) => !a.actsFor?.length || a.actsFor.includes(party.id));
  return seats.filter((s) => sideOf(s.role) === side && !isAgent(s.role) && !s.present && !stoodFor(s)).sort(byRole);
}
