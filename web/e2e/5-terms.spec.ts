import { expect } from '@playwright/test';
import { opened, standardText, test } from './desks';

test('the clerk adds a term, switches one off and takes the own one away, from the keyboard; it is there after a reload and on the other desk', async ({ sit }) => {
  const clerk = await sit('clerk');
  const second = await sit('clerk');
  const term = (page: typeof clerk, word: string) => page.locator(`[data-testid=term][data-term="${word}"]`);
  await clerk.keyboard.press('Shift+F9');
  await expect(clerk.getByTestId('term-add')).toBeFocused();
  // The dossier and those who are here give some by themselves.
  await expect(clerk.locator('[data-testid=term][data-from=dossier]').first()).toBeVisible();
  await expect(clerk.locator('[data-testid=term][data-from=roster]').first()).toBeVisible();

  await clerk.keyboard.insertText('旺达公司');
  await clerk.keyboard.press('Enter');
  await expect(clerk.getByTestId('term').first()).toHaveAttribute('data-term', '旺达公司');
  await expect(term(clerk, '旺达公司')).toHaveAttribute('data-from', 'clerk');
  await expect(clerk.getByTestId('term-add')).toHaveValue('');
  await clerk.keyboard.insertText('旺达公司');
  await clerk.keyboard.press('Enter');
  await expect(clerk.getByTestId('term-trouble')).toContainText('已在表中');
  await clerk.getByTestId('term-add').fill('违约、金');
  await clerk.keyboard.press('Enter');
  await expect(clerk.getByTestId('term-trouble')).toContainText('2 至 24');

  // The second in the list is the dossier's.
  const given = (await clerk.getByTestId('term').nth(1).getAttribute('data-term')) ?? '';
  await clerk.keyboard.press('ArrowDown');
  await clerk.keyboard.press('ArrowDown');
  await clerk.keyboard.press('Enter');
  await expect(term(clerk, given)).toHaveAttribute('data-on', 'false');

  await second.keyboard.press('Shift+F9');
  await expect(term(second, '旺达公司')).toHaveAttribute('data-from', 'clerk');
  await expect(term(second, given)).toHaveAttribute('data-on', 'false');
  await term(second, given).locator('button').click();
  await expect(term(clerk, given)).toHaveAttribute('data-on', 'true');

  await clerk.reload();
  await clerk.getByTestId('tab-review').click();
  await clerk.getByTestId('terms-open').click();
  await expect(term(clerk, '旺达公司')).toHaveAttribute('data-from', 'clerk');
  await clerk.keyboard.press('ArrowDown');
  await clerk.keyboard.press('Enter');
  await expect(term(clerk, '旺达公司')).toHaveCount(0);
  await expect(term(second, '旺达公司')).toHaveCount(0);
});

test('what is selected in the line being written is put into the list by two keys', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const id = await standardText(clerk, 'bgsp');
  await clerk.locator(`[data-testid=line][data-line="${id}"]`).click();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').evaluate((f: HTMLTextAreaElement) => f.setSelectionRange(0, 5));
  const words = (await clerk.getByTestId('line-editor').inputValue()).slice(0, 5);
  await clerk.keyboard.press('Shift+F9');
  await expect(clerk.getByTestId('term-add')).toHaveValue(words);
  await clerk.keyboard.press('Enter');
  await expect(clerk.locator(`[data-testid=term][data-term="${words}"]`)).toHaveAttribute('data-from', 'clerk');
  await clerk.keyboard.press('Escape');
  await expect(clerk.getByTestId('line-editor')).toBeFocused();
  await clerk.keyboard.press('Escape');
});
