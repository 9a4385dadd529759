import { describe, expect, it } from 'vitest';
import type { Rotation } from '../src/protocol/Rotation';
import { rectToPage, rectToSheet, type Size, toPage, toSheet, turned, turnedFurther, turnedSize } from '../src/state/geometry';
import { between, nearest } from '../src/state/textrange';
import { cut } from '../src/state/snippet';
import { mediaTime, utcAt } from '../src/state/playback';
import { hanzi } from '../src/state/numerals';
import { clockTime, duration } from '../src/state/time';
import { change } from '../src/state/change';
import { afterDenial, commandOf, corrected, type Editing } from '../src/state/editing';
import { line } from './fixture';

const A4: Size = [59_500, 84_200];
const ROTATIONS: Rotation[] = ['none', 'quarter', 'half', 'threeQuarter'];

describe('places on a turned page', () => {
  it('come back to where they were', () => {
    const p = { x: 7_200, y: 30_000 };
    const r = { x: 7_200, y: 30_000, w: 5_000, h: 1_200 };
    for (const rotation of ROTATIONS) {
      expect(toPage(toSheet(p, A4, rotation), A4, rotation)).toEqual(p);
      expect(rectToPage(rectToSheet(r, A4, rotation), A4, rotation)).toEqual(r);
    }
  });

  it('are turned to be read, and then by hand', () => {
    expect(turnedFurther('none', 270)).toBe('threeQuarter');
    expect(turnedFurther('half', 270)).toBe('quarter');
    expect(turnedFurther('quarter', 0)).toBe('quarter');
  });

  it('a quarter turn brings the top left corner to the top right', () => {
    expect(toSheet({ x: 0, y: 0 }, A4, 'quarter')).toEqual({ x: 84_200, y: 0 });
    expect(turnedSize(A4, 'quarter')).toEqual([84_200, 59_500]);
  });

  it('four turns are none', () => {
    expect(ROTATIONS.reduce((r) => turned(r), 'none' as Rotation)).toBe('none');
  });
});

describe('text between two points', () => {
  const box = (x: number, y: number) => ({ x, y, w: 100, h: 100 });
  const text = (chars: string, y: number) => ({ text: chars, boxes: [...chars].map((_, i) => box(i * 100, y)) });
  const lines = [text('乙方逾期还款', 0), text('万分之五', 200), text('直至清偿', 400)];

  it('is one rectangle a line, with its words', () => {
    const one = nearest(lines, { x: 250, y: 50 });
    const other = nearest(lines, { x: 150, y: 450 });
    expect(one && other && between(lines, one, other)).toEqual({
      rects: [{ x: 200, y: 0, w: 400, h: 100 }, { x: 0, y: 200, w: 400, h: 100 }, { x: 0, y: 400, w: 200, h: 100 }],
      quote: '逾期还款万分之五直至',
    });
  });

  it('is the same drawn backwards', () => {
    const a = { line: 0, char: 2 };
    const b = { line: 1, char: 1 };
    expect(between(lines, b, a)).toEqual(between(lines, a, b));
  });

  it('finds no character on a page without text', () => {
    // Right of a short line, at its height or a little below it, the longer neighbours are none nearer.
    const row = (y: number, n: number) => ({ text: 'x'.repeat(n), boxes: Array.from({ length: n }, (_, k) => ({ x: k * 100, y, w: 100, h: 100 })) });
    const rows = [row(0, 40), row(160, 3), row(320, 40)];
    for (const y of [170, 210, 275]) expect(nearest(rows, { x: 3000, y })).toEqual({ line: 1, char: 2 });
    expect(nearest(rows, { x: 3000, y: 330 })?.line).toBe(2);
    expect(nearest([], { x: 0, y: 0 })).toBeNull();
  });
});

