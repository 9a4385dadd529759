// Selected text as somebody wants to paste it: lines of a paragraph are joined, paragraphs stay apart.

import type { TextLine } from '../protocol/TextLine';

/** A part of a line: `from` and `to` count characters. */
export interface Run {
  line: TextLine;
  from: number;
  to: number;
}

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef\u2018-\u201d\u2026\u2014]/u;
/** So many letter heights short of the margin, a line ended because a paragraph did. */
const SHORT = 2.5;
/** So many letter heights in from the margin, a line begins a paragraph. */
const INDENT = 1.2;

const left = (line: TextLine): number => line.boxes[0]?.x ?? 0;
const right = (line: TextLine): number => {
  const last = line.boxes.at(-1);
  return last ? last.x + last.w : 0;
};
const height = (line: TextLine): number => line.boxes[0]?.h ?? 0;

/** Whether a paragraph ends between two lines that follow each other on a page. */
function parted(line: TextLine, next: TextLine, margins: { left: number; right: number }): boolean {
  const tall = Math.max(height(line), height(next), 1);
  const [a, b] = [line.boxes[0], next.boxes[0]];
  // Side by side, as the cells of a table: neither the same line nor the same paragraph.
  if (a && b && Math.abs(a.y - b.y) < tall / 2) return false;
  if (height(line) > 1.3 * height(next) || height(next) > 1.3 * height(line)) return true;
  if (left(next) > margins.left + INDENT * tall) return true;
  // A number or word that did not fit leaves room at the end of its line.
  const word = [...next.text].findIndex((c) => WIDE.test(c) || c.trim() === '');
  const tail = next.boxes[(word < 0 ? next.boxes.length : word) - 1];
  return right(line) + (tail ? tail.x + tail.w - left(next) : 0) < margins.right - SHORT * tall;
}

function joint(before: string, after: string): string {
  if (before === '' || after === '') return '';
  const [last, first] = [[...before].at(-1) ?? '', [...after][0] ?? ''];
  if (WIDE.test(last) || WIDE.test(first)) return '';
  return last === '-' ? '' : ' ';
}

/** The words of one page, with its margins taken from all its lines. */
export function plainText(runs: readonly Run[], all: readonly TextLine[]): string {
  const margins = { left: Math.min(...all.map(left)), right: Math.max(...all.map(right)) };
  let text = '';
  runs.forEach((run, i) => {
    const part = [...run.line.text].slice(run.from, run.to).join('').replace(/[\s\u3000]+/g, ' ').trim();
    const before = runs[i - 1];
    if (part === '') return;
    if (text === '') text = part;
    else if (before && parted(before.line, run.line, margins)) text += `\n${part}`;
    else text += (before && apart(before.line, run.line) ? ' ' : joint(text, part)) + part;
  });
  return text;
}

/** Side by side with room between: cells of a table, not one line that was read in two pieces. */
function apart(line: TextLine, next: TextLine): boolean {
  const [a, b] = [line.boxes[0], next.boxes[0]];
  return !!a && !!b && Math.abs(a.y - b.y) < Math.max(a.h, b.h) / 2 && Math.abs(b.x - right(line)) > Math.max(a.h, b.h);
}

/** Nothing but a page number. */
const FOLIO = /^[\s\d\u2014\u2013\-\u00b7/\u7b2c\u9875\u5171]+$/u;

/** What goes on over the page leaves the number at its foot out. */
export function withoutFolio(runs: readonly Run[]): readonly Run[] {
  const last = runs[runs.length - 1];
  return last && FOLIO.test(last.line.text) ? runs.slice(0, -1) : runs;
}

const ENDED = /[\u3002\uff01\uff1f\uff1b\uff1a.!?;:\u201d\u300d]$/u;

/** Pages one after another: a paragraph may go on over the page. */
export function joinedPages(pages: readonly string[]): string {
  return pages.reduce((all, page) => {
    if (all === '' || page === '') return all + page;
    return all + (ENDED.test(all) ? '\n' : joint(all, page)) + page;
  }, '');
}
