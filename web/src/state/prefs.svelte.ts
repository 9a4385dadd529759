// What a desk remembers of its user: language, light, letter size, keys. Kept in this browser only.

import type { Language } from '../i18n';

export type Light = 'auto' | 'light' | 'dark';

interface Kept {
  language: Language;
  light: Light;
  large: boolean;
  keys: Record<string, string>;
  /** Pages one under another. */
  continuous: boolean;
  /** Thumbnails beside the page. */
  thumbs: boolean;
}

const FIRST: Kept = { language: 'zh', light: 'auto', large: false, keys: {}, continuous: false, thumbs: false };

const NAME = 'huiting.desk';

function read(): Kept {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Kept) };
  } catch {
    return FIRST;
  }
}

class Prefs {
  #kept = $state.raw<Kept>(typeof localStorage === 'undefined' ? FIRST : read());

  get language(): Language {
    return this.#kept.language;
  }
  get light(): Light {
    return this.#kept.light;
  }
  get large(): boolean {
    return this.#kept.large;
  }
  get keys(): Record<string, string> {
    return this.#kept.keys;
  }

  get continuous(): boolean {
    return this.#kept.continuous;
  }
  get thumbs(): boolean {
    return this.#kept.thumbs;
  }

  set(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      localStorage.setItem(NAME, JSON.stringify(this.#kept));
    } catch {
      // A browser that keeps nothing still works for this session.
    }
  }
}

export const prefs = new Prefs();
