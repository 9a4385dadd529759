// Attaches a desk's acts to the keyboard and tells the help which they are.

import type { Word } from '../i18n';
import { prefs } from '../state/prefs.svelte';
import { type Act, binding, isField, meant, named } from './keymap';

export type Acts = { [act in Act]?: { word: Word; down: (e: KeyboardEvent) => void; up?: () => void } };

export class DeskKeys {
  acts = $state.raw<Acts>({});
  helpOpen = $state(false);
  #held: { key: string; up: () => void } | null = null;

  get offered(): Act[] {
    return Object.keys(this.acts) as Act[];
  }

  /** Listens until the function given back is called. */
  listen(): () => void {
    const down = (e: KeyboardEvent) => this.#down(e);
    const up = (e: KeyboardEvent) => {
      if (this.#held?.key === e.key) this.release();
    };
    const away = () => this.release();
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    addEventListener('blur', away);
    return () => {
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
      removeEventListener('blur', away);
      this.release();
    };
  }

  /** A held key counts as let go: when it is, or when the window loses the keyboard. */
  release(): void {
    const held = this.#held;
    this.#held = null;
    held?.up();
  }

  #down(e: KeyboardEvent): void {
    const act = meant(e, this.offered, prefs.keys, isField(e.target));
    if (!act) return;
    // A dialogue has the keyboard to itself; talking and help go on.
    if (document.querySelector('dialog[open]') && act !== 'talk' && act !== 'keys') return;
    e.preventDefault();
    if (e.repeat && act !== 'nextPage' && act !== 'previousPage') return;
    const handler = this.acts[act];
    if (handler?.up) this.#held = { key: e.key, up: handler.up };
    handler?.down(e);
  }

  /** Whether `name` is taken by another act of this desk. */
  taken(name: string, by: Act): boolean {
    return this.offered.some((a) => a !== by && binding(a, prefs.keys) === name);
  }

  change(act: Act, e: KeyboardEvent): void {
    const name = named(e);
    if (this.taken(name, act)) return;
    prefs.set({ keys: { ...prefs.keys, [act]: name } });
  }
}
