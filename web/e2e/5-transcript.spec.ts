import { expect, type Page } from '@playwright/test';
import { opened } from './desks';
import { test } from './house';
import { spoken } from './spoken';

const LINES = 600;

/** Whether a thing is where one reads. */
async function inSight(page: Page, what: string): Promise<boolean> {
  return page.evaluate((selector) => {
    const [box, list] = [document.querySelector(selector), document.querySelector('[data-testid=transcript] .list')].map((e) => e?.getBoundingClientRect());
    return box !== undefined && list !== undefined && box.height > 0 && box.top >= list.top - 1 && box.bottom <= list.bottom + 1;
  }, what);
}

test('of a long record what is near is drawn, and any line is found, walked to and jumped to', async ({ house, chair }) => {
  const judge = await chair('judge');
  await opened(judge);
  const began = house.now();
  for (let n = 1; n <= LINES; n += 1) {
    const text = n === LINES / 2 ? '独一无二的一行' : `${spoken(5).text}${n}`;
    house.recogniser.settle({ seat: 'judge', utterance: 50_000 + n, from: began + n, to: began + n + 1, text, pieces: [{ text, confidence: n === 3 ? 0.4 : 0.99 }] });
  }
  const clerk = await chair('clerk');
  await expect(clerk.getByTestId('line').filter({ hasText: `${spoken(5).text}${LINES}` })).toBeInViewport();
  expect(await clerk.getByTestId('line').count()).toBeLessThan(LINES / 2);

  // The browser finds what is not drawn. Without its search bar it chooses the text and does not go there, so that is done for it.
  const finds = await clerk.evaluate(() => {
    const there = (window as unknown as { find(text: string): boolean }).find('独一无二的一行');
    const place = getSelection()?.getRangeAt(0).getBoundingClientRect();
    const list = document.querySelector('[data-testid=transcript] .list');
    list?.scrollBy(0, (place?.top ?? 0) - list.getBoundingClientRect().top - list.clientHeight / 2);
    return there;
  });
  expect(finds).toBe(true);
  const found = clerk.getByTestId('line').filter({ hasText: '独一无二的一行' });
  await expect(found).toBeInViewport();

  // From a line that is chosen the arrows walk on, through lines that were not drawn.
  await found.click();
  const selected = clerk.locator('[data-testid=line].selected');
  for (let n = 0; n < 40; n += 1) await clerk.keyboard.press('ArrowUp');
  await expect(selected.getByTestId('line-text')).toContainText(`${LINES / 2 - 40}`);
  await expect.poll(() => inSight(clerk, '[data-testid=line].selected')).toBe(true);

  // The review jumps from end to beginning.
  await clerk.getByTestId('tab-review').click();
  await clerk.getByTestId('risk').first().click();
  await expect.poll(() => inSight(clerk, '[data-testid=doubt].here')).toBe(true);
});
