import { expect, type Page } from '@playwright/test';
import { opened, painted } from './desks';
import { test } from './house';

const CASE = new URL('../../target/fixtures/case/', import.meta.url).pathname;
const OURS = ['12-原告证据一-借款合同.pdf', '11-原告证据目录.pdf'];
const THEIRS = ['06-答辩状.pdf', '17-被告证据目录.pdf'];

test('every spoken command does what it says, and is taken back', async ({ house, chair }) => {
  test.setTimeout(300_000);
  house.file('plaintiff', OURS.map((f) => CASE + f));
  house.file('defendant', THEIRS.map((f) => CASE + f));
  const judge = await chair('judge');
  await opened(judge);
  const plaintiff = await chair('plaintiff');
  const clerk = await chair('clerk');
  await expect(judge.getByTestId('doc')).toHaveCount(OURS.length + THEIRS.length);
  const spoken: string[] = [];
  let shot = 0;
  const look = async (): Promise<void> => {
    shot += 1;
    await judge.screenshot({ path: `test-results/commands-${String(shot).padStart(2, '0')}.png` });
  };
  const say = async (text: string): Promise<void> => {
    spoken.push(text);
    house.recogniser.command('judge', house.now(), text);
    await expect(judge.getByTestId('heard').locator('q')).toHaveText(text);
  };
  const sheet = judge.getByTestId('sheet');
  const halves = judge.getByTestId('half');
  const live = judge.getByTestId('evidence-pane');

  // A page, and back.
  await say('打开借款合同');
  await painted(judge);
  await expect(sheet).toHaveAttribute('data-page', '1');
  const contract = await sheet.getAttribute('data-doc');
  await say('今天天气不错');
  await expect(judge.getByTestId('outcome')).toContainText('没有听懂');
  // Of the page that is looked at here alone.
  await say('第三页');
  await expect(sheet).toHaveAttribute('data-page', '3');
  await look();
  await say('撤销');
  await expect(sheet).toHaveAttribute('data-page', '1');
  await say('往后翻两页');
  await expect(sheet).toHaveAttribute('data-page', '3');
  await judge.keyboard.press('Alt+Z');
  await expect(sheet).toHaveAttribute('data-page', '1');

  // Its size and how it is turned.
  const percent = judge.getByTestId('zoom-percent');
  const usual = await percent.textContent();
  await say('放大');
  await expect(percent).not.toHaveText(usual ?? '');
  await say('转过来');
  await say('撤销。');
  await say('不对');
  await expect(percent).toHaveText(usual ?? '');

  // Two beside each other.
  await say('和答辩状比对');
  await expect(halves).toHaveCount(2);
  await look();
  await judge.getByTestId('undo-spoken').click();
  await expect(halves).toHaveCount(1);
  await expect(sheet).toHaveAttribute('data-doc', contract ?? '');

  // The screens, the lock, who presents.
  await say('投屏');
  await expect(live).toHaveAttribute('data-live', 'yes');
  await expect(plaintiff.getByTestId('sheet')).toHaveAttribute('data-doc', contract ?? '');
  await say('撤销');
  await expect(live).toHaveAttribute('data-live', 'no');
  await say('大家看屏幕');
  await expect(live).toHaveAttribute('data-live', 'yes');
  await say('收屏');
  await expect(live).toHaveAttribute('data-live', 'no');
  await say('错了');
  await expect(live).toHaveAttribute('data-live', 'yes');
  const lock = judge.getByTestId('lock');
  await say('锁定画面');
  await expect(lock).toHaveAttribute('aria-pressed', 'true');
  await say('撤销');
  await expect(lock).toHaveAttribute('aria-pressed', 'false');
  await say('由原告操作');
  await expect(judge.getByTestId('take-back')).toBeVisible();
  await say('收回');
  await expect(judge.getByTestId('presenter')).toBeVisible();
  await say('撤销');
  await expect(judge.getByTestId('take-back')).toBeVisible();
  await say('由被告操作');
  await expect(judge.getByTestId('not-done')).toBeVisible();
  await look();
  await say('收回');

  // Found, marked, and unmarked.
  await say('在借款合同里找违约金');
  await expect(judge.getByTestId('hit').first()).toHaveAttribute('data-doc', contract ?? '');
  await painted(judge);
  await say('划出来');
  await expect(judge.getByTestId('mark')).toHaveCount(1);
  await look();
  await say('撤销');
  await expect(judge.getByTestId('mark')).toHaveCount(0);

  // Two readings, as nobody presents: a key each.
  await say('收屏');
  await say('证据目录');
  await expect(judge.locator('.choice')).toHaveCount(2);
  await look();
  await judge.keyboard.press('2');
  await expect(sheet).not.toHaveAttribute('data-doc', contract ?? '');
  await judge.keyboard.press('Alt+Z');
  await expect(sheet).toHaveAttribute('data-doc', contract ?? '');

  // A line for the record, by the key.
  await say('记明，被告当庭认可收到借款');
  await expect(judge.getByTestId('note')).toBeFocused();
  await expect(judge.getByTestId('note')).toHaveValue('记明：被告当庭认可收到借款');
  await look();
  await judge.keyboard.press('Enter');
  await expect(clerk.getByTestId('line').filter({ hasText: '记明：被告当庭认可收到借款' })).toBeVisible();
  await say('记明');
  await expect(judge.getByTestId('note-keep')).toBeDisabled();
  await judge.keyboard.press('Escape');

  // What was said last is played.
  await say('回放刚才那句');
  await expect(judge.locator('.playback video')).toBeAttached();

  // 宣判, 休庭: asked first.
  for (const act of ['宣判', '休庭']) {
    await say(act);
    await expect(judge.getByTestId('confirm')).toBeVisible();
    await look();
    await judge.keyboard.press('Escape');
    await expect(judge.getByTestId('confirm')).toBeHidden();
  }
  await expect(judge.getByTestId('stage')).toHaveAttribute('data-stage', 'inSession');

  // None of it stands in the record.
  const record = await words(clerk);
  for (const text of spoken.filter((s) => s.length > 4)) expect(record).not.toContain(text);
});

