// 撤销 of a spoken command: from how things stood before it to what leads back there. Pure.

import type { Command } from '../protocol/Command';
import type { Mark } from '../protocol/Mark';
import type { SeatId } from '../protocol/SeatId';
import type { View } from '../protocol/View';
import type { Place } from './looking.svelte';
import type { Zoom } from './zoom';

/** Whatever a command of the bench can change. */
export interface Stand {
  /** Where the desk looks, as it is seen. */
  place: Place | null;
  zooms: readonly Zoom[];
  /** It looks at what is on the screens. */
  live: boolean;
  view: View | null;
  locked: boolean;
  presenter: SeatId | null;
  /** Those that stand. */
  marks: readonly Mark[];
}

export interface WayBack {
  commands: Command[];
  /** What the screens show again; 'off': nothing. */
  screens: Place | 'off' | null;
  /** Where the desk looks again. */
  look: { place: Place; zooms: readonly Zoom[] } | 'follow' | null;
}

/** `me`: who spoke. What somebody else has done meanwhile stands. */
export function wayBack(before: Stand, now: Stand, me: SeatId | null): WayBack {
  return { commands: commands(before, now, me), screens: screens(before, now, me), look: look(before, now) };
}

export function isNothing(way: WayBack): boolean {
  return way.commands.length === 0 && way.screens === null && way.look === null;
}

function commands(before: Stand, now: Stand, me: SeatId | null): Command[] {
  const out: Command[] = [];
  if (before.locked !== now.locked) out.push({ do: before.locked ? 'lock' : 'unlock' });
  if (before.presenter !== now.presenter) out.push({ do: 'setPresenter', presenter: before.presenter });
  const without = (marks: readonly Mark[], others: readonly Mark[]) => marks.filter((m) => !others.some((o) => o.id === m.id));
  for (const { id, by } of without(now.marks, before.marks)) if (by === me) out.push({ do: 'undoMark', mark: id });
  for (const { page, shape } of without(before.marks, now.marks)) out.push({ do: 'makeMark', page, shape });
  return out;
}

function screens(before: Stand, now: Stand, me: SeatId | null): Place | 'off' | null {
  if (before.view?.number === now.view?.number || (now.view && now.view.by !== me)) return null;
  return before.view ?? 'off';
}

function look(before: Stand, now: Stand): WayBack['look'] {
  if (before.live) return now.live ? null : 'follow';
  const same = !now.live && JSON.stringify([before.place, before.zooms]) === JSON.stringify([now.place, now.zooms]);
  return before.place && !same ? { place: before.place, zooms: before.zooms } : null;
}
