import { expect } from '@playwright/test';
import { opened, painted, test } from './desks';

test('the clerk freezes the document camera, and its picture is a page that every screen can show', async ({ sit }) => {
  const [judge, clerk, wall] = [await sit('judge'), await sit('clerk'), await sit('public')];
  await opened(judge);
  await clerk.getByTestId('tab-dossier').click();
  await clerk.getByTestId('deposit-open').click();
  const freeze = clerk.getByTestId('freeze');
  await expect(freeze).toBeVisible();
  // The first pictures of the recording are on their way.
  await expect(async () => {
    await freeze.click();
    await expect(clerk.getByTestId('frozen')).toBeVisible({ timeout: 2_000 });
  }).toPass();
  const title = await clerk.getByTestId('deposit').getByLabel('名称').inputValue();
  expect(title).toMatch(/^实物展台画面 \d\d:\d\d:\d\d$/);
  await clerk.getByTestId('deposit').locator('button.primary').click();
  await expect(clerk.getByTestId('deposit').getByRole('status')).toContainText('已加入 1 份');
  await clerk.keyboard.press('Escape');

  const entry = judge.getByTestId('doc').filter({ hasText: title });
  await expect(entry).toBeVisible();
  const doc = await entry.getAttribute('data-doc');
  await entry.click();
  await expect(judge.getByTestId('sheet')).toHaveAttribute('data-doc', doc ?? '');
  await painted(judge);
  if ((await judge.getByTestId('evidence-pane').getAttribute('data-live')) === 'no') await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-doc', doc ?? '');
  await painted(wall);
  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveCount(0);
});
