// Marks on the page that is shown: arrows and stances, on turned pages too, and what is kept of them as files.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { opened, painted, project, test } from './desks';

interface Annotation {
  motivation: string;
  creator: { name: string };
  created: string;
  side: string;
  body: { value: string }[];
  target: { source: string; selector: { type: string; value?: string }[] };
}

async function nth(judge: Page, title: string): Promise<number> {
  return judge.getByTestId('doc').evaluateAll((all, title) => all.findIndex((d) => d.textContent?.includes(title)), title);
}

async function boxOf(what: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await what.boundingBox();
  if (!box) throw new Error('it is not in sight');
  return box;
}

/** Where the file lies, under another `name`; `called` is how the browser calls it. */
async function saved(page: Page, what: Locator, name: string, called?: RegExp): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), what.click()]);
  const path = join(process.env['HUITING_E2E_KEEP'] ?? mkdtempSync(join(tmpdir(), 'huiting-marks-')), name);
  if (called) expect(download.suggestedFilename()).toMatch(called);
  await download.saveAs(path);
  return path;
}

test('[R-MARK-1] an arrow and a stance lie where the hand was, however the page is turned, on every screen', async ({ sit }) => {
  const [judge, defendant, wall] = await Promise.all([sit('judge'), sit('defendant'), sit('public')]);
  await opened(judge);
  const doc = await project(judge, await nth(judge, '银行流水'));
  for (const desk of [defendant, wall]) await expect(desk.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await painted(defendant);

  // The bench takes no stance; a party needs no right to present for it, but for anything else.
  await expect(judge.getByTestId('tool-arrow')).toBeVisible();
  await expect(judge.getByTestId('tool-disputed')).toHaveCount(0);
  await expect(defendant.getByTestId('tool-disputed')).toBeVisible();
  await expect(defendant.getByTestId('tool-arrow')).toHaveCount(0);

  const arrows = judge.locator('[data-testid=mark][data-kind=arrow]');
  const stances = (desk: Page) => desk.locator('[data-testid=mark][data-kind=stance]');
  const shown: string[] = [];
  for (let quarter = 0; quarter < 4; quarter += 1) {
    await judge.getByTestId('pages').focus();
    await judge.keyboard.press('0');
    await judge.keyboard.press('a');
    const sheet = await boxOf(judge.getByTestId('mark-glass'));
    const [from, to] = [
      { x: sheet.x + sheet.width * 0.3, y: sheet.y + sheet.height * 0.3 },
      { x: sheet.x + sheet.width * 0.7, y: sheet.y + sheet.height * 0.45 },
    ];
    await judge.mouse.move(from.x, from.y);
    await judge.mouse.down();
    await judge.mouse.move(to.x, to.y, { steps: 6 });
    await judge.mouse.up();
    await expect(arrows).toHaveCount(quarter + 1);
    const drawn = await boxOf(arrows.last().locator('path'));
    // The box of the head reaches a little beyond the tip.
    expect(Math.abs(drawn.x - from.x)).toBeLessThan(4);
    expect(Math.abs(drawn.x + drawn.width - to.x)).toBeLessThan(4);
    expect(Math.abs(drawn.y - from.y)).toBeLessThan(8);
    await judge.keyboard.press('a');

    await defendant.getByTestId('tool-disputed').click();
    const glass = await boxOf(defendant.getByTestId('mark-glass'));
    const at = { x: glass.x + glass.width * 0.5, y: glass.y + glass.height * (0.55 + quarter * 0.1) };
    await defendant.mouse.click(at.x, at.y);
    await expect(stances(defendant)).toHaveCount(quarter + 1);
    await expect(defendant.getByTestId('mark-glass')).toHaveCount(0);
    const id = (await stances(defendant).evaluateAll((all, before) => all.map((m) => m.getAttribute('data-mark') ?? '').find((m) => !before.includes(m)), shown)) ?? '';
    shown.push(id);
    const stamp = await boxOf(defendant.locator(`[data-mark="${id}"]`));
    expect(Math.abs(stamp.x + stamp.width / 2 - at.x)).toBeLessThan(3);
    expect(Math.abs(stamp.y + stamp.height / 2 - at.y)).toBeLessThan(3);
    await expect(stances(wall)).toHaveCount(quarter + 1);
    // Upright on every screen, and of a size that is read from afar: at least a fiftieth of the wall's height.
    for (const one of await stances(wall).all()) {
      const { width, height } = await boxOf(one);
      expect(width).toBeGreaterThan(2 * height);
    }
    if (quarter === 0) {
      const letters = await stances(wall).first().evaluate((e) => Number.parseFloat(getComputedStyle(e).fontSize) / innerHeight);
      expect(letters).toBeGreaterThan(1 / 50);
    }
    if (process.env['HUITING_E2E_KEEP']) {
      await judge.screenshot({ path: join(process.env['HUITING_E2E_KEEP'], `judge-${quarter}.png`) });
      await defendant.screenshot({ path: join(process.env['HUITING_E2E_KEEP'], `defendant-${quarter}.png`) });
      await wall.screenshot({ path: join(process.env['HUITING_E2E_KEEP'], `wall-${quarter}.png`) });
    }
    await judge.getByTestId('pages').focus();
    await judge.keyboard.press('r');
    await expect(judge.getByTestId('evidence-pane')).toHaveAttribute('data-live', 'yes');
    const lies = (quarter + 1) % 2 === 1;
    await expect.poll(async () => ((b) => b.width > b.height)(await boxOf(defendant.getByTestId('sheet')))).toBe(lies);
  }

  // By the keyboard: behind the words that are selected; its maker takes it back.
  await defendant.getByTestId('pages').focus();
  await defendant.keyboard.press('Control+a');
  await defendant.keyboard.press('w');
  await expect(defendant.locator('[data-stance=undisputed]')).toHaveCount(1);
  await defendant.getByTestId('mark-undo').click();
  await expect(defendant.locator('[data-stance=undisputed]')).toHaveCount(0);

  // By a finger.
  const cdp = await defendant.context().newCDPSession(defendant);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  await defendant.getByTestId('tool-undisputed').click();
  const glass = await boxOf(defendant.getByTestId('mark-glass'));
  const spot = { x: glass.x + glass.width * 0.4, y: glass.y + glass.height * 0.2 };
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [spot] });
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(defendant.locator('[data-stance=undisputed]')).toHaveCount(1);
  const touched = await boxOf(defendant.locator('[data-stance=undisputed]'));
  expect(Math.abs(touched.x + touched.width / 2 - spot.x)).toBeLessThan(3);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  if (process.env['HUITING_E2E_KEEP']) {
    await defendant.getByTestId('marks-open').click();
    await defendant.screenshot({ path: join(process.env['HUITING_E2E_KEEP'], 'list.png') });
    await defendant.keyboard.press('Escape');
  }
  await defendant.getByTestId('mark-undo').click();
  await expect(defendant.locator('[data-stance=undisputed]')).toHaveCount(0);

  // What is kept: annotations of what the desk sees, and a copy with the marks in it.
  await defendant.getByTestId('marks-open').click();
  const file = await saved(defendant, defendant.getByTestId('marks-export'), 'marks.jsonld');
  const { first } = JSON.parse(readFileSync(file, 'utf8')) as { first: { items: Annotation[] } };
  const stance = first.items.filter((a) => a.motivation === 'assessing');
  expect(stance).toHaveLength(4);
  for (const one of stance) {
    expect(one).toMatchObject({ side: 'defendant', body: [{ value: '有异议' }], target: { source: `urn:huiting:document:${doc}#page=1` } });
    expect(Date.now() - Date.parse(one.created)).toBeLessThan(600_000);
  }
  expect(first.items.filter((a) => a.target.selector.some((s) => s.type === 'SvgSelector')).length).toBeGreaterThanOrEqual(4);
  const pdf = readFileSync(await saved(defendant, defendant.getByTestId('marks-pdf').first(), 'copy.pdf', /^\S.*（带标注）\.pdf$/));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await defendant.keyboard.press('Escape');

  for (const id of shown) {
    await defendant.getByTestId('marks-open').click();
    await defendant.getByTestId('marks-list').locator('li').filter({ has: defendant.locator(`[data-mark="${id}"]`) }).getByTestId('marks-undo').click();
    await expect(defendant.locator(`.stamp[data-mark="${id}"]`)).toHaveCount(0);
    await defendant.keyboard.press('Escape');
  }
  while ((await arrows.count()) > 0) {
    const left = await arrows.count();
    await judge.getByTestId('mark-undo').click();
    await expect(arrows).toHaveCount(left - 1);
  }
  await judge.keyboard.press('F9');
});

