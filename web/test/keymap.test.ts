import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Act, DEFAULTS, type KeyPress, meant } from '../src/keys/keymap';

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({ key, keyCode: 0, isComposing: false, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...change });
const ALL = Object.keys(DEFAULTS) as Act[];
const JUDGE: Act[] = ['search', 'show', 'lock', 'talk', 'nextPage', 'grant', 'refuse', 'recess'];

describe('keys', () => {
  it('act by their function key, in a field too', () => {
    expect(meant(press('F9'), JUDGE, {}, false)).toBe('show');
    expect(meant(press('F9'), JUDGE, {}, true)).toBe('show');
    expect(meant(press('F9', { shiftKey: true }), JUDGE, {}, true)).toBe('recess');
  });

  it('that a field could want are left to the field', () => {
    expect(meant(press('PageDown'), JUDGE, {}, false)).toBe('nextPage');
    expect(meant(press('PageDown'), JUDGE, {}, true)).toBeNull();
  });

  it('never fire while the input method is composing', () => {
    for (const act of ALL) {
      const key = DEFAULTS[act].split('+').at(-1) ?? '';
      expect(meant(press(key, { isComposing: true }), ALL, {}, false)).toBeNull();
      expect(meant(press(key, { keyCode: 229 }), ALL, {}, false)).toBeNull();
    }
  });

  it('can be changed, and the old key is free then', () => {
    expect(meant(press('F12'), JUDGE, { show: 'F12' }, false)).toBe('show');
    expect(meant(press('F9'), JUDGE, { show: 'F12' }, false)).toBeNull();
  });

  it('are never one of the browser’s own', () => {
    const reserved = /^Ctrl\+[DJTWNR]$|^Alt\+\d$|^F(5|11|12)$|^(Enter|Escape|\d)$/;
    for (const act of ALL) expect(DEFAULTS[act]).not.toMatch(reserved);
  });

  it('mean one act each at a desk', () => {
    for (const desk of ['Judge', 'Clerk', 'Party']) {
      const source = readFileSync(new URL(`../src/screens/${desk}.svelte`, import.meta.url), 'utf8');
      const acts = ALL.filter((act) => new RegExp(`^ {4}${act}: \\{ word: `, 'm').test(source));
      expect(acts.length, desk).toBeGreaterThan(2);
      const keys = acts.map((act) => DEFAULTS[act]);
      expect(keys.filter((key, at) => keys.indexOf(key) !== at), desk).toEqual([]);
    }
  });
});
