// What the clerk is changing in the record, and what the hub makes of it.
//
//   none ──► line / insert / takeOver ──commit──► sending ──done──► none
//                     ▲                               │
//                     └──── conflict (stale, settled) ◄┘

import type { Command } from '../protocol/Command';
import type { Denial } from '../protocol/Denial';
import type { LineView } from '../protocol/LineView';
import type { SeatId } from '../protocol/SeatId';

export type Editing =
  | { kind: 'line'; line: number; base: number; text: string; conflict: string | null }
  | { kind: 'insert'; after: number | null; seat: SeatId; from: number; text: string; conflict: null }
  | { kind: 'takeOver'; seat: SeatId; utterance: number; from: number; text: string; conflict: null };

/** The command an edit asks for. */
export function commandOf(edit: Editing, text: string): Command {
  switch (edit.kind) {
    case 'line':
      return { do: 'correctLine', line: edit.line, base: edit.base, text };
    case 'insert':
      return { do: 'insertLine', seat: edit.seat, from: edit.from, text };
    case 'takeOver':
      return { do: 'takeOver', seat: edit.seat, utterance: edit.utterance, from: edit.from, text };
  }
}

/** What a refusal makes of an edit: nothing the clerk typed is lost. Null: the refusal is no conflict of versions. */
export function afterDenial(edit: Editing, text: string, denial: Denial, lines: readonly LineView[]): Editing | null {
  if (denial.why === 'stale' && edit.kind === 'line') {
    return { ...edit, base: denial.revision, text, conflict: denial.text };
  }
  if (denial.why === 'alreadySettled') {
    const line = lines.find((l) => l.id === denial.line);
    if (line) return { kind: 'line', line: line.id, base: line.revision, text, conflict: line.text };
  }
  return null;
}

/** Whether a line reads otherwise than it first stood; a text the clerk put in is its own first layer. */
export function corrected(line: LineView): boolean {
  return line.heard === null ? line.revision > 1 : line.heard !== line.text;
}
