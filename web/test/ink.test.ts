import { describe, expect, it } from 'vitest';
import { begun, drawn, isInk, onPad, PAD, pathOf, type Stroke } from '../src/state/ink';

describe('ink', () => {
  it('is in units of the pad, and never off it', () => {
    const box = { left: 100, top: 50, width: 400, height: 160 };
    expect(onPad(300, 130, box)).toEqual([PAD.wide / 2, PAD.high / 2]);
    expect(onPad(0, 900, box)).toEqual([0, PAD.high]);
    expect(onPad(1, 1, { left: 0, top: 0, width: 0, height: 0 })).toEqual([0, 0]);
  });

  it('takes what the pen moved, not how long it rested', () => {
    let strokes = begun([], [100, 100]);
    strokes = drawn(drawn(strokes, [101, 101]), [200, 100]);
    expect(strokes).toEqual([[[100, 100], [200, 100]]]);
    expect(pathOf([...strokes, [[7, 8]]])).toBe('M100 100L200 100M7 8h1');
  });

  it('has an end', () => {
    let strokes: Stroke[] = [];
    for (let n = 0; n < 100; n++) strokes = begun(strokes, [n, 0]);
    expect(strokes).toHaveLength(64);
    for (let n = 0; n < 3000; n++) strokes = drawn(strokes, [(n % 2) * 100, n % 1600]);
    expect(strokes.flat().length).toBeLessThanOrEqual(2000);
  });

  it('is more than a dot', () => {
    expect(isInk([])).toBe(false);
    expect(isInk([[[5, 5], [60, 60]]])).toBe(false);
    expect(isInk([[[5, 5], [305, 60]]])).toBe(true);
  });
});
