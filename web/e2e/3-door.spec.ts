import { expect, test } from '@playwright/test';
import { addressOf, SEATS, SEATS_DIR } from './desks';

test('a wrong seat code is refused with a sentence', async ({ browser }) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const response = await page.goto(`${addressOf('judge')}join?code=AAAA-AAAA`);
  expect(response?.status()).toBeGreaterThanOrEqual(400);
  await expect(page.locator('body')).not.toBeEmpty();
  await expect(page.getByTestId('screen-judge')).toHaveCount(0);
});

test('without a session no seat gives its dossier', async ({ browser }) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  for (const seat of SEATS) {
    const response = await context.request.get(`${addressOf(seat)}api/dossier`);
    expect(response.status(), seat).toBeGreaterThanOrEqual(400);
  }
});

test('the session of one seat does not open another', async ({ browser }) => {
  const context = await browser.newContext({ storageState: `${SEATS_DIR}/plaintiff.json`, ignoreHTTPSErrors: true });
  expect((await context.request.get(`${addressOf('plaintiff')}api/dossier`)).ok()).toBe(true);
  expect((await context.request.get(`${addressOf('judge')}api/dossier`)).status()).toBeGreaterThanOrEqual(400);
});
