// A hearing that is over, as one view class saw it: the screen at any moment, and what happened when. Pure.

import type { HearingTime } from '../protocol/HearingTime';
import type { PageRef } from '../protocol/PageRef';
import type { PhaseId } from '../protocol/PhaseId';
import type { Reel } from '../protocol/Reel';
import type { ReelStep } from '../protocol/ReelStep';
import type { Screens } from '../protocol/Screens';
import type { Snapshot } from '../protocol/Snapshot';
import type { Stage } from '../protocol/Stage';
import { applyUpdate } from './snapshot';

/** Steps between two kept screens; to go back is to take the last one kept before and to go on from there. */
const KEPT_EVERY = 128;

export class Frames {
  readonly #steps: readonly ReelStep[];
  /** The screen after so many times KEPT_EVERY steps. */
  readonly #kept: Snapshot[];
  #at = 0;
  #now: Snapshot;

  constructor(reel: Reel) {
    this.#steps = reel.steps;
    this.#kept = [reel.start];
    this.#now = reel.start;
  }

  /** What the screen showed at a moment: every step up to and with it. */
  at(moment: HearingTime): Snapshot {
    const wanted = stepsUntil(this.#steps, moment);
    if (wanted < this.#at) {
      const kept = Math.min(Math.floor(wanted / KEPT_EVERY), this.#kept.length - 1);
      this.#at = kept * KEPT_EVERY;
      this.#now = this.#kept[kept] ?? this.#now;
    }
    while (this.#at < wanted) {
      this.#now = (this.#steps[this.#at]?.updates ?? []).reduce(applyUpdate, this.#now);
      this.#at += 1;
      if (this.#at === this.#kept.length * KEPT_EVERY) this.#kept.push(this.#now);
    }
    return this.#now;
  }
}

/** How many steps lie at or before a moment. */
export function stepsUntil(steps: readonly ReelStep[], moment: HearingTime): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.at ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type Happened =
  | { what: 'stage'; stage: Stage; again: boolean }
  | { what: 'phase'; phase: PhaseId }
  | { what: 'shown'; page: PageRef }
  | { what: 'hidden' }
  | { what: 'marked'; page: PageRef }
  | { what: 'curtainDown' }
  | { what: 'curtainUp' };

export interface Moment {
  at: HearingTime;
  happened: Happened;
}

/** What one wants to find again, in order: stages, phases, pages, marks, the curtain. */
export function momentsOf(reel: Reel): Moment[] {
  const found: Moment[] = [];
  let { course } = reel.start;
  let view = reel.start.screens.view;
  for (const { at, updates } of reel.steps) {
    const add = (happened: Happened) => found.push({ at, happened });
    for (const update of updates) {
      if (update.part === 'course') {
        const next = update.is;
        if (next.stage !== course.stage) add({ what: 'stage', stage: next.stage, again: course.stage === 'recess' });
        if (next.phase !== course.phase && next.phase !== null) add({ what: 'phase', phase: next.phase });
        if ((next.curtain === null) !== (course.curtain === null)) add({ what: next.curtain === null ? 'curtainUp' : 'curtainDown' });
        course = next;
      } else if (update.part === 'screens') {
        const next = update.is.view;
        if (next === null && view !== null) add({ what: 'hidden' });
        if (next !== null && (view === null || next.page.doc !== view.page.doc || next.page.page !== view.page.page)) add({ what: 'shown', page: next.page });
        view = next;
      } else if (update.part === 'mark') {
        add({ what: 'marked', page: update.is.page });
      }
    }
  }
  return found;
}

/** When each seat had a view before it, by the number of the view: all that confirmed it as long as it stood. */
export function confirmationsOf(reel: Reel): Map<number, Screens['confirmed']> {
  const found = new Map<number, Screens['confirmed']>();
  for (const update of reel.steps.flatMap((s) => s.updates)) {
    if (update.part === 'screens' && update.is.view) found.set(update.is.view.number, update.is.confirmed);
  }
  return found;
}

export interface Span<T> {
  from: HearingTime;
  to: HearingTime;
  is: T;
}

/** From when to when each phase, recess and curtain lasted: the bands under the time line. */
export function bandsOf(moments: readonly Moment[], end: HearingTime): { phases: Span<PhaseId>[]; recesses: Span<null>[]; curtains: Span<null>[] } {
  const phases: Span<PhaseId>[] = [];
  const recesses: Span<null>[] = [];
  const curtains: Span<null>[] = [];
  const close = <T>(spans: Span<T>[], at: HearingTime) => {
    const last = spans.at(-1);
    if (last && last.to > at) last.to = at;
  };
  for (const { at, happened } of moments) {
    if (happened.what === 'phase') {
      close(phases, at);
      phases.push({ from: at, to: end, is: happened.phase });
    } else if (happened.what === 'stage') {
      close(recesses, at);
      if (happened.stage === 'recess') recesses.push({ from: at, to: end, is: null });
      if (happened.stage === 'closed') close(phases, at);
    } else if (happened.what === 'curtainDown') {
      curtains.push({ from: at, to: end, is: null });
    } else if (happened.what === 'curtainUp') {
      close(curtains, at);
    }
  }
  return { phases, recesses, curtains };
}

/** Before 宣布开庭 the room was being made ready. */
const BEFORE_MS = 60_000;
/** Signing that goes on for days is no part of what is played. */
const AFTER_MS = 2 * 3_600_000;

/** From when to when there is something to play. */
export function extentOf(reel: Reel): { from: HearingTime; to: HearingTime } {
  const last = reel.steps.at(-1)?.at ?? 0;
  const courses = reel.steps.flatMap((s) => s.updates.flatMap((u) => (u.part === 'course' ? [u.is] : [])));
  const { opened, closed } = courses.at(-1) ?? reel.start.course;
  return {
    from: opened === null ? 0 : Math.max(0, opened - BEFORE_MS),
    to: closed === null ? last : Math.min(last, closed + AFTER_MS),
  };
}

/** The last moment before, or the first after; a little leeway, so that the key leads on from where it has led. */
export function neighbour(moments: readonly Moment[], now: HearingTime, step: 1 | -1): HearingTime | null {
  if (step > 0) return moments.find((m) => m.at > now + 50)?.at ?? null;
  return moments.findLast((m) => m.at < now - 1500)?.at ?? null;
}
