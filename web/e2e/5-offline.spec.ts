import { expect, type Page } from '@playwright/test';
import { opened, seated } from './desks';
import { type House, test } from './house';

let utterance = 10_000;

const of = (page: Page, id: string) => page.locator(`[data-testid=line][data-line="${id}"]`);
const reads = (page: Page, id: string) => of(page, id).getByTestId('line-text');

/** Lines that settle one after the other; gives their numbers. */
async function said(house: House, clerk: Page, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) {
    const now = house.now();
    house.recogniser.settle({ seat: 'plaintiff', utterance: (utterance += 1), from: now, to: now + 1, text });
    const line = clerk.getByTestId('line').filter({ hasText: text });
    await expect(line).toHaveCount(1);
    ids.push((await line.getAttribute('data-line')) ?? '');
  }
  return ids;
}

/** Corrects a line to `text` from the keyboard, once it has been chosen. */
async function correct(clerk: Page, id: string, text: string): Promise<void> {
  await of(clerk, id).click();
  await clerk.keyboard.press('F2');
  await expect(clerk.getByTestId('line-editor')).toBeFocused();
  await clerk.keyboard.press('Control+A');
  await clerk.keyboard.insertText(text);
  await clerk.keyboard.press('Enter');
  await expect(clerk.getByTestId('line-editor')).toHaveCount(0);
}

const down = (clerk: Page) => expect(clerk.getByText('与庭审主机的连接中断').first()).toBeVisible();

test('what is corrected while the line is down is written when it is back, also by a page that was loaded anew; what changed meanwhile is shown beside it', async ({ house, chair }) => {
  const cable = await house.cable();
  const judge = await chair('judge');
  const [clerk, second] = [await chair('clerk', cable), await chair('clerk')];
  await opened(judge);
  const ids = await said(house, clerk, ['离线第一行', '离线第二行', '离线第三行']);
  const [first, next, contested] = ids as [string, string, string];

  // In the same page.
  cable.cut();
  await down(clerk);
  await correct(clerk, first, '离线时改的第一行');
  await correct(clerk, next, '离线时改的第二行');
  await expect(clerk.getByTestId('waiting')).toHaveCount(2);
  // What waits can be written on.
  await correct(clerk, next, '离线时又改的第二行');
  await expect(of(clerk, next).getByTestId('waiting')).toHaveText('离线时又改的第二行');
  cable.mend();
  await expect(clerk.getByTestId('waiting')).toHaveCount(0);
  for (const page of [clerk, second, judge]) {
    await expect(reads(page, first)).toHaveText('离线时改的第一行');
    await expect(reads(page, next)).toHaveText('离线时又改的第二行');
  }
  await expect(of(second, first)).toHaveAttribute('data-revision', '1');

  // And in one that was loaded anew meanwhile.
  const address = clerk.url();
  cable.cut();
  await down(clerk);
  await correct(clerk, first, '第一行再改');
  await correct(clerk, next, '第二行再改');
  await correct(clerk, contested, '书记员甲写的第三行');
  await correct(second, contested, '书记员乙写的第三行');
  await expect(reads(judge, contested)).toHaveText('书记员乙写的第三行');
  await expect(clerk.reload()).rejects.toThrow();
  await clerk.waitForURL('chrome-error://chromewebdata/');
  cable.mend();
  await clerk.goto(address);
  await seated(clerk, 'clerk');
  for (const page of [clerk, second, judge]) {
    await expect(reads(page, first)).toHaveText('第一行再改');
    await expect(reads(page, next)).toHaveText('第二行再改');
  }
  await expect(of(second, first)).toHaveAttribute('data-revision', '2');
  // Both versions stand there, and the record is as it was.
  await expect(of(clerk, contested).getByTestId('refused')).toContainText('书记员甲写的第三行');
  await expect(reads(clerk, contested)).toHaveText('书记员乙写的第三行');
  await expect(reads(judge, contested)).toHaveText('书记员乙写的第三行');
  await expect(clerk.getByTestId('refused-left')).toBeVisible();
  // Nobody has decided: it is still there when the page is loaded anew.
  await clerk.reload();
  await seated(clerk, 'clerk');
  await expect(of(clerk, contested).getByTestId('refused')).toContainText('书记员甲写的第三行');

  await clerk.keyboard.press('F4');
  const editor = clerk.getByTestId('line-editor');
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue('书记员甲写的第三行');
  await expect(clerk.getByTestId('conflict')).toContainText('书记员乙写的第三行');
  await clerk.keyboard.press('Enter');
  await expect(reads(judge, contested)).toHaveText('书记员甲写的第三行');
  await expect(clerk.getByTestId('refused')).toHaveCount(0);
});

test('a correction whose answer was lost is made once', async ({ house, chair }) => {
  const cable = await house.cable();
  const judge = await chair('judge');
  const clerk = await chair('clerk', cable);
  await opened(judge);
  const [line] = (await said(house, clerk, ['答复丢失的一行'])) as [string];
  const address = clerk.url();
  await of(clerk, line).click();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').fill('答复丢失后仍只写一次');
  cable.loseAnswers();
  await clerk.keyboard.press('Enter');
  await expect(reads(judge, line)).toHaveText('答复丢失后仍只写一次');
  cable.cut();
  await expect(of(clerk, line).getByTestId('waiting')).toHaveText('答复丢失后仍只写一次');
  await expect(clerk.reload()).rejects.toThrow();
  await clerk.waitForURL('chrome-error://chromewebdata/');
  cable.mend();
  await clerk.goto(address);
  await seated(clerk, 'clerk');
  await expect(reads(clerk, line)).toHaveText('答复丢失后仍只写一次');
  await expect(clerk.getByTestId('waiting')).toHaveCount(0);
  await expect(clerk.getByTestId('refused')).toHaveCount(0);
  await expect(clerk.getByTestId('line-editor')).toHaveCount(0);
  await expect(of(judge, line)).toHaveAttribute('data-revision', '1');
});

test('two clerks at one line: the later one is shown both versions and decides', async ({ house, chair }) => {
  const judge = await chair('judge');
  const [one, other] = [await chair('clerk'), await chair('clerk')];
  await opened(judge);
  const [line] = (await said(house, one, ['两人同改的一行'])) as [string];
  for (const [mine, key, stands] of [['先写的甲', 'Escape', '后写的乙'], ['再写的甲', 'Enter', '再写的甲']] as const) {
    await of(one, line).click();
    await one.keyboard.press('F2');
    await one.getByTestId('line-editor').fill(mine);
    await correct(other, line, mine === '先写的甲' ? '后写的乙' : '又写的乙');
    await one.keyboard.press('Enter');
    await expect(one.getByTestId('conflict')).toContainText(mine === '先写的甲' ? '后写的乙' : '又写的乙');
    await expect(one.getByTestId('line-editor')).toHaveValue(mine);
    await expect(one.getByTestId('line-editor')).toBeFocused();
    await one.keyboard.press(key);
    await expect(one.getByTestId('line-editor')).toHaveCount(0);
    for (const page of [one, other, judge]) await expect(reads(page, line)).toHaveText(stands);
  }
});
