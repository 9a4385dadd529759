// The line of a replay: what a desk is told comes from a reel, and nothing it says goes anywhere.

import type { Reel } from '../protocol/Reel';
import type { Snapshot } from '../protocol/Snapshot';
import type { ViewClass } from '../protocol/ViewClass';
import { get, post } from './api';
import type { Answer, Line, LinkEvents } from './link';

export const replay = {
  reel: (seen: ViewClass) => get<Reel>(`api/reel/${seen}`),
};

/** Opens a replay in a page of its own; `path` is where its link is asked for. */
export async function opened(path: string): Promise<void> {
  // Before the answer: a page that opens later is taken for a pop-up.
  const page = window.open('', '_blank');
  try {
    const link = await post<{ url: string }>(path);
    if (page && link) page.location.replace(link.url);
  } catch (error) {
    page?.close();
    throw error;
  }
}

/** Hearing time stands where the replay stands. */
export class ReelLine implements Line {
  now = 0;
  readonly clock = { at: () => this.now };
  #events: LinkEvents;

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  start(): void {
    this.#events.state({ is: 'up' });
  }

  stop(): void {
    this.#events.state({ is: 'ended', why: 'sessionOver' });
  }

  /** The desk is shown what its class saw. */
  show(seen: ViewClass, snapshot: Snapshot): void {
    this.#events.message({ type: 'welcome', seat: '', class: seen, epoch: 0, seq: 0, now: this.now, snapshot });
  }

  command(): Promise<Answer> {
    return Promise.reject(new Error('a replay takes no commands'));
  }

  /** What is over is not asked. */
  search(): void {}

  say(): boolean {
    return false;
  }
}
