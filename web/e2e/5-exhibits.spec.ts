import { expect } from '@playwright/test';
import { opened, painted, project, test } from './desks';

test('a piece of evidence that is named in the record is a link to its page on every desk that has the dossier, and moves no screen', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  const gallery = await sit('public');
  await opened(judge);
  const shown = await project(judge, 0);
  await expect(gallery.getByTestId('sheet')).toHaveAttribute('data-doc', shown);
  const statement = await judge.getByTestId('doc').filter({ hasText: '银行流水' }).getAttribute('data-doc');

  const text = '请看原告证据三第二页，再看证据一。';
  await clerk.keyboard.press('Insert');
  await clerk.locator('article.selected select').selectOption('judge');
  await clerk.getByTestId('line-editor').fill(text);
  await clerk.getByTestId('line-editor').press('Enter');
  for (const page of [clerk, judge, plaintiff]) {
    const line = page.getByTestId('line-text').filter({ hasText: text });
    // Both sides have a 证据一, and nobody of a side speaks: that is no link.
    await expect(line.getByTestId('evidence-link')).toHaveText('原告证据三第二页');
    await line.getByTestId('evidence-link').click();
    await expect(page.getByTestId('sheet')).toHaveAttribute('data-doc', statement ?? '');
    expect(await painted(page)).toEqual({ doc: statement, page: '2' });
  }
  await expect(gallery.getByText(text)).toHaveCount(0);
  await expect(gallery.getByTestId('sheet')).toHaveAttribute('data-doc', shown);

  // Its words are changed, and it leads elsewhere.
  const line = clerk.getByTestId('line').filter({ hasText: text });
  const id = await line.getAttribute('data-line');
  await line.click({ position: { x: 4, y: 4 } });
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').fill('请看被告的第一份证据。');
  await clerk.getByTestId('line-editor').press('Enter');
  const link = judge.locator(`[data-testid=line][data-line="${id}"]`).getByTestId('evidence-link');
  await expect(link).toHaveText('被告的第一份证据');
  await link.click();
  await expect(judge.getByTestId('sheet')).toHaveAttribute('data-page', '1');
  await expect(judge.getByTestId('sheet')).not.toHaveAttribute('data-doc', statement ?? '');
});

test('evidence and articles that a document names are links on its page, for the desk that follows them alone', async ({ sit }) => {
  const judge = await sit('judge');
  const gallery = await sit('public');
  await opened(judge);
  const list = (await judge.getByTestId('doc').filter({ hasText: '被告证据目录' }).or(judge.getByTestId('doc').filter({ hasText: '证据目录' })).last().getAttribute('data-doc')) ?? '';
  const shown = await project(judge, 0);
  await judge.locator(`[data-testid=doc][data-doc="${list}"]`).click();
  const sheet = judge.locator(`[data-testid=sheet][data-doc="${list}"]`);
  await expect(sheet).toHaveAttribute('data-painted', 'yes');
  const link = sheet.getByTestId('page-evidence-link').first();
  await expect(link).toHaveAttribute('title', /被告证据/);
  await link.click();
  await expect(judge.getByTestId('sheet')).not.toHaveAttribute('data-doc', list);
  const to = await painted(judge);
  expect(to.page).toBe('1');
  await expect(judge.locator(`[data-testid=doc][data-doc="${to.doc}"]`)).toContainText(/证据[一二三]/);
  await expect(gallery.getByTestId('sheet')).toHaveAttribute('data-doc', shown);
  await expect(gallery.getByTestId('page-evidence-link')).toHaveCount(0);

  const answer = judge.getByTestId('doc').filter({ hasText: '答辩状' }).first();
  await answer.click();
  const article = judge.getByTestId('page-article-link').first();
  await expect(article).toBeVisible();
  await article.click();
  await expect(judge.getByTestId('tab-statutes')).toHaveAttribute('aria-selected', 'true');
});
