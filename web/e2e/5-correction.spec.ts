import { expect } from '@playwright/test';
import { opened, seated, standardText, test } from './desks';

test('the clerk’s correction survives a reload, at every desk', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  await opened(judge);
  const id = await standardText(clerk, 'bgsp');
  const of = (page: typeof clerk) => page.locator(`[data-testid=line][data-line="${id}"]`);
  await of(clerk).click();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').fill('报告审判长，双方均已到庭，伍万元。');
  await clerk.keyboard.press('Enter');
  // The inserted text is the first layer, the correction the second.
  await expect(of(clerk)).toHaveAttribute('data-revision', '2');
  for (const desk of [clerk, judge]) {
    await desk.reload();
    await seated(desk, desk === clerk ? 'clerk' : 'judge');
    await expect(of(desk).getByTestId('line-text')).toHaveText('报告审判长，双方均已到庭，伍万元。');
  }
  await plaintiff.getByTestId('tab-record').click();
  await expect(of(plaintiff).getByTestId('line-text')).toHaveText('报告审判长，双方均已到庭，伍万元。');
});

test('speech the clerk has taken over is not overwritten by what the machine settles on later', async ({ sit }) => {
  test.setTimeout(180_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const rehearse = judge.getByTestId('rehearse');
  const can = await rehearse.waitFor({ timeout: 5_000 }).then(() => true, () => false);
  test.skip(!can, 'this server has no rehearsal to speak');
  await rehearse.click();

  const partial = clerk.getByTestId('partial').first();
  await partial.waitFor({ timeout: 60_000 });
  await clerk.keyboard.press('Shift+F2');
  const editor = clerk.getByTestId('line-editor');
  await expect(editor).toBeVisible();
  await editor.fill('书记员接管的一句');
  await clerk.keyboard.press('Enter');
  await expect(editor).toHaveCount(0);
  const mine = clerk.getByTestId('line').filter({ hasText: '书记员接管的一句' });
  await expect(mine).toHaveCount(1);

  // The machine goes on hearing: a later line settles, and ours still reads as the clerk wrote it.
  const lines = await clerk.getByTestId('line').count();
  await expect.poll(() => clerk.getByTestId('line').count(), { timeout: 90_000 }).toBeGreaterThan(lines);
  await expect(mine.getByTestId('line-text')).toHaveText('书记员接管的一句');
  await clerk.reload();
  await seated(clerk, 'clerk');
  await expect(mine.getByTestId('line-text')).toHaveText('书记员接管的一句');
  await rehearse.click();
  // What was said settles here, and in no other spec.
  await expect(clerk.getByTestId('partial')).toHaveCount(0, { timeout: 60_000 });
});
