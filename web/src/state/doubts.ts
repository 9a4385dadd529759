// What of the record is worth a second listening, and where the clerk stands in it. Pure. Places in a text count
// characters, as the hub does: one beyond the basic plane is one.

import type { Doubt } from '../protocol/Doubt';
import type { DoubtKind } from '../protocol/DoubtKind';
import type { LineView } from '../protocol/LineView';
import type { Mention } from '../protocol/Mention';

/** Characters of a line. */
export interface Spot {
  line: number;
  from: number;
  to: number;
}

/** The gravest first. */
export const KINDS: readonly DoubtKind[] = ['amount', 'date', 'name', 'negation', 'confusable', 'admission', 'number', 'repaired', 'otherwise', 'unsure'];

/** Below this (thousandths) the machine was unsure. */
const UNSURE = 800;
/** Sound played before and behind a spot: where in its line it was said is only known about. */
const AROUND_MS = 700;
const SHORTEST_MS = 1600;

export function cut(text: string, from: number, to: number): string {
  return [...text].slice(from, to).join('');
}

export function replaced(text: string, from: number, to: number, words: string): string {
  const chars = [...text];
  return chars.slice(0, from).join('') + words + chars.slice(to).join('');
}

/** Characters before a place in a text field, which counts UTF-16. */
export function charsBefore(text: string, offset: number): number {
  return [...text.slice(0, offset)].length;
}

/** The same backwards: where in a text field a character begins. */
export function offsetOf(text: string, chars: number): number {
  return cut(text, 0, chars).length;
}

/** What of a place in doubt is typed anew: of an amount its figure, for the unit is seldom what was misheard. */
export function wrongIn(place: { from: number; to: number; heard: string }): { from: number; to: number } {
  const figure = /^\d[\d.,]*(?=[百千万亿]*元)/.exec(place.heard)?.[0];
  return figure ? { from: place.from, to: place.from + figure.length } : place;
}

/** A line in which the figure of an amount was typed anew: who typed the unit too wrote it in place of the one that stood there. */
export function undoubled(text: string, place: { from: number; to: number; heard: string }): string {
  const figure = wrongIn(place);
  const unit = cut(place.heard, figure.to - place.from, place.to - place.from);
  const [head, rest] = [cut(text, 0, place.from), [...text].slice(place.from).join('')];
  const typed = /^[^，。、；]{1,16}?元/.exec(rest)?.[0] ?? '';
  return unit !== '' && typed !== '' && rest.slice(typed.length).startsWith(unit) ? head + typed + rest.slice(typed.length + unit.length) : text;
}

/** The first doubt at or behind character `from` of a line, going round; null if there is none at all. */
export function nextSpot(lines: readonly LineView[], line: number | null, from: number): Spot | null {
  const start = Math.max(0, lines.findIndex((l) => l.id === line));
  const order = [...lines.slice(start), ...lines.slice(0, start + 1)];
  for (const [n, l] of order.entries()) {
    // The line one starts in comes twice: first what is behind, last what is before.
    const here = l.doubts.find((d) => n > 0 || l.id !== line || d.from >= from);
    if (here) return { line: l.id, from: here.from, to: here.to };
  }
  return null;
}

/** The last doubt before character `from` of a line, going round. */
export function previousSpot(lines: readonly LineView[], line: number | null, from: number): Spot | null {
  const at = lines.findIndex((l) => l.id === line);
  const start = at < 0 ? lines.length - 1 : at;
  const order = [...lines.slice(0, start + 1).reverse(), ...lines.slice(start).reverse()];
  for (const [n, l] of order.entries()) {
    const here = l.doubts.findLast((d) => n > 0 || l.id !== line || d.from < from);
    if (here) return { line: l.id, from: here.from, to: here.to };
  }
  return null;
}

export function doubtAt(line: LineView | undefined, spot: Spot | null): Doubt | null {
  if (!line || !spot || line.id !== spot.line) return null;
  return line.doubts.find((d) => d.from === spot.from && d.to === spot.to) ?? null;
}

export interface Risk {
  line: LineView;
  doubt: Doubt;
}

/** All doubts: by what hangs on them, of one kind first what the machine was unsure of, then as it was said. */
export function byRisk(lines: readonly LineView[]): Risk[] {
  const all = lines.flatMap((line) => line.doubts.map((doubt) => ({ line, doubt })));
  const rank = ({ doubt }: Risk) => 2 * KINDS.indexOf(doubt.matter ?? doubt.kind) + (doubt.matter || doubt.confidence < UNSURE ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b) || a.line.from - b.line.from || a.doubt.from - b.doubt.from);
}

/** When a spot was said, about: as far into the sound as into the text. */
export function saidAt(line: LineView, spot: { from: number; to: number }): { from: number; to: number } {
  const chars = Math.max(1, [...line.text].length);
  const at = (place: number) => line.from + ((line.to - line.from) * place) / chars;
  const from = Math.max(line.from - AROUND_MS, at(spot.from) - AROUND_MS);
  return { from: Math.max(0, from), to: Math.max(from + SHORTEST_MS, Math.min(line.to, at(spot.to)) + AROUND_MS) };
}

export interface Segment {
  text: string;
  doubt: Doubt | null;
}

/** A text in pieces, by what is in doubt. */
export function segments(text: string, doubts: readonly Doubt[]): Segment[] {
  const chars = [...text];
  const out: Segment[] = [];
  let at = 0;
  for (const doubt of doubts) {
    if (doubt.from > at) out.push({ text: chars.slice(at, doubt.from).join(''), doubt: null });
    out.push({ text: chars.slice(doubt.from, doubt.to).join(''), doubt });
    at = doubt.to;
  }
  if (at < chars.length) out.push({ text: chars.slice(at).join(''), doubt: null });
  return out;
}

/** Characters that are shown alike. */
export interface Shade {
  text: string;
  doubt: Doubt | null;
  /** The machine's, in thousandths; null where it does not matter. */
  confidence: number | null;
}

/** Characters that lead to an item of evidence, or none. */
export interface Stretch {
  mention: Mention | null;
  shades: Shade[];
}

/** How a line is shown: what is in doubt, else how sure the machine was, and within that the evidence it names. A doubt is never cut. */
export function stretches(line: LineView, mentions: readonly Mention[]): Stretch[] {
  const sure = line.pieces.map((p) => p.text).join('') === line.text ? line.pieces : [];
  const shades: Shade[] =
    line.doubts.length === 0 && sure.length > 0
      ? sure.map(({ text, confidence }) => ({ text, doubt: null, confidence }))
      : segments(line.text, line.doubts).map(({ text, doubt }) => ({ text, doubt, confidence: doubt?.confidence ?? null }));
  const whole = mentions.filter((m) => line.doubts.every((d) => d.to <= m.from || m.to <= d.from || (m.from <= d.from && d.to <= m.to)));
  const out: Stretch[] = [];
  let at = 0;
  for (const shade of shades) {
    let begun = false;
    for (const char of shade.text) {
      const mention = whole.find((m) => m.from <= at && at < m.to) ?? null;
      at += 1;
      let stretch = out.at(-1);
      if (!stretch || stretch.mention !== mention) {
        stretch = { mention, shades: [] };
        out.push(stretch);
        begun = false;
      }
      const part = begun ? stretch.shades.at(-1) : undefined;
      if (part) part.text += char;
      else stretch.shades.push({ ...shade, text: char });
      begun = true;
    }
  }
  return out;
}
