// Where this desk looks: with the screens, or on its own.
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

export interface Place {
  page: PageRef;
  rotation: Rotation;
  /** Part of the page to fill the pane with; null: the pane's own fit. */
  viewport: Rect | null;
  highlights: Rect[];
}

/** What the pane in which the place is looked at can tell of itself. */
export interface Lens {
  /** The part of the page that is visible now; null: all of it. */
  seen(): Rect | null;
  /** The part that would be visible right after turning to a page. */
  top(page: PageRef): Rect | null;
}

export class Looking {
  lens: Lens | null = null;
  mode = $state<'live' | 'free'>('live');
  own = $state.raw<Place | null>(null);
  draft = $state.raw<Place | null>(null);
  /** Counts moves that ask the pane to lay the place out anew. */
  moves = $state(0);
  #before: Place[] = [];
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

  /** Opens a place for this desk alone. */
  open(page: PageRef, highlights: Rect[] = [], rotation: Rotation = 'none', viewport: Rect | null = null): void {
    const at = this.place;
    if (at) this.#before = [...this.#before.slice(-30), at];
    this.draft = null;
    this.own = { page, rotation, viewport, highlights };
    this.mode = 'free';
    this.moves += 1;
  }

  /** The place looked at before the last opening (回到刚才那页). */
  back(): void {
    const last = this.#before.pop();
    if (!last) return;
    this.own = last;
    this.mode = 'free';
    this.moves += 1;
  }

  /** Leaves the screens where they are and looks around from there. */
  release(): void {
    if (!this.live) return;
    const at = this.place;
    this.own = at && { ...at, viewport: null };
    this.mode = 'free';
  }

  follow(): void {
    this.mode = 'live';
    this.draft = null;
    this.moves += 1;
  }

  /** After 收屏 the page stays on this desk, privately. */
  keep(place: Place): void {
    this.own = { ...place, viewport: null };
  }
}
