import { describe, expect, it } from 'vitest';
import type { Course } from '../src/protocol/Course';
import type { Reel } from '../src/protocol/Reel';
import type { ReelStep } from '../src/protocol/ReelStep';
import type { Screens } from '../src/protocol/Screens';
import { bandsOf, confirmationsOf, extentOf, Frames, momentsOf, neighbour, stepsUntil } from '../src/state/reel';
import { applyUpdate } from '../src/state/snapshot';
import { line, snapshot } from './fixture';

const start = snapshot();

function course(at: number, change: Partial<Course>): ReelStep {
  return { at, updates: [{ part: 'course', is: { ...start.course, ...change } }] };
}

function screens(at: number, page: number | null): ReelStep {
  const view = page === null ? null : { number: page, page: { doc: 'iou', page }, pageHash: '', rotation: 'none' as const, viewport: null, highlights: [], beside: null, by: 'judge', at, closed: false };
  return { at, updates: [{ part: 'screens', is: { ...start.screens, view } as Screens }] };
}

function reel(...steps: ReelStep[]): Reel {
  return { class: 'bench', start, steps };
}

describe('frames', () => {
  const long = reel(...Array.from({ length: 700 }, (_, n) => ({ at: n * 10, updates: [{ part: 'line' as const, is: line(n % 50, n, `as at ${n}`) }] })));

  it('shows at every moment what a screen that took every update until then shows, wherever one comes from', () => {
    const frames = new Frames(long);
    for (const at of [0, 3333, 6990, 1270, 1280, 1281, 5, 6989, 2000, 0, 99_999]) {
      const expected = long.steps.filter((s) => s.at <= at).flatMap((s) => s.updates).reduce(applyUpdate, start);
      expect(frames.at(at), `at ${at}`).toEqual(expected);
    }
  });

  it('counts a step at its own moment', () => {
    expect([-1, 0, 9, 10, 6990].map((at) => stepsUntil(long.steps, at))).toEqual([0, 1, 1, 2, 700]);
  });
});

describe('moments', () => {
  const happened = momentsOf(
    reel(
      course(100, { stage: 'inSession', opened: 100 }),
      course(200, { stage: 'inSession', opened: 100, phase: 'opening' }),
      screens(300, 1),
      { at: 310, updates: [{ part: 'screens', is: { ...start.screens, view: null, locked: true } }] },
      screens(400, 2),
      course(500, { stage: 'recess', opened: 100, phase: 'opening' }),
      course(600, { stage: 'inSession', opened: 100, phase: 'opening', curtain: 600 }),
      course(700, { stage: 'inSession', opened: 100, phase: 'debate' }),
      course(800, { stage: 'closed', opened: 100, phase: 'debate', closed: 800 }),
    ),
  );

  it('are what changed, and not what was said again', () => {
    expect(happened.map((m) => [m.at, m.happened.what])).toEqual([
      [100, 'stage'], [200, 'phase'], [300, 'shown'], [310, 'hidden'], [400, 'shown'], [500, 'stage'], [600, 'stage'], [600, 'curtainDown'], [700, 'phase'], [700, 'curtainUp'], [800, 'stage'],
    ]);
    expect(happened.find((m) => m.at === 600)?.happened).toEqual({ what: 'stage', stage: 'inSession', again: true });
  });

  it('make bands that end where the next begins', () => {
    const bands = bandsOf(happened, 1000);
    expect(bands.phases).toEqual([{ from: 200, to: 700, is: 'opening' }, { from: 700, to: 800, is: 'debate' }]);
    expect(bands.recesses).toEqual([{ from: 500, to: 600, is: null }]);
    expect(bands.curtains).toEqual([{ from: 600, to: 700, is: null }]);
  });

  it('are walked forwards and back, and end at both ends', () => {
    expect(neighbour(happened, 310, 1)).toBe(400);
    expect(neighbour(happened, 900, 1)).toBeNull();
    expect(neighbour([{ at: 1000, happened: { what: 'hidden' } }], 5000, -1)).toBe(1000);
    expect(neighbour([{ at: 1000, happened: { what: 'hidden' } }], 1200, -1)).toBeNull();
  });
});

describe('confirmations', () => {
  it('are those of the view, however late they came, and never those of another', () => {
    const confirmed = (step: ReelStep, seats: Record<string, number>): ReelStep => ({ ...step, updates: step.updates.map((u) => (u.part === 'screens' ? { ...u, is: { ...u.is, confirmed: seats } } : u)) });
    const all = confirmationsOf(reel(screens(10, 1), confirmed(screens(20, 1), { clerk: 20 }), confirmed(screens(30, 1), { clerk: 20, defendant: 30 }), screens(40, 2)));
    expect([...all]).toEqual([[1, { clerk: 20, defendant: 30 }], [2, {}]]);
  });
});

describe('the extent', () => {
  it('begins a minute before 宣布开庭 and leaves days of signing out', () => {
    const days = 3 * 86_400_000;
    const whole = reel(course(90_000, { opened: 90_000 }), course(500_000, { opened: 90_000, closed: 500_000 }), { at: days, updates: [{ part: 'recordDigest', is: 'ab' }] });
    expect(extentOf(whole)).toEqual({ from: 30_000, to: 500_000 + 2 * 3_600_000 });
  });

  it('of a hearing that never began is all there is', () => {
    expect(extentOf(reel(screens(40, 1)))).toEqual({ from: 0, to: 40 });
  });
});
