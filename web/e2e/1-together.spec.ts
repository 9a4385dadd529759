import { expect } from '@playwright/test';
import { opened, painted, project, standardText, test } from './desks';

test('before the hearing the check is at hand at judge and clerk, in the language of the desk', async ({ sit }) => {
  const clerk = await sit('clerk');
  await clerk.getByTestId('check-open').click();
  const items = clerk.getByTestId('check').locator('li');
  await expect(items).toHaveCount(8);
  // The check is a true one: the disk of this machine may have room for a day's recording or not.
  await expect(clerk.getByTestId('check')).toContainText(/磁盘可录 \d+ 小时|磁盘只够再录 \d+ 分钟/);
  await clerk.keyboard.press('Escape');
  await clerk.getByTestId('language').click();
  await clerk.getByTestId('check-open').click();
  await expect(clerk.getByTestId('check')).toContainText(/Room for \d+ (hours|minutes) of recording/);
  await expect(clerk.getByTestId('check')).not.toContainText(/[\u4e00-\u9fff]/);
  await clerk.keyboard.press('Escape');
  await clerk.getByTestId('language').click();
});

test('four desks and the wall see the same page, the same marks and the same lines', async ({ sit }) => {
  const [judge, clerk, plaintiff, defendant, wall] = await Promise.all((['judge', 'clerk', 'plaintiff', 'defendant', 'public'] as const).map((s) => sit(s)));
  if (!judge || !clerk || !plaintiff || !defendant || !wall) throw new Error('a desk is missing');
  await opened(judge);

  const doc = await project(judge, 1);
  for (const desk of [judge, clerk, plaintiff, defendant, wall]) {
    await expect(desk.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
    await painted(desk);
  }
  await expect(judge.getByTestId('confirmed')).toHaveAttribute('data-all', 'yes');

  await plaintiff.getByTestId('ask-present').click();
  await expect(judge.getByTestId('request').filter({ hasNot: judge.locator('.settled') }).first()).toBeVisible();
  await judge.keyboard.press('F6');
  await expect(plaintiff.getByTestId('tool-box')).toBeVisible();

  const before = await judge.getByTestId('mark').count();
  await plaintiff.getByTestId('tool-box').click();
  const sheet = await plaintiff.getByTestId('mark-glass').boundingBox();
  if (!sheet) throw new Error('there is no page to mark');
  await plaintiff.mouse.move(sheet.x + sheet.width * 0.2, sheet.y + sheet.height * 0.2);
  await plaintiff.mouse.down();
  await plaintiff.mouse.move(sheet.x + sheet.width * 0.5, sheet.y + sheet.height * 0.25, { steps: 6 });
  await plaintiff.mouse.move(sheet.x + sheet.width * 0.6, sheet.y + sheet.height * 0.3, { steps: 6 });
  await plaintiff.mouse.up();
  for (const desk of [judge, clerk, plaintiff, defendant, wall]) await expect(desk.getByTestId('mark')).toHaveCount(before + 1);

  await judge.getByTestId('take-back').click();
  await expect(plaintiff.getByTestId('tool-box')).toHaveCount(0);

  // Whose mark the bench takes off is told so.
  await judge.getByTestId('mark-undo').click();
  for (const desk of [judge, plaintiff, wall]) await expect(desk.getByTestId('mark')).toHaveCount(before);
  await expect(plaintiff.getByText(/^审判长撤下了你在.+第\d+页的标注。$/)).toBeVisible();

  await standardText(clerk, 'qtql');
  await plaintiff.getByTestId('tab-record').click();
  await defendant.getByTestId('tab-record').click();
  const texts = async (desk: typeof judge) => desk.getByTestId('line-text').allTextContents();
  await expect(clerk.getByTestId('line-text').filter({ hasText: '全体起立' })).not.toHaveCount(0);
  const record = await texts(clerk);
  for (const desk of [judge, plaintiff, defendant]) await expect.poll(() => texts(desk)).toEqual(record);
  await expect(wall.getByTestId('line')).toHaveCount(0);

  // Looking around leaves the screens; returning comes back to them.
  await defendant.keyboard.press('PageDown');
  const moved = (await defendant.getByTestId('away').count()) > 0;
  if (moved) await defendant.getByTestId('return').click();
  await expect(defendant.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'yes');

  // 收屏: no page is left on the wall.
  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveCount(0);
});

test('a typed phrase brings the page with the words marked, for the judge alone until it is shown', async ({ sit }) => {
  const judge = await sit('judge');
  const wall = await sit('public');
  await opened(judge);
  await judge.getByTestId('search').fill('违约金');
  await expect(judge.getByTestId('hit').first()).toBeVisible();
  await expect(judge.getByTestId('hit').first().locator('mark')).not.toHaveCount(0);
  await judge.keyboard.press('Enter');
  await painted(judge);
  await expect(judge.locator('.found')).not.toHaveCount(0);
  await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'no');
  const doc = await judge.getByTestId('sheet').getAttribute('data-doc');
  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-doc', doc ?? '');
  await expect(wall.locator('.found')).not.toHaveCount(0);
});
