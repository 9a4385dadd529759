// Statutes as a desk looks them up; pure.

import type { StatuteArticle } from '../protocol/StatuteArticle';
import type { StatuteCitation } from '../protocol/StatuteCitation';

const BEIJING_MS = 8 * 3_600_000;

/** The day in Beijing of a time in UTC, as 2023-12-29. */
export function beijingDay(utcMs: number): string {
  return new Date(utcMs + BEIJING_MS).toISOString().slice(0, 10);
}

/** What of an article the record pins. */
export function citationOf(article: StatuteArticle): StatuteCitation {
  const { law, name, version, number, label, digest } = article;
  return { law, name, version, number, label, digest };
}

/** From when an article's version applies, where that is after `day`: it is the newest, and not in force yet. */
export function notYet(article: StatuteArticle, day: string): string | null {
  return article.effective !== null && article.effective > day ? article.effective : null;
}

/** Whether the text now held is another than the one that was cited. */
export function differs(cited: StatuteCitation | null, article: StatuteArticle): boolean {
  return cited !== null && cited.law === article.law && cited.version === article.version && cited.number === article.number && cited.digest !== article.digest;
}
