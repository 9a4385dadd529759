// Notes of the course between the lines of the record: 休庭, 继续开庭, 闭庭, as they stand on the paper. Pure.

import type { HearingTime } from '../protocol/HearingTime';
import type { Interruption } from '../protocol/Interruption';
import type { LineView } from '../protocol/LineView';

export interface Note {
  at: HearingTime;
  what: 'recess' | 'closedEvidence' | 'mediation' | 'resumed' | 'closed';
}

/** Notes by the line they stand before, and those after the last line. A hearing of which nothing was said has none. */
export function notesOf(lines: readonly LineView[], ledger: readonly Interruption[], closed: HearingTime | null): { before: Map<number, Note[]>; after: Note[] } {
  const notes: Note[] = ledger.flatMap((g) => {
    if (g.ground.kind === 'fault') return [];
    const begins: Note = { at: g.from, what: g.ground.kind };
    return g.to === null ? [begins] : [begins, { at: g.to, what: 'resumed' as const }];
  });
  if (closed !== null) notes.push({ at: closed, what: 'closed' });
  notes.sort((a, b) => a.at - b.at);
  const before = new Map<number, Note[]>();
  const after: Note[] = [];
  for (const note of lines.length > 0 ? notes : []) {
    const next = lines.find((l) => l.from >= note.at);
    if (!next) after.push(note);
    else before.set(next.id, [...(before.get(next.id) ?? []), note]);
  }
  return { before, after };
}
