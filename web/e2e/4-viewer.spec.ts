import { expect, type Locator, type Page } from '@playwright/test';
import { opened, painted, test } from './desks';

/** Opens the document whose name has `name` in it, for the judge alone. */
async function open(judge: Page, name: string): Promise<string> {
  const entry = judge.getByTestId('doc').filter({ hasText: name }).first();
  const doc = (await entry.getAttribute('data-doc')) ?? '';
  await entry.click();
  await expect(judge.locator(`[data-testid=sheet][data-doc="${doc}"][data-painted=yes]`)).not.toHaveCount(0);
  return doc;
}

/** Turns a thing that is on or off. */
async function turn(button: Locator, on: boolean): Promise<void> {
  if (((await button.getAttribute('aria-pressed')) === 'true') !== on) await button.click();
  await expect(button).toHaveAttribute('aria-pressed', String(on));
}

const pageBox = (page: Page) => page.getByTestId('page-box');
const sheet = (page: Page, nth: number) => page.locator(`[data-testid=sheet][data-page="${nth}"]`);

async function middle(of: Locator): Promise<{ x: number; y: number }> {
  const box = await of.boundingBox();
  if (!box) throw new Error('it is not there');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test('a document is read on over its pages, a few of which are there; the page box follows, and so do the screens', async ({ sit }) => {
  const judge = await sit('judge');
  const wall = await sit('public');
  await opened(judge);
  const asked: string[] = [];
  judge.on('request', (r) => r.url().includes('/api/pages/') && asked.push(r.url()));
  await turn(judge.getByTestId('continuous'), true);
  const statement = judge.getByTestId('doc').filter({ hasText: '银行流水' });
  const doc = (await statement.getAttribute('data-doc')) ?? '';
  const before = judge.evaluate(
    (id) =>
      new Promise<number>((done) => {
        const told = new MutationObserver(() => {
          if (!document.querySelector(`[data-testid=sheet][data-doc="${id}"][data-painted=yes]`)) return;
          told.disconnect();
          done(performance.getEntriesByType('resource').filter((e) => e.name.includes(`/api/pages/${id}/`)).length);
        });
        told.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-painted'] });
      }),
    doc,
  );
  await statement.click();
  expect(await before, `asked before the first page was painted: ${asked.join(' ')}`).toBeLessThanOrEqual(3);

  const scroller = judge.getByTestId('pages');
  const heights = await scroller.evaluate((e) => [e.scrollHeight, e.querySelector<HTMLElement>('[data-testid=sheet]')?.offsetHeight ?? 0]);
  expect(heights[0]).toBeGreaterThan(17 * (heights[1] ?? 0));
  expect(await judge.getByTestId('sheet').count()).toBeLessThan(7);

  await pageBox(judge).fill('１２');
  await pageBox(judge).press('Enter');
  await expect(pageBox(judge)).toHaveAttribute('placeholder', '12');
  await expect(sheet(judge, 12)).toHaveAttribute('data-painted', 'yes');
  const at = await middle(scroller);
  await judge.mouse.move(at.x, at.y);
  await expect(async () => {
    await judge.mouse.wheel(0, 400);
    await expect(pageBox(judge)).toHaveAttribute('placeholder', '14', { timeout: 200 });
  }).toPass();

  // One page or all: the place stays.
  await turn(judge.getByTestId('continuous'), false);
  await expect(judge.getByTestId('sheet')).toHaveCount(1);
  await expect(sheet(judge, 14)).toHaveAttribute('data-painted', 'yes');
  await turn(judge.getByTestId('continuous'), true);
  await expect(pageBox(judge)).toHaveAttribute('placeholder', '14');

  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-page', '14');
  await painted(wall);
  await judge.mouse.move(at.x, at.y);
  await expect(async () => {
    await judge.mouse.wheel(0, 400);
    await expect(pageBox(judge)).toHaveAttribute('placeholder', '16', { timeout: 200 });
  }).toPass();
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-page', '16');
  await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'yes');

  // The pane has its own keys once it has the keyboard.
  await scroller.focus();
  await judge.keyboard.press('Home');
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-page', '1');
  await judge.keyboard.press('PageDown');
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-page', '2');
  const percent = async () => Number.parseInt((await judge.getByTestId('zoom-percent').textContent()) ?? '', 10);
  await judge.keyboard.press('1');
  await expect.poll(percent).toBe(100);
  for (let i = 0; i < 12; i += 1) await judge.keyboard.press('+');
  await expect.poll(percent).toBe(400);
  await expect(sheet(judge, 2).locator('img.fine')).toHaveAttribute('src', /dpi=240/);
  await judge.keyboard.press('0');
  await expect.poll(percent).toBeLessThan(60);
  // In the catalogue they are heard too; the arrows walk its entries.
  await statement.focus();
  await judge.keyboard.press('1');
  await expect.poll(percent).toBe(100);
  await judge.keyboard.press('ArrowDown');
  await expect(statement).not.toBeFocused();
  await expect(wall.getByTestId('sheet')).toHaveAttribute('data-page', '2');
  await judge.keyboard.press('9');
  await turn(judge.getByTestId('continuous'), false);
  await judge.keyboard.press('F9');
});

