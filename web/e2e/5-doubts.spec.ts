import { expect } from '@playwright/test';
import { opened, seated, standardText, test } from './desks';

test('the clerk cuts a line, joins it, gives half of it to another and takes it all back, from the keyboard', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const id = await standardText(clerk, 'bgsp');
  const of = (page: typeof clerk, line: string) => page.locator(`[data-testid=line][data-line="${line}"]`);
  const text = (line: string) => of(clerk, line).getByTestId('line-text');
  const whole = (await text(id).textContent()) ?? '';
  const lines = () => clerk.getByTestId('line').evaluateAll((all) => all.map((l) => l.getAttribute('data-line') ?? ''));
  const before = await lines();

  await of(clerk, id).click();
  await clerk.keyboard.press('F2');
  await clerk.keyboard.press('Control+Home');
  for (let n = 0; n < 4; n += 1) await clerk.keyboard.press('ArrowRight');
  await clerk.keyboard.press('Alt+Enter');
  await expect(text(id)).toHaveText(whole.slice(0, 4));
  // What was being said meanwhile may be written too.
  const half = clerk.getByTestId('line').filter({ has: clerk.getByTestId('line-text').getByText(whole.slice(4), { exact: true }) });
  await expect(half).toHaveCount(1);
  const rest = (await half.getAttribute('data-line')) ?? '';
  expect(before).not.toContain(rest);

  // The half that follows is chosen: another speaker by one digit.
  await clerk.keyboard.press('F8');
  const speakers = of(clerk, rest).locator('.speakers button');
  await expect(speakers.first()).toBeFocused();
  const spoke = await of(clerk, rest).locator('.letter').first().textContent();
  // The first digit is another seat than the one that spoke.
  const others = await speakers.evaluateAll((all, own) => all.findIndex((b) => !b.textContent?.includes(own)) + 1, spoke ?? '');
  await clerk.keyboard.press(String(others));
  await expect(of(clerk, rest).locator('.letter').first()).not.toHaveText(spoke ?? '');

  await clerk.keyboard.press('Alt+Z');
  await expect(of(clerk, rest).locator('.letter').first()).toHaveText(spoke ?? '');
  await clerk.keyboard.press('Alt+Z');
  await expect(text(id)).toHaveText(whole);
  await expect(of(clerk, rest)).toHaveCount(0);
  await expect(of(judge, id).getByTestId('line-text')).toHaveText(whole);

  // Cut and joined again: both are taken back, one after the other, and each is named.
  await of(clerk, id).click();
  await clerk.keyboard.press('F2');
  await clerk.keyboard.press('Control+Home');
  for (let n = 0; n < 4; n += 1) await clerk.keyboard.press('ArrowRight');
  await clerk.keyboard.press('Alt+Enter');
  await expect(text(id)).toHaveText(whole.slice(0, 4));
  await clerk.keyboard.press('F2');
  await clerk.keyboard.press('Control+Home');
  // Taken back before it is answered.
  await clerk.keyboard.press('Backspace');
  await clerk.keyboard.press('Alt+Z');
  await expect(clerk.getByText('已撤销合并').last()).toBeVisible();
  await expect(text(id)).toHaveText(whole.slice(0, 4));
  await clerk.keyboard.press('Alt+Z');
  await expect(text(id)).toHaveText(whole);
  await expect(clerk.getByText('已撤销拆分').last()).toBeVisible();

  // What was done is known after a reload of the page, too.
  await of(clerk, id).click();
  await clerk.keyboard.press('F2');
  await clerk.keyboard.press('End');
  await clerk.keyboard.type('（完）');
  await clerk.keyboard.press('Enter');
  await expect(text(id)).toHaveText(`${whole}（完）`);
  await clerk.reload();
  await expect(text(id)).toHaveText(`${whole}（完）`);
  await clerk.keyboard.press('Alt+Z');
  await expect(text(id)).toHaveText(whole);

  // Backspace at the beginning joins it to the line before.
  const second = await standardText(clerk, 'qttt');
  const more = (await text(second).textContent()) ?? '';
  await of(clerk, second).click();
  const previous = (await lines()).at((await lines()).indexOf(second) - 1) ?? '';
  const first = (await text(previous).textContent()) ?? '';
  await clerk.keyboard.press('F2');
  await clerk.keyboard.press('Control+Home');
  await clerk.keyboard.press('Backspace');
  await expect(text(previous)).toHaveText(first + more);
  await expect(of(clerk, second)).toHaveCount(0);
  await clerk.keyboard.press('Alt+Z');
  await expect(text(previous)).toHaveText(first);
});

