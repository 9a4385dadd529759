// 法条 at a desk: what is asked, what was found, which article lies open. Kept while its pane is out of sight.

import { desk as fetched } from '../connection/api';
import type { Named } from '../protocol/Named';
import type { StatuteCitation } from '../protocol/StatuteCitation';
import type { StatutePage } from '../protocol/StatutePage';
import type { StatuteResults } from '../protocol/StatuteResults';

import { theOne } from './statutes';

export interface Place {
  law: string;
  version: string;
  number: string;
}

export class Statutes {
  query = $state('');
  /** The day whose law is asked for; empty: the day of the hearing. */
  date = $state('');
  results = $state.raw<StatuteResults | null>(null);
  page = $state.raw<StatutePage | null>(null);
  /** The citation the open article was reached from, if it was one. */
  cited = $state.raw<StatuteCitation | null>(null);
  busy = $state(false);
  trouble = $state<string | null>(null);
  /** Raised when an article is opened from elsewhere: its pane comes to the front. */
  calls = $state(0);
  #turn = 0;

  /** Asks for what `query` and `date` say now; an older answer never replaces a newer one. */
  async ask(): Promise<void> {
    const query = this.query.trim();
    this.page = null;
    if (query === '') {
      this.#turn += 1;
      this.results = null;
      this.busy = false;
      this.trouble = null;
      return;
    }
    await this.#take(() => fetched.statutes(query, this.date), (results) => (this.results = results));
  }

  async open(at: Place, cited: StatuteCitation | null = null): Promise<void> {
    await this.#take(() => fetched.statute(at.law, at.version, at.number), (page) => {
      this.page = page;
      this.cited = cited;
    });
  }

  /** Opens an article for the record or a spoken command. */
  call(at: Place, cited: StatuteCitation | null = null): void {
    this.calls += 1;
    void this.open(at, cited);
  }

  /** Opens an article as a line names it; where that is in no law held here, or in several, what was found is shown. */
  async named({ law, number, label }: Named & { kind: 'article' }): Promise<void> {
    this.calls += 1;
    this.query = law + label;
    await this.ask();
    const only = theOne(this.results, number);
    if (only) await this.open(only);
  }

  close(): void {
    this.page = null;
    this.cited = null;
  }

  async #take<T>(fetch: () => Promise<T>, keep: (answer: T) => void): Promise<void> {
    const turn = (this.#turn += 1);
    this.busy = true;
    try {
      const answer = await fetch();
      if (turn !== this.#turn) return;
      keep(answer);
      this.trouble = null;
    } catch (e) {
      if (turn === this.#turn) this.trouble = e instanceof Error ? e.message : String(e);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
