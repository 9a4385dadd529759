// A signature on the pad: strokes in the pad's own units, whatever its size on a screen. Pure.

export type Stroke = [number, number][];

/** As `PAD` of the court. */
export const PAD = { wide: 4000, high: 1600 } as const;
/** Points nearer than this to the last one add nothing. */
const STEP = 24;
/** What the court takes at most, and what is more than a slip of the pen. */
const STROKES_MAX = 64;
const POINTS_MAX = 2000;
const SPAN_MIN = 200;

/** A point of the pad from one of its box on the screen. */
export function onPad(x: number, y: number, box: { left: number; top: number; width: number; height: number }): [number, number] {
  const within = (part: number, whole: number, units: number): number => Math.round(Math.min(1, Math.max(0, whole > 0 ? part / whole : 0)) * units);
  return [within(x - box.left, box.width, PAD.wide), within(y - box.top, box.height, PAD.high)];
}

function points(strokes: readonly Stroke[]): number {
  return strokes.reduce((n, s) => n + s.length, 0);
}

export function begun(strokes: readonly Stroke[], at: [number, number]): Stroke[] {
  return strokes.length < STROKES_MAX && points(strokes) < POINTS_MAX ? [...strokes, [at]] : [...strokes];
}

export function drawn(strokes: readonly Stroke[], at: [number, number]): Stroke[] {
  const stroke = strokes.at(-1);
  const last = stroke?.at(-1);
  if (!stroke || !last || points(strokes) >= POINTS_MAX || Math.hypot(at[0] - last[0], at[1] - last[1]) < STEP) return [...strokes];
  return [...strokes.slice(0, -1), [...stroke, at]];
}

/** Whether the court takes it for a signature. */
export function isInk(strokes: readonly Stroke[]): boolean {
  const all = strokes.flat();
  if (all.length === 0) return false;
  const span = (axis: 0 | 1): number => Math.max(...all.map((p) => p[axis])) - Math.min(...all.map((p) => p[axis]));
  return Math.max(span(0), span(1)) >= SPAN_MIN;
}

/** The strokes as a path of an SVG of the pad's size; a dot is drawn as one. */
export function pathOf(strokes: readonly Stroke[]): string {
  return strokes.map((s) => `M${s.map(([x, y]) => `${x} ${y}`).join('L')}${s.length === 1 ? 'h1' : ''}`).join('');
}
