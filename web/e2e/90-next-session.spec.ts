// After 闭庭 the court opens the next session of the case; there everybody agrees to the recording in place of the record.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, expect, type Page } from '@playwright/test';
import { office, opened, test, writeOnPad } from './desks';

const ROOT = new URL('../../', import.meta.url).pathname;
const BINARY = join(ROOT, 'target/debug/huiting');

test('the next session goes on with the evidence of the last, and the recording stands in place of its record', async ({ browser }) => {
  test.setTimeout(240_000);
  const admin = await office(browser);
  await admin.getByTestId('case-loan-318').click();
  await admin.getByTestId('procedure').selectOption('civil-simplified');
  await admin.getByTestId('open-hearing').click();
  const session = admin.getByTestId('hearing-loan-318-2');
  await expect(session).toContainText('第2次开庭');

  const sit = async (browser: Browser, name: string): Promise<Page> => {
    const url = await session.locator('li').filter({ hasText: name }).getByRole('link').getAttribute('href');
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: 'zh-CN', viewport: { width: 1366, height: 768 } })).newPage();
    await page.goto(new URL(url ?? '', admin.url()).href);
    return page;
  };
  const judge = await sit(browser, '周正');
  const clerk = await sit(browser, '孙丽');
  const plaintiff = await sit(browser, '陈晓明');
  await expect(judge.getByTestId('session')).toHaveText('第2次开庭');
  await opened(judge);

  // What was examined the last time stands in the table, with its views.
  await judge.getByTestId('tab-table').click();
  await expect(judge.getByTestId('evidence').nth(1)).toBeVisible();
  await expect(judge.getByTestId('evidence-group').first()).toContainText('借款合意与交付');
  await expect(judge.getByTestId('examination')).toContainText('无异议');

  for (const seat of ['plaintiff', 'defendant']) await clerk.getByTestId(`present-${seat}`).check();
  await clerk.getByTestId('tab-steps').click();
  await expect(clerk.locator('[data-testid^=consent-]')).not.toHaveCount(0);
  for (const asked of await clerk.locator('[data-testid^=consent-]').all()) await asked.getByRole('button', { name: '同意', exact: true }).click();
  await clerk.getByTestId('record-recording').locator('input').check();
  await expect(clerk.getByTestId('record-mode')).toHaveText('录音录像替代笔录');

  // Something is said, and the recording of it is the record.
  const before = await clerk.getByTestId('line').count();
  await judge.getByTestId('rehearse').click();
  await expect.poll(() => clerk.getByTestId('line').count(), { timeout: 60_000 }).toBeGreaterThan(before);
  await judge.getByTestId('rehearse').click();
  await judge.getByTestId('close-session').click();
  await judge.getByTestId('confirm').click();
  await expect(clerk.getByTestId('status')).toContainText('录音录像已封存', { timeout: 60_000 });
  await expect(plaintiff.getByTestId('sign')).toContainText('校验值');

  const sign = clerk.getByTestId('sign');
  const waiting = () => sign.locator('li:not([data-standing=signed])').evaluateAll((all) => all.map((li) => (li.getAttribute('data-testid') ?? '').replace('signature-', '')));
  await expect.poll(async () => (await waiting()).length).toBeGreaterThan(3);
  for (const seat of await waiting()) {
    const own = { judge, clerk, plaintiff }[seat];
    const desk = own ?? clerk;
    await desk.getByTestId(own ? 'sign-own' : `settle-${seat}`).click();
    await writeOnPad(desk);
    await desk.getByTestId('settle-do').click();
    await expect(sign.getByTestId(`signature-${seat}`)).toHaveAttribute('data-standing', 'signed');
  }
  const digest = (await sign.getByTestId('digest').innerText()).replaceAll(/\s/g, '');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  await clerk.getByTestId('seal').click();
  await clerk.getByTestId('confirm').click();
  await expect(judge.getByTestId('stage')).toHaveAttribute('data-stage', 'sealed');
  await clerk.screenshot({ path: test.info().outputPath('sealed.png') });

  const paper = await (await clerk.request.get(new URL('papers/record.html', clerk.url()).href)).text();
  for (const says of ['（第2次）', '录音录像替代笔录', digest]) expect(paper).toContain(says);
  await clerk.getByTestId('write-package').click();
  await expect(clerk.getByTestId('package-zip')).toBeVisible({ timeout: 120_000 });
  const zip = join(mkdtempSync('/tmp/huiting-package-'), 'package.zip');
  writeFileSync(zip, await (await clerk.request.get(new URL('package.zip', clerk.url()).href)).body());
  expect(execFileSync(BINARY, ['verify', zip], { encoding: 'utf8' })).toContain('WHOLE');
});
