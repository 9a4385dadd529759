// The desks of the hearing as the specs use them.

import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, expect, type Page, test as base } from '@playwright/test';

export const SEATS = ['judge', 'clerk', 'plaintiff', 'defendant', 'public'] as const;
export type SeatName = (typeof SEATS)[number];
export const SEATS_DIR = new URL('../test-results-seats', import.meta.url).pathname;

export function addressOf(seat: SeatName): string {
  return readFileSync(`${SEATS_DIR}/${seat}.url`, 'utf8');
}

/** `sit`: sits down at a seat in a browser of its own, which is left when the spec ends. */
export const test = base.extend<{ sit: (seat: SeatName) => Promise<Page> }>({
  sit: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (seat) => {
      const context = await browser.newContext({ storageState: `${SEATS_DIR}/${seat}.json`, ignoreHTTPSErrors: true });
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(addressOf(seat));
      await seated(page, seat);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

/** The court's administration, in a browser of its own. */
export async function office(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ storageState: `${SEATS_DIR}/admin.json`, ignoreHTTPSErrors: true, acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(readFileSync(`${SEATS_DIR}/admin.url`, 'utf8'));
  await expect(page.getByTestId('parts')).toBeVisible();
  return page;
}

export async function seated(page: Page, seat: SeatName): Promise<void> {
  const screen = seat === 'plaintiff' || seat === 'defendant' ? 'party' : seat;
  await expect(page.getByTestId(`screen-${screen}`)).toBeVisible();
}

/** 宣布开庭, unless the hearing is open already. */
export async function opened(judge: Page): Promise<void> {
  const stage = judge.getByTestId('stage');
  await expect(stage).toHaveAttribute('data-stage', /./);
  if ((await stage.getAttribute('data-stage')) !== 'preparing') return;
  await judge.getByTestId('open-session').click();
  await judge.getByTestId('check').locator('li').first().waitFor();
  await judge.getByTestId('confirm').click();
  await expect(stage).toHaveAttribute('data-stage', 'inSession');
}

/** Waits until a desk has a page painted, and tells which. */
export async function painted(page: Page): Promise<{ doc: string | null; page: string | null }> {
  const sheet = page.getByTestId('sheet');
  await expect(sheet).toHaveAttribute('data-painted', 'yes');
  return { doc: await sheet.getAttribute('data-doc'), page: await sheet.getAttribute('data-page') };
}

/** Puts the `nth` document of the catalogue on every screen. */
export async function project(judge: Page, nth: number): Promise<string> {
  const entry = judge.getByTestId('doc').nth(nth);
  const doc = await entry.getAttribute('data-doc');
  await entry.click();
  await expect(judge.getByTestId('sheet')).toHaveAttribute('data-doc', doc ?? '');
  await painted(judge);
  if ((await judge.getByTestId('evidence-pane').getAttribute('data-live')) === 'no') await judge.keyboard.press('F9');
  await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'yes');
  return doc ?? '';
}

/** The clerk puts a standard text into the record; waits until its line stands there and gives its number. */
export async function standardText(clerk: Page, code: string): Promise<string> {
  // What was said before may settle only now: a line that a person made has a revision.
  const numbers = () => clerk.locator('[data-testid=line]:not([data-revision="0"])').evaluateAll((lines) => lines.map((line) => line.getAttribute('data-line') ?? ''));
  const before = new Set(await numbers());
  await clerk.keyboard.press('F7');
  await clerk.getByTestId(`text-${code}`).click();
  const added = async () => (await numbers()).find((number) => !before.has(number));
  await expect.poll(added).toBeDefined();
  return (await added()) ?? '';
}

/** Opens the seat's link in a browser of its own; gives the page and every frame it was sent. */
export async function join(browser: Browser, clerk: Page, name: string): Promise<{ page: Page; frames: string[] }> {
  await clerk.getByTestId('roster').locator('li').filter({ hasText: name }).locator('button.icon').click();
  const url = await clerk.locator('dialog[open] input.url').inputValue();
  await clerk.keyboard.press('Escape');
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  const frames: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await page.goto(url);
  return { page, frames };
}

/** Writes on the pad as a hand does: two strokes. */
export async function writeOnPad(page: Page): Promise<void> {
  const box = await page.getByTestId('ink-pad').boundingBox();
  if (!box) throw new Error('there is no pad');
  for (const [from, to] of [[0.2, 0.5], [0.55, 0.8]] as const) {
    await page.mouse.move(box.x + box.width * from, box.y + box.height * 0.4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * (from + to) / 2, box.y + box.height * 0.7, { steps: 6 });
    await page.mouse.move(box.x + box.width * to, box.y + box.height * 0.35, { steps: 6 });
    await page.mouse.up();
  }
}