describe('snippets', () => {
  it('are cut by characters, also beyond the basic plane', () => {
    expect(cut('𠮷支付违约金', [[3, 6]])).toEqual([{ text: '𠮷支付', matched: false }, { text: '违约金', matched: true }]);
  });
  it('survive a match that reaches beyond them', () => {
    expect(cut('违约', [[0, 9], [20, 22]])).toEqual([{ text: '违约', matched: true }]);
  });
});

describe('playback', () => {
  // Two seconds, a recess of ten, two more.
  const fragments = [
    { start: 0, duration: 2, programDateTime: 100_000 },
    { start: 2, duration: 2, programDateTime: 112_000 },
  ];
  it('finds a moment by its date, not by counting', () => {
    expect(mediaTime(fragments, 101_500)).toBe(1.5);
    expect(mediaTime(fragments, 113_000)).toBe(3);
    expect(utcAt(fragments, 3)).toBe(113_000);
  });
  it('in a hole goes on where the recording does', () => {
    expect(mediaTime(fragments, 105_000)).toBe(2);
  });
  it('passes over what the playlist marks as a hole', () => {
    const holed = [{ start: 0, duration: 2, programDateTime: 100_000 }, { start: 2, duration: 10, programDateTime: 102_000, gap: true }, { start: 12, duration: 2, programDateTime: 112_000 }];
    expect(mediaTime(holed, 105_000)).toBe(12);
  });
  it('says when nothing is written yet', () => {
    expect(mediaTime(fragments, 115_000)).toBeNull();
  });
});

describe('the court’s figures', () => {
  it('numbers', () => {
    expect([1, 3, 10, 12, 20, 35, 99].map(hanzi)).toEqual(['一', '三', '十', '十二', '二十', '三十五', '九十九']);
  });
  it('Beijing time, whatever the machine says', () => {
    expect(clockTime(Date.UTC(2026, 10, 23, 16, 2, 11))).toBe('00:02:11');
    expect(duration(2_537_000)).toBe('00:42:17');
  });
});

describe('a correction', () => {
  it('shows the words that differ', () => {
    expect(change('共偿还了八万元', '共偿还了捌万元')).toEqual({ head: '共偿还了', before: '八', after: '捌', tail: '万元' });
    expect(change('不认可', '认可')).toEqual({ head: '', before: '不', after: '', tail: '认可' });
    expect(change('五五', '五')).toEqual({ head: '五', before: '五', after: '', tail: '' });
  });

  const edit: Editing = { kind: 'line', line: 3, base: 0, text: '五万元', conflict: null };

  it('names the revision it was made from', () => {
    expect(commandOf(edit, '伍万元')).toEqual({ do: 'correctLine', line: 3, base: 0, text: '伍万元' });
  });

  it('refused as stale keeps what was typed, shows both, and is based on the newer one [R-CMD-10]', () => {
    const next = afterDenial(edit, '伍万元', { why: 'stale', line: 3, revision: 2, text: '5万元' }, []);
    expect(next).toEqual({ kind: 'line', line: 3, base: 2, text: '伍万元', conflict: '5万元' });
  });

  it('of speech that settled meanwhile becomes a correction of its line', () => {
    const over: Editing = { kind: 'takeOver', seat: 'judge', utterance: 9, from: 10, text: '', conflict: null };
    const next = afterDenial(over, '现在开庭', { why: 'alreadySettled', line: 7 }, [line(7, 10, '现在开停')]);
    expect(next).toEqual({ kind: 'line', line: 7, base: 0, text: '现在开庭', conflict: '现在开停' });
  });

  it('refused for another reason is no conflict', () => {
    expect(afterDenial(edit, 'x', { why: 'unknownLine', line: 3 }, [])).toBeNull();
  });

  it('calls a line corrected only when it reads otherwise than it first stood', () => {
    const inserted = line(1, 100, '全体起立', 1);
    expect(corrected(line(1, 100))).toBe(false);
    expect(corrected(inserted)).toBe(false);
    expect(corrected({ ...inserted, revision: 2 })).toBe(true);
    expect(corrected({ ...inserted, heard: '全体起来' })).toBe(true);
  });
});
