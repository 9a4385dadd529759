// Uses each one-time link once and keeps the sessions for the specs.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chromium, type FullConfig } from '@playwright/test';
import { SEATS, SEATS_DIR, type SeatName } from './desks';

export default async function join(config: FullConfig): Promise<void> {
  const file = process.env['HUITING_E2E_LINKS'];
  if (!file) throw new Error('HUITING_E2E_LINKS must name a JSON file with the seat links {judge, clerk, plaintiff, defendant, public, admin}');
  const links = JSON.parse(readFileSync(file, 'utf8')) as Record<SeatName | 'admin', string>;
  mkdirSync(SEATS_DIR, { recursive: true });
  const browser = await chromium.launch(config.projects[0]?.use.launchOptions);
  for (const seat of SEATS) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const response = await page.goto(links[seat]);
    if (!response?.ok()) throw new Error(`the link of ${seat} was refused: ${response?.status()} ${await response?.text()}`);
    await page.getByTestId(`screen-${seat === 'plaintiff' || seat === 'defendant' ? 'party' : seat}`).waitFor();
    await context.storageState({ path: `${SEATS_DIR}/${seat}.json` });
    writeFileSync(`${SEATS_DIR}/${seat}.url`, page.url());
    await context.close();
  }
  const office = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await office.newPage();
  await page.goto(links.admin);
  await page.getByTestId('parts').waitFor();
  await office.storageState({ path: `${SEATS_DIR}/admin.json` });
  writeFileSync(`${SEATS_DIR}/admin.url`, page.url());
  await browser.close();
}