test('what is being written outlives a reload, and what changed meanwhile is shown', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const second = await sit('clerk');
  await opened(judge);
  const id = await standardText(clerk, 'bgsp');
  const of = (page: typeof clerk) => page.locator(`[data-testid=line][data-line="${id}"]`);
  await of(clerk).click();
  await clerk.keyboard.press('F2');
  await clerk.getByTestId('line-editor').fill('报告审判长，还没有写完');

  await of(second).click();
  await second.keyboard.press('F2');
  await second.getByTestId('line-editor').fill('另一位书记员写的');
  await second.keyboard.press('Enter');
  await expect(of(clerk)).toHaveAttribute('data-revision', '2');

  await clerk.reload();
  await seated(clerk, 'clerk');
  await expect(clerk.getByTestId('line-editor')).toHaveValue('报告审判长，还没有写完');
  await expect(clerk.getByTestId('conflict')).toContainText('另一位书记员写的');
  await clerk.getByTestId('line-editor').press('Enter');
  await expect(of(second).getByTestId('line-text')).toHaveText('报告审判长，还没有写完');
  await clerk.reload();
  await seated(clerk, 'clerk');
  await expect(clerk.getByTestId('line-editor')).toHaveCount(0);
});

test('what is in doubt is walked, listened to, accepted and replaced by one key each', async ({ sit }) => {
  // A busy machine hears slowly.
  test.setTimeout(360_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const rehearse = judge.getByTestId('rehearse');
  await rehearse.click();
  const doubts = clerk.getByTestId('doubt');
  try {
    await expect.poll(() => doubts.count(), { timeout: 300_000 }).toBeGreaterThan(2);
  } finally {
    // Whatever came of it, it goes on in no other spec.
    await rehearse.click();
  }

  await clerk.getByTestId('tab-review').click();
  await expect(clerk.getByTestId('risk').first()).toBeVisible();
  // The last partials settle.
  await expect(clerk.getByTestId('partial')).toHaveCount(0, { timeout: 30_000 });
  const here = clerk.locator('[data-testid=line]', { has: clerk.locator('[data-testid=doubt].here') });
  // What was said last may still come: the places are told by their lines, not by their number.
  const place = async () => clerk.locator(`[data-testid=risk][data-place^="${await here.getAttribute('data-line')}/"]`);
  await clerk.keyboard.press('F4');
  await expect(clerk.getByTestId('spot')).toBeVisible();
  await expect(clerk.locator('[data-testid=doubt].here')).toHaveCount(1);
  const first = await place();
  const risks = await first.count();
  const heard = await clerk.locator('[data-testid=doubt].here').textContent();
  await clerk.keyboard.press('F3');
  await expect.poll(() => clerk.getByTestId('video').evaluate((v: HTMLVideoElement) => v.currentTime > 0 && !v.paused), { timeout: 30_000 }).toBe(true);
  await clerk.keyboard.press('Enter');
  await expect(first).toHaveCount(risks - 1);
  // What was right is doubtful again once that is taken back.
  await clerk.keyboard.press('Alt+Z');
  await expect(first).toHaveCount(risks);
  await clerk.keyboard.press('F4');
  await expect(here).toHaveCount(1);
  const second = await place();
  const left = await second.count();
  await clerk.keyboard.press('Enter');
  await expect(second).toHaveCount(left - 1);
  await expect(clerk.getByTestId('spot')).toBeVisible();
  await expect.poll(() => clerk.getByTestId('video').evaluate((v: HTMLVideoElement) => v.paused)).toBe(true);

  // Typed anew: the place is chosen in the editor, and the next one follows.
  const third = await place();
  const last = await third.count();
  const reads = (await clerk.locator('[data-testid=doubt].here').textContent()) ?? '';
  await clerk.keyboard.press('F2');
  const chosen = clerk.getByTestId('line-editor');
  const marked = await chosen.evaluate((f: HTMLTextAreaElement) => f.value.slice(f.selectionStart, f.selectionEnd));
  expect([reads, /^\d[\d.,]*/.exec(reads)?.[0]]).toContain(marked);
  await clerk.keyboard.insertText('订正的字');
  await clerk.keyboard.press('Enter');
  await expect(clerk.getByTestId('line-text').filter({ hasText: '订正的字' })).toHaveCount(1);
  await expect(third).toHaveCount(last - 1);
  await clerk.keyboard.press('Alt+Z');
  await expect(clerk.getByTestId('line-text').filter({ hasText: '订正的字' })).toHaveCount(0);
  expect(heard).toBeTruthy();
});