test('two documents beside each other are private at first, then on every screen, confirmed once both are painted', async ({ sit }) => {
  const [judge, clerk, plaintiff, defendant, wall] = await Promise.all((['judge', 'clerk', 'plaintiff', 'defendant', 'public'] as const).map((s) => sit(s)));
  if (!judge || !clerk || !plaintiff || !defendant || !wall) throw new Error('a desk is missing');
  await opened(judge);
  const one = await open(judge, '庭前会议笔录');
  await judge.getByTestId('compare').click();
  await expect(judge.getByTestId('half')).toHaveCount(2);
  const other = await open(judge, '民事起诉状');
  await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'no');
  const docs = (desk: Page) => desk.getByTestId('sheet').evaluateAll((all) => all.map((s) => s.getAttribute('data-doc')));
  expect(await docs(judge)).toEqual([one, other]);

  await judge.keyboard.press('F9');
  for (const desk of [clerk, plaintiff, defendant, wall]) {
    await expect.poll(() => docs(desk)).toEqual([one, other]);
    for (const s of await desk.getByTestId('sheet').all()) await expect(s).toHaveAttribute('data-painted', 'yes');
  }
  await expect(judge.getByTestId('confirmed')).toHaveAttribute('data-all', 'yes');

  // Turning turns the half that is worked in; the other stays.
  await judge.getByTestId('pages').nth(1).focus();
  await judge.keyboard.press('PageDown');
  const pages = (desk: Page) => desk.getByTestId('sheet').evaluateAll((all) => all.map((s) => Number(s.getAttribute('data-page'))));
  for (const desk of [judge, clerk, plaintiff, wall]) await expect.poll(() => pages(desk)).toEqual([1, 2]);

  // Whoever looks around leaves the screens as they are, and comes back to both.
  await plaintiff.keyboard.press('PageDown');
  await expect(plaintiff.getByTestId('away')).toBeVisible();
  await plaintiff.getByTestId('return').click();
  await expect.poll(() => docs(plaintiff)).toEqual([one, other]);

  await judge.getByTestId('pages').nth(1).focus();
  await judge.keyboard.press('x');
  for (const desk of [judge, plaintiff, wall]) await expect.poll(() => docs(desk)).toEqual([other, one]);
  await judge.getByTestId('compare').click();
  for (const desk of [judge, plaintiff, wall]) await expect.poll(() => docs(desk)).toEqual([other]);
  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('sheet')).toHaveCount(0);
});

