import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Mark } from '../src/protocol/Mark';
import type { View } from '../src/protocol/View';
import { DESK_ACTS, isDeskAct, isPrefilled, PREFILLED } from '../src/state/spoken';
import { isNothing, type Stand, wayBack } from '../src/state/wayback';

const ME = 'judge';
const half = (page: number, rotation: 'none' | 'quarter' = 'none') => ({ page: { doc: 'd', page }, rotation, viewport: null, highlights: [] });
const view = (number: number, page: number, by = ME) => ({ ...half(page), pageHash: '', beside: null, number, by, at: 0, closed: false }) as unknown as View;
const mark = (id: number, by = ME): Mark => ({
  id, page: { doc: 'd', page: 1 }, shape: { kind: 'box', rect: { x: 1, y: 2, w: 3, h: 4 } }, by, side: 'bench', at: 0, undone: null, session: null, closed: false,
});
const alone: Stand = { place: half(1), zooms: ['width'], live: false, view: null, locked: false, presenter: null, marks: [] };
const back = (before: Partial<Stand>, now: Partial<Stand>) => wayBack({ ...alone, ...before }, { ...alone, ...before, ...now }, ME);

describe('a spoken command is taken back', () => {
  it('changes nothing where nothing has changed', () => {
    expect(isNothing(back({}, {}))).toBe(true);
    expect(isNothing(back({ live: true, view: view(3, 1) }, {}))).toBe(true);
  });

  it('goes back to the page, as it was turned and as large as it was', () => {
    const there = { place: half(1), zooms: ['width'] };
    expect(back({}, { place: half(4) }).look).toEqual(there);
    expect(back({}, { place: half(1, 'quarter') }).look).toEqual(there);
    expect(back({}, { zooms: [0.3] }).look).toEqual(there);
    expect(back({}, { place: { ...half(1), beside: half(2) } }).look).toEqual(there);
  });

  it('takes off the screens what was put there, and puts back what was', () => {
    expect(back({}, { live: true, view: view(1, 1) })).toEqual({ commands: [], screens: 'off', look: { place: half(1), zooms: ['width'] } });
    const were = view(3, 2);
    expect(back({ live: true, view: were }, { live: false, view: null })).toEqual({ commands: [], screens: were, look: 'follow' });
    expect(back({ live: true, view: were }, { view: view(4, 3) })).toEqual({ commands: [], screens: were, look: null });
  });

  it('leaves alone what somebody else has shown since', () => {
    expect(back({ view: view(3, 2) }, { view: view(4, 9, 'plaintiff') }).screens).toBeNull();
    expect(back({}, { view: view(1, 9, 'plaintiff') }).screens).toBeNull();
  });

  it('turns the lock and the right to present round', () => {
    expect(back({}, { locked: true }).commands).toEqual([{ do: 'unlock' }]);
    expect(back({ locked: true }, { locked: false }).commands).toEqual([{ do: 'lock' }]);
    expect(back({ presenter: 'p' }, { presenter: null }).commands).toEqual([{ do: 'setPresenter', presenter: 'p' }]);
  });

  it('takes back the mark that was made, of one’s own alone, and makes again what was taken back', () => {
    expect(back({ marks: [mark(1)] }, { marks: [mark(1), mark(2), mark(3, 'plaintiff')] }).commands).toEqual([{ do: 'undoMark', mark: 2 }]);
    expect(back({ marks: [mark(1)] }, { marks: [] }).commands).toEqual([{ do: 'makeMark', page: mark(1).page, shape: mark(1).shape }]);
  });
});

describe('what the hub’s grammar names', () => {
  it('is an act of the desk or one that waits for the key', () => {
    const grammar = readFileSync(new URL('../../src/dossier/command/phrases.rs', import.meta.url), 'utf8');
    const named = (act: string) => [...new Set([...grammar.matchAll(new RegExp(`Act::${act}\\("(\\w+)"`, 'g'))].map((m) => m[1]))].sort();
    expect(named('Desk')).toEqual([...DESK_ACTS].sort());
    expect(named('Prefilled')).toEqual([...PREFILLED].sort());
  });

  it('is nothing else', () => {
    expect(['nextpage', 'callRecess', 'toString', ''].some((name) => isDeskAct(name) || isPrefilled(name))).toBe(false);
    expect(isPrefilled('judgment')).toBe(true);
  });
});
