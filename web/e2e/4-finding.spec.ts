import { expect } from '@playwright/test';
import { opened, painted, test } from './desks';

test('initials, unfinished pinyin, a rate and the name of a page find it; where one looked before is one key away', async ({ sit }) => {
  const judge = await sit('judge');
  await opened(judge);
  const [field, hits, places] = [judge.getByTestId('search'), judge.getByTestId('hit'), judge.getByTestId('place')];
  for (const typed of ['jkht', 'jkhetong', 'jiekuanhet']) {
    await field.fill(typed);
    await expect(hits.first()).toContainText('借款合同');
    await expect(hits.first()).toContainText('拼音');
    await expect(hits.first().locator('img')).toBeVisible();
    await expect(hits.first().locator('svg rect')).not.toHaveCount(0);
  }

  // Every writing of a rate, and no date.
  await field.fill('百分之十');
  await expect(hits.first().locator('mark')).toHaveText(/^(?:10[%％]|百分之十)/);
  const found = await hits.evaluateAll((all) => all.map((h) => `${h.dataset['doc']}/${h.dataset['page']}`));
  await field.fill('10%');
  await expect.poll(() => hits.evaluateAll((all) => all.map((h) => `${h.dataset['doc']}/${h.dataset['page']}`))).toEqual(found);

  // Some first, and the others when they are asked for.
  await field.fill('年');
  await expect(judge.getByTestId('more-hits')).toBeVisible();
  const some = await hits.count();
  await judge.getByTestId('more-hits').click();
  await expect.poll(() => hits.count()).toBeGreaterThan(some);

  // A page is named as the bench would name it: both parties have such a piece, and Enter opens the first.
  await field.fill('证据三第2页');
  await expect(places).toHaveCount(2);
  await expect(places.first()).toContainText('银行流水');
  await field.press('Enter');
  await painted(judge);
  await expect(judge.getByTestId('sheet').first()).toHaveAttribute('data-page', '2');
  const first = await judge.getByTestId('sheet').first().getAttribute('data-doc');
  await field.press('Escape');

  // Enter may come before the answer.
  await field.fill('被告证据三第3页');
  await field.press('Enter');
  await expect(judge.getByTestId('sheet').first()).toHaveAttribute('data-page', '3');
  await expect(judge.getByTestId('sheet').first()).not.toHaveAttribute('data-doc', first ?? '');
  await field.fill('原告证据三第2页');
  await field.press('Enter');
  await expect(judge.getByTestId('sheet').first()).toHaveAttribute('data-doc', first ?? '');
  await field.press('Escape');

  const page = judge.getByTestId('page-box');
  await page.fill('99');
  await page.press('Enter');
  await expect(judge.getByText('没有“99”这一页')).toBeVisible();

  await judge.getByTestId('doc').filter({ hasText: '民事起诉状' }).click();
  await painted(judge);
  await expect(judge.getByTestId('sheet').first()).not.toHaveAttribute('data-doc', first ?? '');
  await judge.getByTestId('pages').focus();
  await judge.keyboard.press('Alt+ArrowLeft');
  await expect(judge.getByTestId('sheet').first()).toHaveAttribute('data-doc', first ?? '');
  await expect(judge.getByTestId('sheet').first()).toHaveAttribute('data-page', '2');
});