test('marks that a desk keeps to itself are on no other screen, come back after a reload, and are only in its own files', async ({ sit }) => {
  const [judge, defendant, wall] = await Promise.all([sit('judge'), sit('defendant'), sit('public')]);
  await opened(judge);
  const doc = await project(judge, await nth(judge, '民事起诉状'));
  for (const desk of [defendant, wall]) await expect(desk.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await painted(defendant);
  await expect(defendant.getByTestId('tool-box')).toHaveCount(0);
  await defendant.getByTestId('mark-own').click();
  await defendant.getByTestId('tool-note').click();
  const glass = await boxOf(defendant.getByTestId('mark-glass'));
  await defendant.mouse.click(glass.x + glass.width * 0.5, glass.y + 90);
  await defendant.keyboard.type('庭后再核');
  await defendant.keyboard.press('Enter');
  await expect(defendant.getByTestId('pages')).toBeFocused();
  await defendant.getByTestId('tool-box').click();
  await defendant.mouse.move(glass.x + glass.width * 0.2, glass.y + 60);
  await defendant.mouse.down();
  await defendant.mouse.move(glass.x + glass.width * 0.6, glass.y + 120, { steps: 5 });
  await defendant.mouse.up();
  const own = (desk: Page) => desk.locator('[data-testid=mark].own');
  await expect(own(defendant)).toHaveCount(2);
  if (process.env['HUITING_E2E_KEEP']) await defendant.screenshot({ path: join(process.env['HUITING_E2E_KEEP'], 'own.png') });

  await defendant.reload();
  await painted(defendant);
  await expect(own(defendant)).toHaveCount(2);
  const kept = async (desk: Page) => {
    await desk.getByTestId('marks-open').click();
    const text = readFileSync(await saved(desk, desk.getByTestId('marks-export'), 'own.jsonld'), 'utf8');
    await desk.keyboard.press('Escape');
    return text;
  };
  const mine = await kept(defendant);
  expect(mine).toContain('庭后再核');
  expect(mine.match(/"own": true/g)).toHaveLength(2);
  // What is shared goes out after it: had anything of the desk's own been told, it would be there by now.
  await judge.getByTestId('tool-box').click();
  const sheet = await boxOf(judge.getByTestId('mark-glass'));
  await judge.mouse.move(sheet.x + 50, sheet.y + 200);
  await judge.mouse.down();
  await judge.mouse.move(sheet.x + 150, sheet.y + 260, { steps: 4 });
  await judge.mouse.up();
  for (const desk of [judge, wall]) await expect(desk.getByTestId('mark')).toHaveCount(1);
  await expect(defendant.getByTestId('mark')).toHaveCount(3);
  expect(await kept(judge)).not.toContain('庭后再核');
  await judge.getByTestId('tool-box').click();
  await judge.getByTestId('mark-undo').click();

  await expect(defendant.getByTestId('mark')).toHaveCount(2);
  for (const left of [1, 0]) {
    await defendant.getByTestId('mark-undo').click();
    await expect(own(defendant)).toHaveCount(left);
  }
  await judge.keyboard.press('F9');
});