async function words(desk: Page): Promise<string> {
  return (await desk.getByTestId('line-text').allTextContents()).join('\n');
}

test('a search is narrowed to a side, to a document, to the very characters', async ({ house, chair }) => {
  test.setTimeout(120_000);
  const judge = await chair('judge');
  if ((await judge.getByTestId('doc').count()) === 0) house.file('plaintiff', OURS.map((f) => CASE + f));
  const [field, hits] = [judge.getByTestId('search'), judge.getByTestId('hit')];
  await field.fill('五万');
  await expect(hits.first()).toBeVisible();
  const everywhere = await hits.count();

  await field.fill('被告：五万');
  await expect(judge.getByTestId('search-within')).toContainText('被告的材料');
  await expect.poll(() => hits.count()).toBeLessThan(everywhere);
  await judge.screenshot({ path: 'test-results/search-side.png' });
  await judge.getByTestId('search-within').click();
  await expect(field).toHaveValue('五万');
  await expect(hits).toHaveCount(everywhere);

  await judge.getByTestId('search-scope').selectOption('plaintiff');
  await expect.poll(() => hits.count()).toBeLessThan(everywhere);
  await judge.screenshot({ path: 'test-results/search-scope.png' });
  await judge.getByTestId('search-scope').selectOption('');

  await field.fill('在借款合同里找违约金');
  await expect(judge.getByTestId('search-within')).toContainText('借款合同');
  // Heard alike, but not written so.
  await field.fill('维约金');
  await expect(judge.getByText('同音').first()).toBeVisible();
  await field.fill('「维约金」');
  await expect(hits).toHaveCount(0);
  await field.fill('「违约金」');
  await expect(hits.first()).toBeVisible();
});
