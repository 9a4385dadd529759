import { describe, expect, it } from 'vitest';
import type { DoubtKind } from '../src/protocol/DoubtKind';
import type { LineView } from '../src/protocol/LineView';
import { byRisk, charsBefore, cut, doubtAt, nextSpot, offsetOf, previousSpot, replaced, saidAt, segments, stretches, undoubled, wrongIn } from '../src/state/doubts';
import { type Done, renamed, takingBack } from '../src/state/undo';
import { line } from './fixture';

function doubtful(id: number, text: string, ...doubts: [number, number, DoubtKind, number][]): LineView {
  return { ...line(id, id * 1000, text), doubts: doubts.map(([from, to, kind, confidence]) => ({ from, to, kind, confidence, heard: null, matter: null })) };
}

const LINES = [
  doubtful(1, '现在开庭'),
  doubtful(2, '借款五万元，没有归还', [2, 5, 'amount', 990], [6, 8, 'negation', 700]),
  doubtful(3, '我认可', [1, 3, 'admission', 400]),
];

describe('what is worth a second listening', () => {
  it('is walked in the order of the record, round and round', () => {
    const at = (spot: ReturnType<typeof nextSpot>) => spot && [spot.line, spot.from];
    expect(at(nextSpot(LINES, null, 0))).toEqual([2, 2]);
    expect(at(nextSpot(LINES, 2, 5))).toEqual([2, 6]);
    expect(at(nextSpot(LINES, 2, 8))).toEqual([3, 1]);
    expect(at(nextSpot(LINES, 3, 3))).toEqual([2, 2]);
    expect(at(nextSpot(LINES.slice(2), 3, 3))).toEqual([3, 1]);
    expect(at(previousSpot(LINES, 2, 2))).toEqual([3, 1]);
    expect(at(previousSpot(LINES, 3, 1))).toEqual([2, 6]);
    expect(at(previousSpot(LINES, 2, 6))).toEqual([2, 2]);
    expect(nextSpot(LINES.slice(0, 1), 1, 0)).toBeNull();
    expect(previousSpot(LINES.slice(0, 1), null, 9)).toBeNull();
  });

  it('is listed by what hangs on it', () => {
    expect(byRisk(LINES).map((r) => r.doubt.kind)).toEqual(['amount', 'negation', 'admission']);
  });

  it('is typed anew whole, but of an amount in figures only the figure', () => {
    const typed = (heard: string) => wrongIn({ from: 3, to: 3 + heard.length, heard });
    expect(typed('15万元')).toEqual({ from: 3, to: 5 });
    expect(typed('1,500.5元')).toEqual({ from: 3, to: 10 });
    expect(typed('五万元')).toMatchObject({ from: 3, to: 6 });
    expect(typed('2024年9月10日')).toMatchObject({ from: 3, to: 13 });
  });

  it('has one unit, whether it was typed with the figure or not', () => {
    const place = { from: 2, to: 6, heard: '45万元' };
    expect(undoubled('借款46万元，已还', place)).toBe('借款46万元，已还');
    expect(undoubled('借款46万元万元，已还', place)).toBe('借款46万元，已还');
    expect(undoubled('借款4600元万元，已还', place)).toBe('借款4600元，已还');
    expect(undoubled('借款46万元，另付万元', place)).toBe('借款46万元，另付万元');
    expect(undoubled('还了五万元万元', { from: 2, to: 5, heard: '五万元' })).toBe('还了五万元万元');
  });

  it('is gone once the line reads otherwise', () => {
    expect(doubtAt(LINES[1], { line: 2, from: 2, to: 5 })?.kind).toBe('amount');
    expect(doubtAt(LINES[1], { line: 2, from: 2, to: 4 })).toBeNull();
    expect(doubtAt(LINES[2], { line: 2, from: 1, to: 3 })).toBeNull();
  });

  it('counts characters, not the units of a text field', () => {
    const text = '𠮷野家五元';
    expect(cut(text, 0, 1)).toBe('𠮷');
    expect(charsBefore(text, 2)).toBe(1);
    expect(offsetOf(text, 3)).toBe(4);
    expect(replaced(text, 3, 4, '六')).toBe('𠮷野家六元');
    expect(segments(text, [{ from: 3, to: 5, kind: 'amount', confidence: 9, heard: null, matter: null }]).map((s) => s.text)).toEqual(['𠮷野家', '五元']);
  });

  it('was said about where it stands in its line', () => {
    const said = { ...doubtful(1, '一二三四五六七八九十'), from: 10_000, to: 20_000 };
    expect(saidAt(said, { from: 5, to: 6 })).toEqual({ from: 14_300, to: 16_700 });
    const first = saidAt({ ...said, from: 0 }, { from: 0, to: 1 });
    expect(first.from).toBe(0);
    const short = { ...line(1, 5000, '对'), to: 5100 };
    const heard = saidAt(short, { from: 0, to: 1 });
    expect(heard.to - heard.from).toBeGreaterThanOrEqual(1400);
  });
});

