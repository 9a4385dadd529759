import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join as joined } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { join, opened, test, writeOnPad } from './desks';

const SECRET = '密议乙丙丁';

/** From a desk of the hearing into the meeting, in a window of its own. */
async function enter(page: Page): Promise<Page> {
  await page.getByTestId('settings').click();
  await page.getByTestId('meet').click();
  const window = page.context().waitForEvent('page');
  await page.getByTestId('enter-meeting').last().click();
  const meeting = await window;
  await expect(meeting.getByTestId('screen-meeting')).toBeVisible();
  return meeting;
}

async function vote(page: Page, choice: string, grounds: string): Promise<void> {
  await page.keyboard.press('F8');
  await expect(page.getByTestId('question-1')).toBeFocused();
  await page.keyboard.press(choice);
  await expect(page.getByTestId('grounds-1')).toBeFocused();
  await page.keyboard.type(grounds);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('vote-1')).toContainText('改变表决');
}

async function sign(page: Page): Promise<void> {
  await page.getByTestId('sign-own').click();
  await writeOnPad(page);
  await page.getByTestId('settle-do').click();
  await expect(page.getByTestId('settle')).toHaveCount(0);
}

test('the panel deliberates alone, votes, signs and files its minutes, and no other desk learns of it', async ({ sit, browser }) => {
  test.setTimeout(180_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const outside: string[] = [];
  for (const seat of ['plaintiff', 'public'] as const) {
    const page = await sit(seat);
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => outside.push(String(payload))));
    await page.reload();
  }
  // The members sit at their desks before the meeting is convened: who comes by a later link is not let in.
  const members: Page[] = [];
  for (const name of ['吴海燕', '郑文', '吴清', '郑和']) members.push((await join(browser, clerk, name)).page);
  for (const member of members) await expect(member.getByTestId('screen-judge')).toBeVisible();

  await judge.getByTestId('settings').click();
  await judge.getByTestId('meet').click();
  await judge.getByTestId('convene').click();
  await expect(judge.getByTestId('meeting')).toHaveCount(1);
  await judge.keyboard.press('Escape');

  const chair = await enter(judge);
  const recorder = await enter(clerk);
  const inside: Page[] = [];
  for (const member of members) inside.push(await enter(member));
  for (const page of [chair, recorder, ...inside]) await page.getByTestId('arrive').click();
  await chair.getByTestId('open-meeting').click();
  await expect(recorder.getByTestId('stage')).toHaveAttribute('data-stage', 'inSession');

  // The dossier is at hand, and a page goes to the members alone.
  await chair.getByTestId('tab-dossier').click();
  await chair.getByTestId('doc').nth(1).click();
  await expect(chair.getByTestId('sheet')).toHaveAttribute('data-painted', 'yes');
  await chair.keyboard.press('F9');
  await expect(inside[0]!.getByTestId('sheet')).toHaveAttribute('data-painted', 'yes');

  // Turn by turn: the recorder types what is said, a member what they think.
  await recorder.keyboard.press('F6');
  await expect(chair.getByTestId('members')).toBeHidden();
  await recorder.keyboard.press('F3');
  await recorder.getByTestId('composer-text').fill(`${SECRET}：借款事实成立，应予支持。`);
  await recorder.keyboard.press('Enter');
  await inside[1]!.keyboard.press('F3');
  await inside[1]!.getByTestId('composer-text').fill(`${SECRET}：同意承办人意见。`);
  await inside[1]!.keyboard.press('Enter');
  await expect(chair.getByTestId('line')).toHaveCount(2);

  // What the recorder is writing stays in the page: a browser keeps its session on a disk.
  await recorder.getByTestId('line').first().dblclick();
  await recorder.getByTestId('line-editor').fill(`${SECRET}：没有写完`);
  expect(await recorder.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).not.toContain(SECRET);
  await recorder.keyboard.press('Escape');
  await expect(recorder.getByTestId('line-editor')).toHaveCount(0);

  // A question, five votes by keys, the conclusion, the minority with its grounds.
  await chair.getByTestId('tab-votes').click();
  await chair.getByTestId('put-open').click();
  await chair.getByTestId('put-text').fill(`${SECRET}的利息请求是否支持`);
  await chair.getByTestId('put-options').fill('支持\n驳回');
  await chair.getByTestId('put-do').click();
  for (const page of inside) await expect(page.getByTestId('tab-votes')).toContainText('1');
  for (const [i, page] of inside.entries()) await vote(page, i === 3 ? '2' : '1', `${SECRET}理由${i}`);
  await chair.getByTestId('settle-1').click();
  await expect(chair.getByTestId('notices')).toContainText('还有 1 人没有表决');
  await vote(chair, '1', `${SECRET}理由五`);
  await expect(chair.getByTestId('outcome-1')).toContainText('5/5');
  for (const [width, height] of [[1366, 768], [1920, 1080]] as const) {
    await chair.setViewportSize({ width, height });
    await chair.screenshot({ path: test.info().outputPath(`votes-${width}.png`) });
  }
  await chair.getByTestId('settle-1').click();
  await expect(recorder.getByTestId('stage')).toBeVisible();
  await recorder.keyboard.press('F8');
  await expect(recorder.getByTestId('question-1')).toHaveAttribute('data-outcome', 'carried');
  await expect(recorder.getByTestId('questions')).toContainText('少数意见');

  // The end: everybody signs, the minutes are sealed and filed.
  await chair.getByTestId('close-meeting').click();
  await chair.getByTestId('confirm').click();
  for (const page of [...inside, chair, recorder]) await sign(page);
  await recorder.setViewportSize({ width: 1366, height: 768 });
  await recorder.screenshot({ path: test.info().outputPath('signed.png') });
  await recorder.getByTestId('seal').click();
  await recorder.getByTestId('confirm').click();
  await recorder.getByTestId('file-minutes').click();
  await expect(recorder.getByTestId('filed')).toContainText('评议笔录');
  const minutes = await recorder.request.get(new URL('papers/deliberation.pdf', recorder.url()).href);
  expect(minutes.ok()).toBeTruthy();
  const file = joined(mkdtempSync('/tmp/huiting-minutes-'), 'minutes.pdf');
  writeFileSync(file, await minutes.body());
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  for (const says of ['合议庭评议笔录', '少数意见', '应予支持', '理由五', '手写签名']) expect(text).toContain(says);

  // Outside: nothing said, nothing asked, nothing to find.
  const plaintiff = await sit('plaintiff');
  expect(await (await plaintiff.request.get(new URL('api/meetings', plaintiff.url()).href)).json()).toEqual([]);
  await plaintiff.getByTestId('settings').click();
  await expect(plaintiff.getByTestId('meet')).toHaveCount(0);
  const id = new URL(chair.url()).pathname.split('/')[2] ?? '';
  expect(id).toMatch(/^[0-9a-f]{30}$/);
  expect(outside.length).toBeGreaterThan(0);
  for (const secret of [SECRET, id]) expect(outside.join('\n')).not.toContain(secret);
});
