// A meeting of members (合议, 法官会议, 审委会) as its desk reads it.

import type { Meeting } from '../protocol/Meeting';
import type { Member } from '../protocol/Member';
import type { Question } from '../protocol/Question';
import type { SeatId } from '../protocol/SeatId';

/** A panel from this size on hears its lay assessors on facts alone. */
const LARGE_PANEL = 7;

const sits = (m: Member): boolean => m.part === 'presiding' || m.part === 'judge' || m.part === 'assessor';

export function memberAt(meeting: Meeting, seat: SeatId | null): Member | null {
  return meeting.members.find((m) => m.seat === seat) ?? null;
}

/** Who votes on a question; the hub has the last word. */
export function voters(meeting: Meeting, question: Question): Member[] {
  if (meeting.kind === 'judges') return [];
  const large = meeting.kind === 'panel' && meeting.members.filter(sits).length >= LARGE_PANEL;
  return meeting.members.filter((m) => sits(m) && !(large && m.part === 'assessor' && question.matter === 'law'));
}

export function votesFor(question: Question, choice: number | null): number {
  return question.votes.filter((v) => v.choice === choice).length;
}

/** Whether a vote is of the minority on a question that was carried. */
export function isMinority(question: Question, choice: number | null): boolean {
  return question.outcome?.is === 'carried' && question.outcome.choice !== choice;
}

/** The turn after the one that has the word; 0 when the order is at its end. */
export function nextTurn(meeting: Meeting): number {
  const next = (meeting.turn ?? 0) + 1;
  return next > meeting.order.length ? 0 : next;
}

/** Who has the word. */
export function speaking(meeting: Meeting): SeatId | null {
  return meeting.turn === null ? null : (meeting.order[meeting.turn - 1]?.seat ?? null);
}

/** Names typed one on a line or with commas between. */
export function namesIn(text: string): string[] {
  return text.split(/[\n,，、;；]/).map((n) => n.trim()).filter((n) => n !== '');
}
