import { expect, type Locator, type Page } from '@playwright/test';
import { opened, standardText, test } from './desks';

const lineOf = (page: Page, id: string): Locator => page.locator(`[data-testid=line][data-line="${id}"]`);

/** Something said into a microphone that has settled as a line. */
async function spoken(judge: Page, clerk: Page): Promise<string> {
  const numbers = () => clerk.getByTestId('line').evaluateAll((lines) => lines.map((line) => line.getAttribute('data-line') ?? ''));
  const before = new Set(await numbers());
  await judge.getByTestId('rehearse').click();
  const added = async () => (await numbers()).find((number) => !before.has(number));
  await expect.poll(added, { timeout: 60_000 }).toBeDefined();
  await judge.getByTestId('rehearse').click();
  return (await added()) ?? '';
}

test('a record by points: a line is taken over by one key, worded by the same, and corrected on request', async ({ sit }) => {
  test.setTimeout(120_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  await opened(judge);
  const said = await spoken(judge, clerk);
  const typed = await standardText(clerk, 'bgsp');

  await clerk.getByTestId('tab-steps').click();
  await clerk.getByTestId('record-points').click();
  await expect(clerk.getByTestId('record-mode')).toBeVisible();
  await expect(lineOf(clerk, said).getByTestId('point')).toHaveCount(0);
  // What a person typed is a point by itself.
  await expect(lineOf(clerk, typed).getByTestId('point')).toBeVisible();

  await lineOf(clerk, said).click();
  const words = await lineOf(clerk, said).getByTestId('line-text').innerText();
  await clerk.keyboard.press('F10');
  await expect(lineOf(clerk, said).getByTestId('point')).toContainText(words);
  await clerk.keyboard.press('F10');
  await clerk.getByTestId('line-editor').fill('宣布法庭纪律。');
  await clerk.keyboard.press('Enter');
  await expect(lineOf(clerk, said).getByTestId('point')).toContainText('宣布法庭纪律。');
  await expect(lineOf(clerk, said).getByTestId('line-text')).toHaveText(words);
  for (const [width, height] of [[1920, 1080], [1366, 768]] as const) {
    await clerk.setViewportSize({ width, height });
    await clerk.screenshot({ path: test.info().outputPath(`points-${width}.png`) });
  }

  // The paper holds the points alone.
  const paper = await clerk.request.get(new URL('papers/record.html', clerk.url()).href);
  const html = await paper.text();
  expect(html).toContain('要点笔录');
  expect(html).toContain('宣布法庭纪律。');
  if (words !== '宣布法庭纪律。') expect(html).not.toContain(words);

  await plaintiff.getByTestId('tab-record').click();
  await lineOf(plaintiff, said).click();
  await lineOf(plaintiff, said).getByTestId('ask-correct').click();
  await plaintiff.getByTestId('correct-why').fill('记得不全');
  await plaintiff.getByTestId('line-editor').fill('宣布法庭纪律，无人违反。');
  await plaintiff.getByTestId('line-editor').press('Enter');
  await clerk.getByTestId('request').first().waitFor();
  await clerk.keyboard.press('F6');
  await expect(lineOf(plaintiff, said).getByTestId('point')).toContainText('宣布法庭纪律，无人违反。');

  // The recording instead of the record needs everybody's consent.
  const instead = clerk.getByTestId('record-recording').locator('input');
  await expect(instead).toBeDisabled();
  await expect(clerk.locator('[data-testid^=consent-]')).not.toHaveCount(0);
  for (const asked of await clerk.locator('[data-testid^=consent-]').all()) await asked.getByRole('button', { name: '同意', exact: true }).click();
  await expect(instead).toBeEnabled();
  await instead.check();
  await expect(clerk.getByTestId('record-mode')).toHaveText('录音录像替代笔录');
  await clerk.getByTestId('consent-defendant').getByRole('button', { name: '不同意' }).click();
  await expect(clerk.getByTestId('record-mode')).toHaveCount(0);
});

test('the code of a standard text and Tab put it where the caret stands', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const id = await standardText(clerk, 'bgsp');
  await lineOf(clerk, id).click();
  await clerk.keyboard.press('F2');
  const editor = clerk.getByTestId('line-editor');
  await editor.fill('书记员：qtql');
  await editor.press('Tab');
  await expect(editor).toHaveValue(/^书记员：全体起立/);
  await expect(editor).toBeFocused();
  await clerk.keyboard.press('Escape');
});

test('a view on a group of evidence is noted on each of its items in one act', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  await clerk.getByTestId('tab-table').click();
  const list = clerk.getByTestId('list-evidence');
  if (await list.isVisible()) await list.click();
  const items = clerk.getByTestId('evidence');
  await expect(items.nth(1)).toBeVisible();
  const pair = [await items.nth(0).getAttribute('data-evidence'), await items.nth(1).getAttribute('data-evidence')];
  for (const id of pair) {
    const item = clerk.locator(`[data-testid=evidence][data-evidence="${id}"]`);
    await item.getByTestId('describe-open').click();
    await item.getByTestId('describe-group').fill('第一组 借款合意与交付');
    await item.getByTestId('describe-group').press('Enter');
    await expect(item.getByTestId('describe')).toHaveCount(0);
  }
  await expect(clerk.getByTestId('evidence-group')).toHaveCount(1);
  await clerk.getByTestId('group-view-defendant').click();
  await clerk.getByTestId('group-note').getByRole('checkbox').first().focus();
  await clerk.keyboard.press('1');
  await judge.getByTestId('tab-table').click();
  for (const id of pair) {
    const item = judge.locator(`[data-testid=evidence][data-evidence="${id}"]`);
    for (const aspect of ['authenticity', 'legality', 'relevance', 'purpose']) await expect(item.getByTestId(`opinion-defendant-${aspect}`)).toContainText('无异议');
  }
  await clerk.screenshot({ path: test.info().outputPath('group.png') });
});
