// The shipped outlines, read from their own files, so that the screens are looked at with what a court gets. Reads the part
// of TOML these files use: tables, text and lists of text.

import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../src/court/outlines/', import.meta.url);
export const NAMES = ['civil-ordinary', 'civil-simplified', 'civil-small-claims', 'pre-hearing', 'administrative', 'inquiry', 'reception', 'judgment', 'mediation'];

const full = (texts) => (texts ?? []).map((t) => ({ speaker: 'clerk', ...t }));

export function outline(name) {
  const root = {};
  let at = root;
  const lines = readFileSync(new URL(`${name}.toml`, FOLDER), 'utf8').split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i].trim();
    if (line === '' || line.startsWith('#')) continue;
    const table = /^\[+([\w.]+)\]+$/.exec(line);
    if (table) {
      const path = table[1].split('.');
      const last = path.pop();
      const parent = path.reduce((o, k) => o[k].at(-1), root);
      at = {};
      if (line.startsWith('[[')) (parent[last] ??= []).push(at);
      else parent[last] = at;
      continue;
    }
    const [, key, first] = /^"?([^"=]+?)"?\s*=\s*(.*)$/.exec(line);
    let value = first;
    while (value.startsWith('[') && !value.endsWith(']')) value += lines[(i += 1)].trim();
    at[key] = JSON.parse(value.replace(/,\]$/, ']'));
  }
  const { text, phase, terms = {}, ...head } = root;
  const phases = phase.map(({ text: texts, ...p }) => ({ utterances: [], checks: [], merges: [], ...p, texts: full(texts) }));
  return { ...head, terms, texts: full(text), phases };
}
