import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { opened, standardText, test, writeOnPad as write } from './desks';

const ROOT = new URL('../../', import.meta.url).pathname;
const BINARY = join(ROOT, 'target/debug/huiting');
const lineOf = (page: Page, id: string): Locator => page.locator(`[data-testid=line][data-line="${id}"]`);

async function asks(page: Page, line: string, text: string, why: string): Promise<void> {
  await lineOf(page, line).click();
  await lineOf(page, line).getByTestId('ask-correct').click();
  await page.getByTestId('correct-why').fill(why);
  await page.getByTestId('line-editor').fill(text);
  await page.getByTestId('line-editor').press('Enter');
  await expect(page.getByTestId('line-editor')).toHaveCount(0);
}

test('the record is checked, corrected, signed by each in their own way, sealed, packed and whole', async ({ sit }) => {
  test.setTimeout(240_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  const defendant = await sit('defendant');
  await opened(judge);
  const line = await standardText(clerk, 'bgsp');
  for (const seat of ['plaintiff', 'defendant']) {
    await clerk.getByRole('tab').first().click();
    await clerk.getByTestId(`present-${seat}`).check();
  }
  await judge.getByTestId('close-session').click();
  await judge.getByTestId('confirm').click();
  await expect(judge.getByTestId('stage')).toHaveAttribute('data-stage', 'closed');

  // One application is granted, one refused with its reason; while one is open there is no seal.
  const sign = clerk.getByTestId('sign');
  await expect(sign).toBeVisible();
  await asks(plaintiff, line, '报告审判长：双方均已到庭。', '漏记被告到庭');
  await asks(defendant, line, '报告审判长：被告未到庭。', '被告代理人中途到庭');
  await expect(clerk.getByTestId('request')).toHaveCount(2);
  await expect(clerk.getByTestId('seal')).toBeDisabled();
  await clerk.keyboard.press('F6');
  await expect(lineOf(plaintiff, line).getByTestId('line-text')).toHaveText('报告审判长：双方均已到庭。');
  await clerk.keyboard.press('Shift+F6');
  await clerk.getByTestId('refuse-why').fill('经回放录音，无误');
  await clerk.getByTestId('refuse-why').press('Enter');
  await expect(clerk.getByTestId('request')).toHaveCount(0);

  // Who has signed must sign again once a line is changed.
  await plaintiff.getByTestId('sign-own').click();
  await expect(plaintiff.getByTestId('settle-do')).toBeDisabled();
  await write(plaintiff);
  await plaintiff.screenshot({ path: test.info().outputPath('pad-party.png') });
  await plaintiff.getByTestId('settle-do').click();
  const standing = (seat: string) => clerk.getByTestId(`signature-${seat}`);
  await expect(standing('plaintiff')).toHaveAttribute('data-standing', 'signed');
  await lineOf(clerk, line).click();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').fill('报告审判长：双方均已到庭，可以开庭。');
  await clerk.getByTestId('line-editor').press('Enter');
  await expect(standing('plaintiff')).toHaveAttribute('data-standing', 'stale');
  await plaintiff.getByTestId('sign-own').click();
  await write(plaintiff);
  await plaintiff.getByTestId('settle-do').click();
  await expect(standing('plaintiff')).toHaveAttribute('data-standing', 'signed');

  // The defendant refuses at the desk, with the reason.
  await defendant.getByTestId('sign-own').click();
  await defendant.getByTestId('way-refuse').click();
  await defendant.getByTestId('refuse-reason').fill('对到庭情况的记载有异议');
  await defendant.getByTestId('settle-do').click();
  await expect(standing('defendant')).toHaveAttribute('data-standing', 'refused');

  await judge.getByTestId('sign-own').click();
  await write(judge);
  await judge.getByTestId('settle-do').click();
  await expect(standing('judge')).toHaveAttribute('data-standing', 'signed');

  // Everybody without a desk here: one on paper that is scanned, one refusal that a judge attests, the others on the clerk's pad.
  const waiting = async () => sign.locator('li:not([data-standing=signed]):not([data-standing=refused])').evaluateAll((all) => all.map((li) => (li.getAttribute('data-testid') ?? '').replace('signature-', '')));
  const left = (await waiting()).filter((s) => s !== 'clerk');
  const scan = join(mkdtempSync('/tmp/scan-'), 'signed.pdf');
  const printed = await clerk.request.get(new URL('papers/record.pdf', clerk.url()).href);
  writeFileSync(scan, await printed.body());
  const [onPaper, ...others] = left;
  if (!onPaper) throw new Error('nobody is left to sign on paper');
  await clerk.getByTestId(`settle-${onPaper}`).click();
  await clerk.getByTestId('way-paper').click();
  await clerk.getByTestId('scan-file').setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('no scan') });
  await clerk.getByTestId('settle-do').click();
  await expect(clerk.getByTestId('settle').getByRole('alert')).toContainText('PDF');
  await clerk.getByTestId('scan-file').setInputFiles(scan);
  await clerk.getByTestId('settle-do').click();
  await expect(standing(onPaper)).toHaveAttribute('data-standing', 'signed');
  const party = others.find((s) => !s.startsWith('judge'));
  if (party) {
    await clerk.getByTestId(`settle-${party}`).click();
    await clerk.getByTestId('way-refuse').click();
    await clerk.getByTestId('refuse-reason').fill('当庭离开');
    await clerk.getByTestId('settle-do').click();
    await expect(standing(party)).toHaveAttribute('data-standing', 'unattested');
    await expect(clerk.getByTestId('seal')).toBeDisabled();
    await judge.getByTestId(`attest-${party}`).click();
    await expect(standing(party)).toHaveAttribute('data-standing', 'refused');
  }
  for (const seat of others.filter((s) => s !== party)) {
    await clerk.getByTestId(`settle-${seat}`).click();
    await write(clerk);
    await clerk.getByTestId('settle-do').click();
    await expect(standing(seat)).toHaveAttribute('data-standing', 'signed');
  }
  await clerk.getByTestId('sign-own').click();
  await write(clerk);
  await clerk.getByTestId('settle-do').click();
  await expect(clerk.getByTestId('seal')).toBeEnabled();
  for (const [name, page] of [['clerk', clerk], ['judge', judge], ['defendant', defendant]] as const) {
    for (const [width, height] of [[1920, 1080], [1366, 768]] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: test.info().outputPath(`${name}-${width}.png`) });
    }
  }
  await clerk.getByTestId('seal').click();
  await clerk.getByTestId('confirm').click();
  await expect(judge.getByTestId('stage')).toHaveAttribute('data-stage', 'sealed');

  const paper = await (await clerk.request.get(new URL('papers/record.html', clerk.url()).href)).text();
  for (const says of ['手写签名', '纸质签名', '拒绝签名：对到庭情况的记载有异议']) expect(paper).toContain(says);
  await clerk.getByTestId('write-package').click();
  await expect(clerk.getByTestId('package-zip')).toBeVisible({ timeout: 120_000 });
  const zip = await clerk.request.get(new URL('package.zip', clerk.url()).href);
  const dir = mkdtempSync('/tmp/package-');
  writeFileSync(join(dir, 'package.zip'), await zip.body());
  execFileSync('/usr/bin/python3', ['-m', 'zipfile', '-e', join(dir, 'package.zip'), dir]);
  const root = join(dir, readdirSync(dir).find((n) => n !== 'package.zip') ?? '');
  expect(execFileSync(BINARY, ['verify', root], { encoding: 'utf8' })).toContain('WHOLE');
  expect(readdirSync(join(root, 'data/scans'))).toHaveLength(1);
});
