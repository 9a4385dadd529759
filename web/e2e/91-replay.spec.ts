// A hearing that is over is played back as each class saw it: from the judge's menu, and from the administration.

import { expect, type Page } from '@playwright/test';
import { office, test } from './desks';

async function popup(page: Page, press: () => Promise<void>): Promise<Page> {
  const [opened] = await Promise.all([page.waitForEvent('popup'), press()]);
  await expect(opened.getByTestId('screen-replay')).toBeVisible();
  return opened;
}

async function moments(page: Page): Promise<string[]> {
  await page.getByTestId('tab-course').click();
  return page.getByTestId('moments').getByRole('button').allTextContents();
}

test('the judge plays the hearing back as every seat saw it, with its sound and picture', async ({ sit }) => {
  test.setTimeout(120_000);
  const judge = await sit('judge');
  await judge.getByTestId('settings').click();
  const replay = await popup(judge, () => judge.getByTestId('replay').click());
  await expect(replay).toHaveTitle(/庭审回放/);

  // Where a page was shown, it is shown again, and the record reads as far as it had come.
  const seen = await moments(replay);
  expect(seen.some((m) => m.includes('宣布开庭'))).toBe(true);
  const shown = replay.getByTestId('moments').getByRole('button').filter({ hasText: '出示' });
  await expect(shown.first()).toBeVisible();
  await shown.first().click();
  await expect(replay.getByTestId('sheet')).toHaveAttribute('data-painted', 'yes');
  await expect(replay.getByTestId('confirmed').locator('span').first()).toBeVisible();
  await replay.getByTestId('tab-record').click();
  const early = await replay.getByTestId('line').count();
  await replay.screenshot({ path: test.info().outputPath('replay-bench.png') });

  // The end of the time line holds the whole record; going back takes it away again.
  const slider = replay.getByTestId('time-line');
  await slider.focus();
  await slider.press('End');
  await expect.poll(() => replay.getByTestId('line').count()).toBeGreaterThan(early);
  const whole = await replay.getByTestId('line').count();
  await slider.press('Home');
  await expect(replay.getByTestId('line')).toHaveCount(0);
  await replay.getByTestId('next-moment').click();

  // Sound and picture lead the clock.
  const opened = replay.getByTestId('moments').getByRole('button').filter({ hasText: '宣布开庭' }).first();
  await replay.getByTestId('tab-course').click();
  await opened.click();
  await expect(replay.getByTestId('video')).toHaveJSProperty('paused', true);
  await slider.focus();
  await slider.press('Home');
  // Before 开庭 nothing was recorded: it plays from where the recording begins.
  await replay.getByTestId('play').click();
  const at = async () => Number(await replay.getByTestId('screen-replay').getAttribute('data-now'));
  const from = await at();
  await expect.poll(at, { timeout: 30_000 }).toBeGreaterThan(from + 2_000);
  await expect(replay.getByTestId('video')).toHaveJSProperty('paused', false);
  await replay.getByTestId('play').click();
  await expect(replay.getByTestId('video')).toHaveJSProperty('paused', true);

  // The gallery saw no record, and nothing of what the bench alone saw.
  await replay.getByTestId('class').selectOption('public');
  await slider.focus();
  await slider.press('End');
  await replay.getByTestId('tab-record').click();
  await expect(replay.getByTestId('line')).toHaveCount(0);
  await expect(replay.getByText('不显示笔录')).toBeVisible();
  await replay.getByTestId('class').selectOption('plaintiff');
  await expect.poll(() => replay.getByTestId('line').count()).toBe(whole);
  await replay.getByTestId('tab-course').click();
  await shown.last().click();
  await expect(replay.getByTestId('sheet')).toHaveAttribute('data-painted', 'yes');
  await replay.screenshot({ path: test.info().outputPath('replay-plaintiff.png') });
  await replay.getByTestId('language').click();
  await replay.screenshot({ path: test.info().outputPath('replay-english.png') });

  // The session is for this alone: the link does not open twice elsewhere, nor anything else.
  const address = new URL(replay.url());
  const strange = await replay.context().browser()?.newContext({ ignoreHTTPSErrors: true });
  const stranger = await strange?.newPage();
  const answer = await stranger?.goto(address.href);
  expect(answer?.status()).toBe(403);
  await strange?.close();
});

test('the administration opens the replay of a hearing that is over, and of no other', async ({ browser }) => {
  const admin = await office(browser);
  await admin.getByTestId('case-loan-318').click();
  const replay = await popup(admin, () => admin.getByTestId('replay-loan-318-1').click());
  expect((await moments(replay)).length).toBeGreaterThan(3);
});
