import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../src/style/base.css', import.meta.url), 'utf8');

function tokens(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})\b/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

const light = tokens(css.slice(0, css.indexOf('@media')));
const auto = tokens(css.slice(css.indexOf('@media (prefers-color-scheme'), css.indexOf('/* The same')));
const dark = tokens(css.slice(css.indexOf('/* The same'), css.indexOf("/* A side's")));

function luminance(hex: string): number {
  const part = (at: number) => {
    const v = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return v <= 0.040_45 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function contrast(a: string | undefined, b: string | undefined): number {
  const [x, y] = [luminance(a ?? ''), luminance(b ?? '')];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const PAIRS: [string, string, number][] = [
  ...['--surface', '--surface-2', '--field', '--accent-wash'].flatMap((ground): [string, string, number][] => [
    ['--ink', ground, 7],
    ['--ink-2', ground, 4.5],
    ['--ink-3', ground, 4.5],
    ['--accent', ground, 4.5],
  ]),
  ['--alarm', '--surface', 4.5],
  ['--good', '--surface', 4.5],
  ['--on-accent', '--accent', 4.5],
  ['--on-alarm', '--alarm', 4.5],
  ['--edge', '--surface', 3],
  ['--edge', '--field', 3],
  ...['bench', 'clerk', 'plaintiff', 'defendant', 'third', 'witness'].map((s): [string, string, number] => [`--${s}`, `--${s}-wash`, 4.5]),
];

describe.each([['light', light], ['dark', dark]])('in the %s light', (_, theme) => {
  it.each(PAIRS)('%s on %s reads at %d to 1', (ink, ground, least) => {
    expect(contrast(theme[ink], theme[ground])).toBeGreaterThanOrEqual(least);
  });
});

it('dark by choice is dark by the system', () => {
  expect(auto).toEqual(dark);
  expect(Object.keys(dark).sort().filter((k) => !(k in light))).toEqual([]);
});
