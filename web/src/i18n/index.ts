// One catalogue of words in two languages. `en` is typed by `zh`, so a missing or surplus key does not compile.

import { prefs } from '../state/prefs.svelte';
import { en } from './en';
import { zh } from './zh';

export type Language = 'zh' | 'en';
export type Word = keyof typeof zh;

const CATALOGUES: Record<Language, Record<Word, string>> = { zh, en };

/** Fills `{name}` places of a text. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A word of the interface in the language in use; reactive where it is read in a component. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  return filled(CATALOGUES[prefs.language][word], values);
}
