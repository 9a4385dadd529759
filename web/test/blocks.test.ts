import { describe, expect, it } from 'vitest';
import type { LineView } from '../src/protocol/LineView';
import { Blocks } from '../src/state/blocks';
import { line } from './fixture';

const many = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => line(from + n, (from + n) * 10, `${from + n}`));
const ids = (blocks: readonly { lines: readonly LineView[] }[]) => blocks.flatMap((b) => b.lines.map((l) => l.id));

describe('the record in blocks', () => {
  it('holds every line once and in order, and what is added begins new blocks', () => {
    const blocks = new Blocks();
    const lines = many(1, 30);
    const first = blocks.lay(lines);
    expect(first.map((b) => b.lines.length)).toEqual([12, 12, 6]);
    const more = blocks.lay([...lines, ...many(31, 40)]);
    expect(ids(more)).toEqual(many(1, 40).map((l) => l.id));
    expect(more.map((b) => b.lines.length)).toEqual([12, 12, 12, 4]);
    // What did not change is the same, so that nothing of it is drawn anew.
    expect(more[0]).toBe(first[0]);
    expect(more[1]).toBe(first[1]);
  });

  it('leaves a line in its block whatever settles before it or goes', () => {
    const blocks = new Blocks();
    const lines = many(1, 40);
    blocks.lay(lines);
    const home = blocks.of(20);
    let now = [...lines];
    // Late lines within the block, more than it would hold; then its first lines are emptied.
    for (let n = 0; n < 30; n += 1) {
      now = [...now.slice(0, 15), line(100 + n, 155, '迟'), ...now.slice(15)];
      blocks.lay(now);
      expect(blocks.of(20)).toBe(home);
    }
    now = now.filter((l) => l.id < 13 || l.id > 16);
    const laid = blocks.lay(now);
    expect(blocks.of(20)).toBe(home);
    expect(ids(laid)).toEqual(now.map((l) => l.id));
    expect(new Set(laid.map((b) => b.key)).size).toBe(laid.length);
  });

  it('takes back a line that had gone', () => {
    const blocks = new Blocks();
    const lines = many(1, 24);
    blocks.lay(lines);
    blocks.lay(lines.filter((l) => l.id !== 12));
    // Meanwhile something stands between the first block and the second.
    const between = [line(50, 115, '间'), line(51, 116, '间')];
    const now = [...lines.slice(0, 11), ...between, ...lines.slice(11)];
    blocks.lay(now.filter((l) => l.id !== 12));
    const laid = blocks.lay(now);
    expect(ids(laid)).toEqual(now.map((l) => l.id));
    expect(new Set(laid.map((b) => b.key)).size).toBe(laid.length);
  });

  it('holds any sequence of lines that come, go and come back', () => {
    let seed = 7;
    const chance = () => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31);
    const blocks = new Blocks();
    const all = many(1, 300).filter(() => chance() < 0.9);
    for (let round = 0; round < 200; round += 1) {
      const now = all.filter((l) => l.id <= 20 + round && chance() < 0.95);
      const laid = blocks.lay(now);
      expect(ids(laid)).toEqual(now.map((l) => l.id));
      expect(new Set(laid.map((b) => b.key)).size).toBe(laid.length);
    }
  });
});
