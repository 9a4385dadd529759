// The court's registry: a generated year in the indicators, and a case from the list through its file to another house.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { office } from './desks';

const HERE = dirname(process.env['HUITING_E2E_LINKS'] ?? '');
const DATA = join(HERE, 'data');
const ROOT = new URL('../../', import.meta.url).pathname;
const BINARY = join(ROOT, 'target/debug/huiting');

let admin: Page;

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  admin = await office(browser);
});

test('a generated year is imported by the page, and each figure opens the cases that make it', async () => {
  const year = join(HERE, 'year');
  run('/usr/bin/python3', 'fixtures/year/build.py', year);
  await admin.getByTestId('part-import').click();
  for (const says of [/240/, /0.+240/]) {
    await admin.getByTestId('import-file').setInputFiles(join(year, 'cases.csv'));
    await admin.getByTestId('import-do').click();
    await expect(admin.getByTestId('import-done')).toHaveText(says);
  }
  run('/usr/bin/python3', 'fixtures/year/build.py', year, '--into', join(DATA, 'huiting.sqlite'));
  const expected = JSON.parse(readFileSync(join(year, 'expected.json'), 'utf8')) as Record<string, Record<string, [number, number]>>;
  await admin.getByTestId('part-indicators').click();
  for (const month of ['2025-03', '2025-06', '2025-11']) {
    await admin.getByTestId('indicator-month').fill(month);
    await expect(admin.getByTestId('indicators')).toHaveAttribute('data-month', month);
    for (const [name, [over, under]] of Object.entries(expected[month] ?? {})) {
      await expect(admin.getByTestId(`indicator-${name}`)).toContainText(`${over} / ${under}`);
    }
  }
  const [, heard] = expected['2025-11']?.['courtroom'] ?? [0, 0];
  await admin.getByTestId('indicator-courtroom').getByRole('button').click();
  const rows = admin.getByTestId('indicator-cases').locator('tr');
  const counts = await rows.locator('.n').allTextContents();
  expect(counts.reduce((sum, text) => sum + Number(text.split('/')[1]), 0)).toBe(heard);
  const number = await rows.first().getByRole('button').textContent();
  await rows.first().getByRole('button').click();
  await expect(admin.locator('.case h2')).toContainText(number ?? 'a number');
});

test('a case goes from the list through its file into an archive that another house takes in and can search', async () => {
  const number = '（2026）清0102民初777号';
  const list = join(HERE, 'one.csv');
  writeFileSync(list, `案号,案由,程序,立案日期\n${number},民间借贷纠纷,简易程序,2026-03-02\n,无号,,\n`);
  await admin.getByTestId('part-import').click();
  await admin.getByTestId('import-file').setInputFiles(list);
  await admin.getByTestId('import-do').click();
  await expect(admin.getByTestId('import-faults')).toContainText('案号');
  await admin.getByTestId('part-cases').click();
  await admin.getByRole('button', { name: number }).click();
  await admin.getByTestId('lobby-dossier').click();
  await admin.getByTestId('deposit-file').setInputFiles(join(ROOT, 'target/fixtures/case/02-起诉状.pdf'));
  await admin.getByTestId('deposit').locator('button.primary').click();
  await expect(admin.locator('.docs li')).toContainText('起诉状');
  await expect(admin.locator('.docs .count')).toHaveText(/^(\d+)\/\1$/, { timeout: 45_000 });

  await admin.getByTestId('lobby-file').click();
  const main = admin.getByTestId('file-main');
  await expect(main).toContainText('自动归目');
  for (const heading of ['其他材料', '起诉状']) {
    await main.getByRole('button', { name: '改归目' }).click();
    await main.getByRole('textbox').fill(heading);
    await main.getByRole('button', { name: '改归目' }).click();
    await expect(main.locator('td').nth(1)).toHaveText(heading);
  }
  await expect(main, 'that a person moved it is kept').toContainText('已调整');
  await admin.getByTestId('retention').selectOption('long');
  await expect(admin.getByTestId('file-check')).toContainText('正卷缺');
  await expect(admin.getByTestId('archive')).toBeDisabled();
  for (const input of await admin.getByTestId('file-missing').locator('input').all()) await input.fill('准许撤诉，未形成');
  await expect(admin.locator('[data-property=complete]')).toHaveAttribute('data-ok', 'true');
  await admin.getByTestId('archive').click();
  const archived = admin.getByTestId('archived');
  await expect(archived).toContainText('核验通过');
  const name = /archive\/[\w-]+/.exec((await archived.textContent()) ?? '')?.[0] ?? '';
  const printed = await admin.request.get(`${admin.url().split('/admin')[0]}/admin/api/cases/${name.slice(8).split('-archive')[0]}/print/main.pdf`);
  expect((await printed.body()).subarray(0, 4).toString()).toBe('%PDF');

  const house = join(HERE, 'other-house');
  rmSync(house, { recursive: true, force: true });
  mkdirSync(house, { recursive: true });
  writeFileSync(join(house, 'huiting.toml'), `[storage]\ndata = "data"\n[dossier]\npdfium = "${join(ROOT, 'target/pdfium/libpdfium.so')}"\n`);
  const config = ['--config', join(house, 'huiting.toml')];
  expect(run(BINARY, ...config, 'case', 'restore', join(DATA, name))).toContain('1 documents');
  expect(existsSync(join(house, 'data', name))).toBe(true);
  expect(run(BINARY, 'verify', join(house, 'data', name))).toContain('WHOLE');
  const id = name.slice(8).split('-archive')[0] ?? '';
  expect(run(BINARY, ...config, 'dossier', 'search', id, '诉讼请求')).toContain('起诉状');
});

test('an account of a judge sees the indicators and is offered nothing else', async ({ browser }) => {
  await admin.getByTestId('part-people').click();
  await admin.getByTestId('account-name').fill('shenlan');
  await admin.getByTestId('account-person').fill('沈岚');
  await admin.getByTestId('account-role').selectOption('judge');
  await admin.getByTestId('account-password').fill('a long password');
  await admin.getByTestId('account-add').click();
  await expect(admin.getByTestId('accounts')).toContainText('沈岚');
  // On loopback there is no TLS, and so no terminal can be enrolled; the page says what to do.
  await expect(admin.getByTestId('terminals')).toContainText('[server] listen');
  await expect(admin.getByTestId('terminal-add')).toHaveCount(0);
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.goto(admin.url());
  await page.getByTestId('login-name').fill('shenlan');
  await page.getByTestId('login-password').fill('a long password');
  await page.getByTestId('login').locator('button').click();
  await expect(page.getByTestId('part-indicators')).toBeVisible();
  await expect(page.getByTestId('part-import')).toHaveCount(0);
  await expect(page.getByTestId('part-people')).toHaveCount(0);
  await page.getByTestId('logout').click();
  await expect(page.getByTestId('login')).toBeVisible();
});