test('thumbnails are walked by keys and tell which pages are marked and which is shown; the list of marks leads to one', async ({ sit }) => {
  const judge = await sit('judge');
  await opened(judge);
  const doc = await open(judge, '庭前会议笔录');
  await turn(judge.getByTestId('thumbs-open'), true);
  const thumb = (n: number) => judge.locator(`[data-thumb="${n}"]`);
  await expect(thumb(1).locator('img')).toHaveAttribute('src', /dpi=40/);
  await thumb(1).focus();
  await judge.keyboard.press('ArrowDown');
  await judge.keyboard.press('ArrowDown');
  await expect(thumb(3)).toBeFocused();
  await expect(pageBox(judge)).toHaveAttribute('placeholder', '1');
  await judge.keyboard.press('Enter');
  await expect(sheet(judge, 3)).toHaveAttribute('data-painted', 'yes');

  await judge.getByTestId('tool-box').click();
  const glass = await judge.getByTestId('mark-glass').boundingBox();
  if (!glass) throw new Error('there is no page to mark');
  await judge.mouse.move(glass.x + glass.width * 0.2, glass.y + 60);
  await judge.mouse.down();
  await judge.mouse.move(glass.x + glass.width * 0.6, glass.y + 120, { steps: 5 });
  await judge.mouse.up();
  await expect(thumb(3).getByTestId('thumb-mark')).toHaveAttribute('data-side', 'bench');
  await judge.getByTestId('tool-box').click();
  await judge.keyboard.press('F9');
  await expect(thumb(3)).toHaveAttribute('data-live', 'yes');
  await judge.keyboard.press('F9');
  await turn(judge.getByTestId('thumbs-open'), false);

  await open(judge, '民事起诉状');
  await judge.getByTestId('pages').focus();
  await judge.keyboard.press('m');
  const entry = judge.getByTestId('marks-entry').last();
  await expect(judge.getByTestId('marks-entry').first()).toBeFocused();
  const mark = await entry.getAttribute('data-mark');
  await entry.press('Enter');
  await expect(judge.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await expect(judge.locator(`[data-testid=mark][data-mark="${mark}"]`)).toHaveClass(/chosen/);
  await judge.getByTestId('marks-undo').last().click();
  await expect(judge.locator(`[data-testid=mark][data-mark="${mark}"]`)).toHaveCount(0);
  await judge.keyboard.press('Escape');
  await expect(judge.getByTestId('marks-list')).toHaveCount(0);
});

test('words are selected over lines and copied without the line breaks of the page', async ({ sit }) => {
  const judge = await sit('judge');
  await judge.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await opened(judge);
  await open(judge, '民事起诉状');
  const lines = judge.locator('[data-line]');
  await expect(lines).not.toHaveCount(0);
  const texts = await lines.allTextContents();
  // A line that fills its row, and the one after it.
  const long = texts.findIndex((text, i) => i > 0 && text.length > 20 && (texts[i + 1]?.length ?? 0) > 4);
  expect(long).toBeGreaterThan(0);
  const [from, to] = [await lines.nth(long).boundingBox(), await lines.nth(long + 1).boundingBox()];
  if (!from || !to) throw new Error('the lines are not in sight');
  await judge.mouse.move(from.x + 2, from.y + from.height / 2);
  await judge.mouse.down();
  await judge.mouse.move(to.x + to.width * 0.3, to.y - 20, { steps: 4 });
  await judge.mouse.move(to.x + to.width + 30, to.y + to.height / 2, { steps: 4 });
  await judge.mouse.up();
  await judge.keyboard.press('Control+c');
  const copied = await judge.evaluate(() => navigator.clipboard.readText());
  expect(copied.replaceAll('\n', '')).toBe(`${texts[long]?.trim()}${texts[long + 1]?.trim()}`);
  expect(copied).not.toMatch(/[\u4e00-\u9fff，、]\n[\u4e00-\u9fff]/);
});

test('fingers pinch and move the page; where a mark tool is on, two still do', async ({ sit }) => {
  const judge = await sit('judge');
  await opened(judge);
  await open(judge, '民事起诉状');
  await judge.getByTestId('pages').focus();
  await judge.keyboard.press('9');
  const cdp = await judge.context().newCDPSession(judge);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 3 });
  const c = await middle(judge.getByTestId('pages'));
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: [number, number][]) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const pinch = async (from: number, to: number) => {
    await touch('touchStart', [[c.x - from, c.y]]);
    await touch('touchStart', [[c.x - from, c.y], [c.x + from, c.y]]);
    for (let i = 1; i <= 8; i += 1) {
      const apart = from + ((to - from) * i) / 8;
      await touch('touchMove', [[c.x - apart, c.y], [c.x + apart, c.y]]);
    }
    await touch('touchEnd', []);
  };
  // A finger that rests on a word selects it, and more as it moves; there is no Ctrl+C, but a button.
  const lines = judge.locator('[data-line]');
  await expect(lines).not.toHaveCount(0);
  const [from, to] = [await lines.nth(2).boundingBox(), await lines.nth(4).boundingBox()];
  if (!from || !to) throw new Error('the lines are not in sight');
  await judge.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const chosen = () => judge.evaluate(() => getSelection()?.toString() ?? '');
  await touch('touchStart', [[from.x + 40, from.y + from.height / 2]]);
  await expect.poll(chosen).not.toBe('');
  const word = await chosen();
  for (let i = 1; i <= 4; i += 1) await touch('touchMove', [[from.x + 40, from.y + ((to.y + to.height / 2 - from.y) * i) / 4]]);
  await touch('touchEnd', []);
  await expect.poll(async () => (await chosen()).length).toBeGreaterThan(word.length + 10);
  await judge.getByTestId('copy').click();
  await expect(judge.getByTestId('copy')).toHaveCount(0);
  expect((await judge.evaluate(() => navigator.clipboard.readText())).startsWith(word)).toBe(true);

  const width = async () => (await judge.getByTestId('sheet').boundingBox())?.width ?? 0;
  const fitted = await width();
  const tap = async () => {
    await touch('touchStart', [[c.x, c.y]]);
    await touch('touchEnd', []);
  };
  await tap();
  await tap();
  await expect.poll(width).toBeGreaterThan(fitted * 1.5);
  await judge.getByTestId('pages').focus();
  await judge.keyboard.press('9');
  await expect.poll(width).toBe(fitted);
  const before = await width();
  await pinch(60, 120);
  await expect.poll(width).toBeGreaterThan(before * 1.8);
  expect(await width()).toBeLessThan(before * 2.2);

  const marks = await judge.getByTestId('mark').count();
  await judge.getByTestId('tool-ink').click();
  await pinch(120, 60);
  await expect.poll(width).toBeLessThan(before * 1.1);
  await expect(judge.getByTestId('mark')).toHaveCount(marks);
  await touch('touchStart', [[c.x, c.y]]);
  for (let i = 1; i <= 6; i += 1) await touch('touchMove', [[c.x + 10 * i, c.y + 5 * i]]);
  await touch('touchEnd', []);
  await expect(judge.getByTestId('mark')).toHaveCount(marks + 1);
  await judge.getByTestId('mark-undo').click();
  await expect(judge.getByTestId('mark')).toHaveCount(marks);

  // Once a pen has drawn, one finger moves the page and draws no more.
  const pen = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', x: number, y: number) =>
    cdp.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1, pointerType: 'pen' });
  await pen('mousePressed', c.x, c.y);
  for (let i = 1; i <= 6; i += 1) await pen('mouseMoved', c.x + 10 * i, c.y + 5 * i);
  await pen('mouseReleased', c.x + 60, c.y + 30);
  await expect(judge.getByTestId('mark')).toHaveCount(marks + 1);
  const down = () => judge.getByTestId('pages').evaluate((e) => e.scrollTop);
  const top = await down();
  await touch('touchStart', [[c.x, c.y]]);
  for (let i = 1; i <= 6; i += 1) await touch('touchMove', [[c.x, c.y - 20 * i]]);
  await touch('touchEnd', []);
  await expect.poll(down).toBeGreaterThan(top + 80);
  await expect(judge.getByTestId('mark')).toHaveCount(marks + 1);
  await judge.getByTestId('mark-undo').click();
  await expect(judge.getByTestId('mark')).toHaveCount(marks);
  await judge.getByTestId('tool-ink').click();
});
