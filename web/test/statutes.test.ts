import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StatuteArticle } from '../src/protocol/StatuteArticle';
import { beijingDay, citationOf, differs, notYet } from '../src/state/statutes';
import { Statutes } from '../src/state/statutes.svelte';

const article: StatuteArticle = {
  law: 'a1', name: '灯塔法', version: '2020-05-01', effective: '2020-07-01', number: '2-1', label: '第二条之一', path: ['第一章'], text: '雾天鸣钟。', digest: 'ab'.repeat(32),
};

describe('an article of a law', () => {
  it('is pinned into the record by law, version, number and digest', () => {
    expect(citationOf(article)).toEqual({ law: 'a1', name: '灯塔法', version: '2020-05-01', number: '2-1', label: '第二条之一', digest: 'ab'.repeat(32) });
  });

  it('tells from when its version applies only while that lies ahead', () => {
    expect(notYet(article, '2020-06-30')).toBe('2020-07-01');
    expect(notYet(article, '2020-07-01')).toBeNull();
    expect(notYet({ ...article, effective: null }, '2020-05-01')).toBeNull();
  });

  it('is compared with the text that was cited', () => {
    const cited = citationOf(article);
    expect(differs(cited, article)).toBe(false);
    expect(differs(cited, { ...article, digest: 'cd'.repeat(32) })).toBe(true);
    expect(differs(cited, { ...article, number: '3', digest: 'cd'.repeat(32) })).toBe(false);
    expect(differs(null, article)).toBe(false);
  });

  it('is asked for as of the day in Beijing, not in London', () => {
    expect(beijingDay(Date.UTC(2024, 1, 28, 15, 59, 59))).toBe('2024-02-28');
    expect(beijingDay(Date.UTC(2024, 1, 28, 16))).toBe('2024-02-29');
  });
});

describe('looking up', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** Answers in the order in which the test says so. */
  function server() {
    const asked: { url: string; answer: (body: unknown, status?: number) => void }[] = [];
    vi.stubGlobal('fetch', (url: string) =>
      new Promise((resolve) => asked.push({ url, answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })) })));
    return asked;
  }
  const results = (query: string) => ({ query, date: '2026-01-01', hits: [], laws: 1, tookUs: 1 });

  it('opens the article that a line names, and shows what was found where that is not one', async () => {
    const asked = server();
    const shelf = new Statutes();
    const hit = (a: StatuteArticle) => ({ article: a, matched: [], by: 'letter' as const });
    const place = { kind: 'article' as const, law: '灯塔法', number: '2-1', label: '第二条之一' };
    const named = shelf.named(place);
    expect(decodeURIComponent(asked[0]?.url ?? '')).toBe('api/statutes?q=灯塔法第二条之一');
    asked[0]?.answer({ ...results('灯塔法第二条之一'), hits: [hit(article)] });
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    asked[1]?.answer({ article });
    await named;
    expect(shelf.calls).toBe(1);
    expect(shelf.page).toEqual({ article });

    for (const hits of [[], [hit({ ...article, number: '3' })], [hit(article), hit({ ...article, law: 'b2' })]]) {
      const again = shelf.named(place);
      asked.at(-1)?.answer({ ...results('灯塔法第二条之一'), hits });
      await again;
      expect([shelf.page, shelf.results?.hits.length]).toEqual([null, hits.length]);
    }
  });

  it('never lets an older answer replace a newer one', async () => {
    const asked = server();
    const shelf = new Statutes();
    shelf.query = '民法';
    const first = shelf.ask();
    shelf.query = ' 民法典 ';
    shelf.date = '2022-01-01';
    const second = shelf.ask();
    expect(asked.map((a) => decodeURIComponent(a.url))).toEqual(['api/statutes?q=民法', 'api/statutes?q=民法典&date=2022-01-01']);
    asked[1]?.answer(results('民法典'));
    await second;
    asked[0]?.answer(results('民法'));
    await first;
    expect(shelf.results?.query).toBe('民法典');
    expect(shelf.busy).toBe(false);
  });

  it('says why it failed, and forgets it with the next answer', async () => {
    const asked = server();
    const shelf = new Statutes();
    const opening = shelf.open({ law: 'a1', version: '2020-05-01', number: '2-1' });
    asked[0]?.answer({ sentence: 'not here' }, 404);
    await opening;
    expect([shelf.trouble, shelf.page]).toEqual(['not here', null]);
    const again = shelf.open({ law: 'a1', version: '2020-05-01', number: '2-1' }, citationOf(article));
    asked[1]?.answer({ article, before: [], after: [], versions: ['2020-05-01'] });
    await again;
    expect([shelf.trouble, shelf.page?.article.label, shelf.cited?.number]).toEqual([null, '第二条之一', '2-1']);
    shelf.query = '';
    await shelf.ask();
    expect([shelf.page, shelf.results, asked.length]).toEqual([null, null, 2]);
  });

  it('brings its pane to the front when an article is called from the record', () => {
    server();
    const shelf = new Statutes();
    shelf.call(citationOf(article), citationOf(article));
    expect(shelf.calls).toBe(1);
  });
});
