import { type CDPSession, expect, type Page } from '@playwright/test';
import { opened, project, standardText, test } from './desks';

/** Begins a composition as an input method does, and leaves it open. */
async function compose(session: CDPSession, text: string): Promise<void> {
  await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
}

async function press229(page: Page, key: string): Promise<void> {
  // What Chromium sends for a key that the input method has taken.
  await page.evaluate((name) => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, isComposing: true });
    Object.defineProperty(event, 'keyCode', { value: 229 });
    document.activeElement?.dispatchEvent(event);
  }, key);
}

test('a composed Chinese input survives in the record, and no key of ours fires while composing', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  await opened(judge);
  const id = await standardText(clerk, 'qttt');
  const line = clerk.locator(`[data-testid=line][data-line="${id}"]`);
  await expect(line).toBeVisible();
  await line.dblclick();
  const editor = clerk.getByTestId('line-editor');
  await expect(editor).toBeFocused();
  await editor.fill('被告应当支付');

  const session = await clerk.context().newCDPSession(clerk);
  await compose(session, 'wei');
  await compose(session, 'wei yue');
  // The candidate keys of an input method, and ours.
  for (const key of ['Enter', 'Escape', 'F2', 'F4', 'F6', 'F7', 'F9', '1', 'ArrowUp']) await press229(clerk, key);
  await expect(editor).toBeVisible();
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue('被告应当支付wei yue');
  await expect(clerk.locator('dialog[open]')).toHaveCount(0);

  await session.send('Input.insertText', { text: '违约金' });
  await expect(editor).toHaveValue('被告应当支付违约金');
  await clerk.keyboard.press('Enter');
  await expect(editor).toHaveCount(0);
  await expect(clerk.getByTestId('line-text').filter({ hasText: '被告应当支付违约金' })).toHaveCount(1);
  await expect(judge.getByTestId('line-text').filter({ hasText: '被告应当支付违约金' })).toHaveCount(1);
});

test('composing in the search box neither searches half a word nor shows a page', async ({ sit }) => {
  const judge = await sit('judge');
  await opened(judge);
  await project(judge, 1);
  const search = judge.getByTestId('search');
  await judge.keyboard.press('F2');
  await expect(search).toBeFocused();
  const session = await judge.context().newCDPSession(judge);
  await compose(session, 'wei');
  for (const key of ['Enter', 'F9', 'F10', 'PageDown']) await press229(judge, key);
  await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'yes');
  await expect(judge.getByTestId('hit')).toHaveCount(0);
  await session.send('Input.insertText', { text: '违约金' });
  await expect(search).toHaveValue('违约金');
  await expect(judge.getByTestId('hit').first()).toBeVisible();
});
