import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { zh } from '../src/i18n/zh';

const SRC = new URL('../src/', import.meta.url).pathname;

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const path = join(dir, e.name);
    if (e.isDirectory()) return e.name === 'protocol' ? [] : sources(path);
    return /\.(svelte|ts)$/.test(e.name) ? [path] : [];
  });
}

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('the catalogue of words', () => {
  it('has the same words in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it('leaves nothing empty', () => {
    for (const [key, text] of [...Object.entries(zh), ...Object.entries(en)]) expect(text.trim(), key).not.toBe('');
  });

  it('fills the same places in both languages', () => {
    for (const [key, text] of Object.entries(zh)) expect(places(en[key as keyof typeof zh]), key).toEqual(places(text));
  });

  it('is used whole: no word lies there that no screen says', () => {
    const code = sources(SRC).filter((p) => !p.endsWith('/zh.ts') && !p.endsWith('/en.ts')).map((p) => readFileSync(p, 'utf8')).join('\n');
    const stems = new Set([...code.matchAll(/t\(`([\w.]+)\.\$\{/g)].map((m) => m[1]));
    const said = (key: string) => code.includes(`'${key}'`) || stems.has(key.split('.').slice(0, -1).join('.')) || code.includes(`t(\`${key.replace(/\.\w+Long$/, '.')}`);
    expect(Object.keys(zh).filter((key) => !said(key))).toEqual([]);
  });

  it('keeps Chinese out of the screens: every word goes through the catalogue', () => {
    const own = ['i18n/', 'state/outline.ts', 'state/numerals.ts', 'panes/DeskMenu.svelte', 'screens/Lobby.svelte'];
    for (const path of sources(SRC).filter((p) => !own.some((o) => p.includes(o)))) {
      const code = readFileSync(path, 'utf8').replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/<!--[\s\S]*?-->/g, '');
      const strings = code.match(/['"`>][^'"`<>\n]*[\u4e00-\u9fff][^'"`<>\n]*/g) ?? [];
      expect(strings, path).toEqual([]);
    }
  });

  it('never says 采信, nor 回执 for a screen', () => {
    for (const text of Object.values(zh)) expect(text).not.toMatch(/采信|回执/);
  });
});