describe('a line', () => {
  const mention = (from: number, to: number) => ({ from, to, names: { kind: 'evidence' as const, item: 1, page: null } });
  const doubt = (from: number, to: number) => ({ from, to, kind: 'number' as const, confidence: 600, heard: null, matter: null });
  const shown = (l: ReturnType<typeof line>) =>
    stretches(l, l.mentions).map((s) => `${s.mention ? '→' : ''}${s.shades.map((p) => (p.doubt ? `[${p.text}]` : p.text)).join('|')}`);

  it('leads to the evidence it names, and what is in doubt there stays so', () => {
    const text = '𠮷对证据三第二页不认可';
    expect(shown({ ...line(1, 0, text), mentions: [mention(2, 8)] })).toEqual(['𠮷对', '→证据三第二页', '不认可']);
    expect(shown({ ...line(1, 0, text), mentions: [mention(2, 8)], doubts: [doubt(4, 5), doubt(8, 9)] })).toEqual(['𠮷对', '→证据|[三]|第二页', '[不]|认可']);
    expect(shown({ ...line(1, 0, text), mentions: [mention(2, 5), mention(5, 8)] })).toEqual(['𠮷对', '→证据三', '→第二页', '不认可']);
  });

  it('is no link where a doubt lies across its end', () => {
    expect(shown({ ...line(1, 0, '对证据三有'), mentions: [mention(1, 4)], doubts: [doubt(3, 5)] })).toEqual(['对证据|[三有]']);
  });

  it('is cut where the machine was surer, too', () => {
    const pieces = [{ text: '对证', confidence: 500 }, { text: '据三有', confidence: 900 }];
    expect(shown({ ...line(1, 0, '对证据三有'), mentions: [mention(1, 4)], pieces })).toEqual(['对', '→证|据三', '有']);
  });
});

describe('taking back', () => {
  const now = [{ ...line(1, 0, '甲', 3), seat: 'clerk' }, line(2, 10, '乙', 1)];

  it('leads to how it was, on top of what stands', () => {
    expect(takingBack({ kind: 'text', line: 1, before: '申', after: '甲' }, now)).toEqual({ do: 'correctLine', line: 1, base: 3, text: '申' });
    expect(takingBack({ kind: 'speaker', line: 1, before: 'judge', after: 'clerk', open: true }, now)).toEqual({ do: 'reattributeLine', line: 1, base: 3, seat: 'judge', open: true });
    expect(takingBack({ kind: 'accept', line: 2, from: 0, to: 1, after: '乙' }, now)).toEqual({ do: 'acceptText', line: 2, base: 1, from: 0, to: 1, back: true });
    expect(takingBack({ kind: 'split', line: 1, into: 2, head: '甲', tail: '乙' }, now)).toEqual({ do: 'joinLines', line: 1, base: 3, with: 2, withBase: 1 });
    expect(takingBack({ kind: 'join', line: 1, with: 2, at: 1, after: '甲' }, now)).toEqual({ do: 'splitLine', line: 1, base: 3, at: 1 });
    expect(takingBack({ kind: 'insert', line: 2, after: '乙' }, now)).toEqual({ do: 'correctLine', line: 2, base: 1, text: '' });
  });

  it('goes on with the new line where joined lines are cut again', () => {
    const split: Done = { kind: 'split', line: 1, into: 2, head: '甲', tail: '乙' };
    expect(renamed([split, { kind: 'text', line: 2, before: '', after: '乙' }], 2, 7)).toEqual([{ ...split, into: 7 }, { kind: 'text', line: 7, before: '', after: '乙' }]);
  });

  it('leaves alone what somebody changed meanwhile', () => {
    expect(takingBack({ kind: 'text', line: 1, before: '申', after: '由' }, now)).toBeNull();
    expect(takingBack({ kind: 'speaker', line: 2, before: 'clerk', after: 'plaintiff', open: false }, now)).toBeNull();
    expect(takingBack({ kind: 'split', line: 1, into: 2, head: '甲', tail: '丙' }, now)).toBeNull();
    expect(takingBack({ kind: 'split', line: 1, into: 9, head: '甲', tail: '乙' }, now)).toBeNull();
    expect(takingBack({ kind: 'join', line: 9, with: 2, at: 1, after: '甲' }, now)).toBeNull();
  });
});
