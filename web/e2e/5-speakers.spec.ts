import { expect } from '@playwright/test';
import { test } from './house';

/** Two voices that a microphone tells apart. */
const HIGH = [1, 29, 3];
const LOW = [4, 27, 2];

test('who spoke into a shared microphone is told with one key a line, a like voice is proposed, and halves have speakers of their own', async ({ house, chair }) => {
  const clerk = await chair('clerk');
  const judge = await chair('judge');
  const share = async (on: boolean) => {
    await clerk.getByTestId('seat-plaintiff').click();
    await clerk.getByTestId('seat-shared').setChecked(on);
    await clerk.getByTestId('seat-save').click();
    await expect(clerk.getByTestId('seat-editor')).toHaveCount(0);
  };
  await share(true);
  await expect(clerk.getByTestId('roster')).toContainText('话筒多人共用');

  let utterance = 7_000;
  const say = async (text: string, voice: number[]) => {
    const from = house.now();
    house.recogniser.settle({ seat: 'plaintiff', utterance: (utterance += 1), from, to: from + 200, text, voice: voice.map((v) => v + (utterance % 3) * 0.02) });
    await expect(clerk.getByTestId('line-text').filter({ hasText: text })).toBeVisible();
  };
  const line = (page: typeof clerk, text: string) => page.getByTestId('line').filter({ hasText: text });
  await say('借款是我亲自交付的。', LOW);
  await say('我补充一点代理意见。', HIGH);
  await say('钱是在银行门口给的。', LOW);
  await expect(line(judge, '借款是我亲自交付的')).toContainText('发言人待确认');
  await expect(line(judge, '借款是我亲自交付的').getByTestId('who-spoke')).toHaveCount(0);

  // The agent sits at the microphone; the defendant's voice is the other one.
  await clerk.getByTestId('line-text').filter({ hasText: '借款是我亲自交付的' }).click();
  await expect(line(clerk, '借款是我亲自交付的').getByTestId('who-spoke')).toBeVisible();
  const digit = async (seat: string) => (await clerk.getByTestId(`speaker-${seat}`).locator('kbd').first().textContent()) ?? '';
  const [defendant, plaintiff] = [await digit('defendant'), await digit('plaintiff')];
  // A wrong one is taken back, and the line waits again.
  await clerk.keyboard.press(plaintiff);
  await expect(line(clerk, '借款是我亲自交付的').getByTestId('whose')).toHaveCount(0);
  await clerk.keyboard.press('Alt+z');
  await expect(line(clerk, '借款是我亲自交付的').getByTestId('who-spoke')).toBeVisible();
  await clerk.keyboard.press(defendant);
  await expect(line(clerk, '借款是我亲自交付的').getByTestId('whose')).toHaveCount(0);
  await expect(line(clerk, '我补充一点代理意见').getByTestId('who-spoke')).toBeVisible();
  await clerk.keyboard.press(plaintiff);
  // Two are known now: the third is like the first.
  const third = line(clerk, '钱是在银行门口给的');
  await expect(third.getByTestId('speaker-defendant').getByTestId('like')).toBeVisible();
  await clerk.screenshot({ path: 'test-results/speakers.png' });
  await clerk.keyboard.press('Enter');
  await expect(third.getByTestId('whose')).toHaveCount(0);
  await expect(line(judge, '钱是在银行门口给的')).not.toContainText('发言人待确认');
  await expect(line(judge, '钱是在银行门口给的')).toHaveAttribute('data-seat', 'defendant');

  // None is left; the next that is said is at hand by itself, and one cut in two has two speakers.
  await say('你有异议吗没有异议。', HIGH);
  await expect(line(clerk, '你有异议吗').getByTestId('who-spoke')).toBeVisible();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(5, 5));
  await clerk.keyboard.press('Alt+Enter');
  await expect(clerk.getByTestId('line-editor')).toHaveCount(0);
  await expect(line(clerk, '没有异议。').getByTestId('who-spoke')).toBeVisible();
  await clerk.keyboard.press(defendant);
  await expect(line(clerk, '你有异议吗').getByTestId('who-spoke')).toBeVisible();
  await clerk.keyboard.press(plaintiff);
  await expect(clerk.getByTestId('whose')).toHaveCount(0);
  await expect(line(judge, '你有异议吗')).toHaveAttribute('data-seat', 'plaintiff');
  await clerk.keyboard.press('Alt+s');
  await expect(clerk.getByText('每一句都有发言人了。')).toBeVisible();

  await share(false);
  await say('现在休息一下。', LOW);
  await expect(line(clerk, '现在休息一下').getByTestId('whose')).toHaveCount(0);
});
