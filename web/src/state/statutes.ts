// Statutes as a desk looks them up; pure.

import type { StatuteArticle } from '../protocol/StatuteArticle';
import type { StatuteCitation } from '../protocol/StatuteCitation';

import type { StatuteResults } from '../protocol/StatuteResults';

const BEIJING_MS = 8 * 3_600_000;

/** The day in Beijing of a time in UTC, as 2023-12-29. */
export function beijingDay(utcMs: number): string {
  return new Date(utcMs + BEIJING_MS).toISOString().slice(0, 10);
}

/** The article of that number, where one law alone was found. */
export function theOne(results: StatuteResults | null, number: string): StatuteArticle | null {
  const articles = (results?.hits ?? []).map((h) => h.article);
  const [first] = articles;
  if (!first || first.number !== number || articles.some((a) => a.law !== first.law)) return null;
  return first;
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
