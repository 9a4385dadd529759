// What the clerk did to lines, and how it is taken back: by an act that leads to how it was. The record keeps both.
//
// An act is only taken back where the line still reads as the act left it: what somebody else wrote meanwhile stands.

import type { Command } from '../protocol/Command';
import type { LineView } from '../protocol/LineView';
import type { SeatId } from '../protocol/SeatId';

export type Done =
  | { kind: 'text'; line: number; before: string; after: string }
  | { kind: 'speaker'; line: number; before: SeatId; after: SeatId; open: boolean }
  | { kind: 'accept'; line: number; from: number; to: number; after: string }
  | { kind: 'split'; line: number; into: number; head: string; tail: string }
  | { kind: 'join'; line: number; with: number; at: number; after: string }
  | { kind: 'insert'; line: number; after: string };

/** The act that takes it back; null where the record reads otherwise by now. */
export function takingBack(done: Done, lines: readonly LineView[]): Command | null {
  const line = lines.find((l) => l.id === done.line);
  if (!line) return null;
  const base = line.revision;
  switch (done.kind) {
    case 'text':
      return line.text === done.after ? { do: 'correctLine', line: line.id, base, text: done.before } : null;
    case 'speaker':
      return line.seat === done.after ? { do: 'reattributeLine', line: line.id, base, seat: done.before, open: done.open } : null;
    case 'accept':
      return line.text === done.after ? { do: 'acceptText', line: line.id, base, from: done.from, to: done.to, back: true } : null;
    case 'split': {
      const rest = lines.find((l) => l.id === done.into);
      if (!rest || line.text !== done.head || rest.text !== done.tail) return null;
      return { do: 'joinLines', line: line.id, base, with: rest.id, withBase: rest.revision };
    }
    case 'join':
      return line.text === done.after ? { do: 'splitLine', line: line.id, base, at: done.at } : null;
    case 'insert':
      return line.text === done.after ? { do: 'correctLine', line: line.id, base, text: '' } : null;
  }
}

/** What was cut off again where two lines had been joined is a new line: acts on the one that had been joined go on with it. */
export function renamed(all: readonly Done[], line: number, now: number): Done[] {
  return all.map((done) => {
    const moved = done.line === line ? { ...done, line: now } : done;
    if (moved.kind === 'split' && moved.into === line) return { ...moved, into: now };
    return moved.kind === 'join' && moved.with === line ? { ...moved, with: now } : moved;
  });
}
