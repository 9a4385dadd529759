// Where this desk looks: with the screens, or on its own; at one page, or at two beside each other (比对).
//
//            open / turn (not presenting)          return / show done
//   live ──────────────────────────────► free ─────────────────────────► live
//    │  ▲
//    └──┘ turn, zoom, scroll by whoever may present: the screens go along
//
// While a view given by this desk waits for the hub, `draft` is what its own pane shows.

import type { PageRef } from '../protocol/PageRef';
import type { Rect } from '../protocol/Rect';
import type { Rotation } from '../protocol/Rotation';
import type { View } from '../protocol/View';
import { samePage } from './dossier.svelte';

/** One page as it is looked at. */
export interface Half {
  page: PageRef;
  rotation: Rotation;
  /** Part of the page to fill the pane with; null: the pane's own fit. */
  viewport: Rect | null;
  highlights: Rect[];
}

/** What a pane shows: a page, and in a comparison a second one beside it. */
export interface Place extends Half {
  beside?: Half | null;
}

export type Which = 0 | 1;

/** What the pane in which a half is looked at can tell of itself. */
export interface Lens {
  /** The half as it is seen now. */
  now(): Half;
  /** The part that would be visible right after turning to a page. */
  top(page: PageRef): Rect | null;
}

function only({ page, rotation, viewport, highlights }: Half): Half {
  return { page, rotation, viewport, highlights };
}

/** The place with one of its halves replaced. */
export function withHalf(place: Place | null, which: Which, half: Half): Place {
  if (!place?.beside) return half;
  return which === 0 ? { ...half, beside: place.beside } : { ...only(place), beside: half };
}

export function halvesOf(place: Place | null): Half[] {
  if (!place) return [];
  return place.beside ? [place, place.beside] : [place];
}

/** The pages on the screens. */
export function pagesShown(view: View | null | undefined): PageRef[] {
  return halvesOf(view ?? null).map((h) => h.page);
}

export class Looking {
  lenses: [Lens | null, Lens | null] = [null, null];
  /** What the page does with a key that was pressed beside it. */
  keys: ((e: KeyboardEvent) => void) | null = null;
  mode = $state<'live' | 'free'>('live');
  own = $state.raw<Place | null>(null);
  draft = $state.raw<Place | null>(null);
  /** Whether the hand at this desk moved the shared page last: then its own pane is not moved under it. */
  hand = $state(false);
  #active = $state<Which>(0);
  /** Counts, for each half, the moves that ask its pane to lay it out anew. */
  #moves = $state.raw<[number, number]>([0, 0]);
  #before = $state.raw<readonly { place: Place; live: boolean }[]>([]);
  #view: () => View | null;

  constructor(view: () => View | null) {
    this.#view = view;
  }

  /** Whether the pane shows what is on the screens. */
  get live(): boolean {
    return this.mode === 'live' && (this.#view() !== null || this.draft !== null);
  }

  get place(): Place | null {
    if (this.mode === 'live') {
      if (this.draft) return this.draft;
      const view = this.#view();
      if (view) return view;
    }
    return this.own;
  }

  get comparing(): boolean {
    return !!this.place?.beside;
  }

  /** The half that what is opened or turned goes to. */
  get active(): Which {
    return this.comparing ? this.#active : 0;
  }

  /** The half that is worked in. */
  get here(): Half | null {
    const place = this.place;
    return this.active === 1 ? (place?.beside ?? null) : place;
  }

  get moves(): number {
    return this.#moves[0] + this.#moves[1];
  }

  moved(which: Which): number {
    return this.#moves[which];
  }

  activate(which: Which): void {
    this.#active = which;
  }

  /** The place as its panes show it now. */
  now(): Place | null {
    const place = this.place;
    if (!place) return null;
    const [one, other] = [this.lenses[0]?.now() ?? { ...only(place), viewport: null }, this.lenses[1]?.now() ?? null];
    return place.beside ? { ...one, beside: other ?? { ...only(place.beside), viewport: null } } : one;
  }

  /** Asks a half to be laid out anew. */
  move(...halves: Which[]): void {
    const [a, b] = this.#moves;
    this.#moves = [a + Number(halves.includes(0)), b + Number(halves.includes(1))];
  }

  /** Opens a page for this desk alone, in the half that is worked in. */
  open(page: PageRef, highlights: Rect[] = [], rotation: Rotation = 'none', viewport: Rect | null = null): void {
    const which = this.active;
    this.#leave(withHalf(this.place, which, { page, rotation, viewport, highlights }));
    this.move(which);
  }

  /** Lays another place before this desk alone. */
  put(place: Place): void {
    this.#leave(place);
    this.move(0, 1);
  }

  #leave(place: Place): void {
    const at = this.now();
    if (at) this.#before = [...this.#before.slice(-30), { place: at, live: this.live }];
    this.draft = null;
    this.own = place;
    this.mode = 'free';
    this.hand = false;
  }

  /** There is a place to go back to. */
  get wasElsewhere(): boolean {
    return this.#before.length > 0;
  }

  /** The place looked at before the last opening (回到刚才那页); where that was on the screens and still is, with them. */
  back(): void {
    const last = this.#before.at(-1);
    if (!last) return;
    this.#before = this.#before.slice(0, -1);
    const shown = pagesShown(this.#view());
    if (last.live && halvesOf(last.place).every((h) => shown.some((page) => samePage(page, h.page)))) return this.follow();
    this.own = last.place;
    this.mode = 'free';
    this.move(0, 1);
  }

  /** The hand has scrolled on to another page: nothing is opened, nothing laid out anew. */
  drift(which: Which, half: Half): void {
    if (!this.live && this.own) this.own = withHalf(this.own, which, only(half));
  }

  /** Puts a second page beside the one looked at, for this desk alone: the one looked at before, for a start. */
  compare(): void {
    const at = this.now();
    if (!at || at.beside) return;
    const others = this.#before.flatMap(({ place }) => halvesOf(place)).filter((h) => !samePage(h.page, at.page));
    const other = others.findLast((h) => h.page.doc !== at.page.doc) ?? others.at(-1) ?? at;
    this.#leave({ ...only(at), beside: { ...only(other), viewport: null } });
    this.#active = 1;
    this.move(1);
  }

  /** Lays `other` beside `one`, or beside the page looked at. */
  pair(one: PageRef | null, other: PageRef): void {
    const at = one ? whole(one) : this.now();
    if (!at) return this.open(other);
    this.#leave({ ...only(at), beside: whole(other) });
    this.#active = 1;
    this.move(0, 1);
  }

  /** Leaves the screens where they are and looks around from there. */
  release(): void {
    if (!this.live) return;
    const at = this.place;
    this.own = at && unbound(at);
    this.mode = 'free';
  }

  follow(): void {
    this.mode = 'live';
    this.draft = null;
    this.hand = false;
    this.move(0, 1);
  }

  /** After 收屏 the page stays on this desk, privately. */
  keep(place: Place): void {
    this.own = unbound(place);
  }
}

function whole(page: PageRef): Half {
  return { page, rotation: 'none', viewport: null, highlights: [] };
}

/** The same pages, each fitted as the pane likes. */
function unbound(place: Place): Place {
  const half = { ...only(place), viewport: null };
  return place.beside ? { ...half, beside: { ...only(place.beside), viewport: null } } : half;
}

