import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';
import { office, test } from './desks';

const ROOT = new URL('../..', import.meta.url).pathname;
const CHUNK = 4 * 1024 * 1024;

/** Opens 整理卷宗 at the clerk's desk. */
async function organised(clerk: Page): Promise<Locator> {
  await clerk.getByTestId('tab-dossier').click();
  await clerk.getByTestId('intake-open').click();
  const intake = clerk.getByTestId('intake');
  await expect(intake.getByTestId('intake-doc').first()).toBeVisible();
  return intake;
}

/** Lays a document on the table and gives its id. */
async function lay(intake: Locator, name: string): Promise<string> {
  const doc = intake.getByTestId('intake-doc').filter({ hasText: name }).first();
  await doc.click();
  const id = (await doc.getAttribute('data-doc')) ?? '';
  await expect(intake.locator(`[data-stack="${id}"]`)).toBeVisible();
  return id;
}

const leaves = (intake: Locator) => intake.getByTestId('intake-leaf').evaluateAll((all) => all.map((l) => l.getAttribute('data-leaf')));
const undone = (intake: Locator) => intake.getByTestId('intake-undo').click();

test('a page is turned on the light table and shown so at once at every desk, until that is undone', async ({ sit }) => {
  const [clerk, judge] = [await sit('clerk'), await sit('judge')];
  const intake = await organised(clerk);
  const doc = await lay(intake, '民事起诉状');
  await judge.locator(`[data-testid=doc][data-doc="${doc}"]`).click();
  const sheet = judge.locator(`[data-testid=sheet][data-doc="${doc}"][data-page="1"]`);
  await expect(sheet).toHaveAttribute('data-painted', 'yes');
  const shape = async () => {
    const box = await sheet.boundingBox();
    return (box?.width ?? 0) > (box?.height ?? 0) ? 'lying' : 'upright';
  };
  await expect.poll(shape).toBe('upright');
  await intake.locator(`[data-leaf="${doc}/1"]`).click();
  await clerk.keyboard.press('r');
  await expect(intake.locator(`[data-leaf="${doc}/1"] img`)).toHaveAttribute('data-turn', '90');
  await expect.poll(shape).toBe('lying');
  await undone(intake);
  await expect(intake.locator(`[data-leaf="${doc}/1"] img`)).toHaveAttribute('data-turn', '0');
  await expect.poll(shape).toBe('upright');
});

test('pages are reordered, split and dropped on the table, saved as one act, and restored', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  const doc = await lay(intake, '庭前会议笔录');
  const before = await leaves(intake);
  expect(before.length).toBeGreaterThan(2);
  const acts: unknown[] = [];
  clerk.on('request', (r) => r.url().endsWith('/mend') && acts.push(r.postDataJSON()));

  // By keys: the second page before the first.
  await intake.locator(`[data-leaf="${doc}/2"]`).click();
  await clerk.keyboard.press('Control+ArrowLeft');
  expect((await leaves(intake)).slice(0, 2)).toEqual([`${doc}/2`, `${doc}/1`]);
  // By hand: the first page to the end.
  await intake.locator(`[data-leaf="${doc}/2"]`).dragTo(intake.locator(`[data-leaf="${before.at(-1)}"]`), { targetPosition: { x: 90, y: 60 } });
  await expect.poll(async () => (await leaves(intake)).at(-1)).toBe(`${doc}/2`);
  // Before the first page there is nothing to split off.
  await intake.getByTestId('intake-leaf').first().click();
  await clerk.keyboard.press('s');
  await expect(intake.getByTestId('intake-trouble')).toContainText('第一页');
  await intake.getByTestId('intake-leaf').last().click();
  // Split before the last page, then think better of it.
  await clerk.keyboard.press('s');
  await expect(intake.getByTestId('intake-stack')).toHaveCount(2);
  await clerk.keyboard.press('Control+z');
  await expect(intake.getByTestId('intake-stack')).toHaveCount(1);
  await clerk.keyboard.press('Delete');
  expect((await leaves(intake)).length).toBe(before.length - 1);
  expect(acts).toEqual([]);

  await clerk.keyboard.press('Control+s');
  await expect(intake.getByTestId('intake-save')).toHaveCount(0);
  await expect(intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`)).toHaveCount(0);
  expect(acts).toMatchObject([{ mend: 'bind', from: [doc], into: [{ leaves: [{ doc, page: 1 }, ...before.slice(2).map((_, i) => ({ doc, page: i + 3 }))] }] }]);

  await intake.getByTestId('intake-retired').click();
  await intake.getByTestId('intake-retired-list').locator('li').filter({ hasText: '庭前会议笔录' }).getByTestId('intake-restore').first().click();
  await expect(intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`)).toBeVisible();
  await intake.getByTestId('intake-quality').click();
});

test('two documents are joined, and taking it back brings both', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  const one = await lay(intake, '民事起诉状');
  const other = intake.getByTestId('intake-doc').filter({ hasText: '借款合同' }).first();
  await other.click({ modifiers: ['Control'] });
  const two = await other.getAttribute('data-doc');
  await expect(intake.getByTestId('intake-stack')).toHaveCount(2);
  const pages = (await leaves(intake)).length;
  await intake.getByTestId('intake-join').click();
  await expect(intake.getByTestId('intake-stack')).toHaveCount(1);
  // Leaving asks; Esc answers only what is in front.
  await clerk.keyboard.press('Escape');
  await expect(clerk.getByTestId('confirm-other')).toBeVisible();
  await clerk.keyboard.press('Escape');
  await expect(clerk.getByTestId('confirm-other')).toHaveCount(0);
  await expect(intake.getByTestId('intake-stack')).toHaveCount(1);
  await clerk.keyboard.press('Escape');
  await clerk.keyboard.press('Enter');
  await expect(intake).toBeHidden();
  await clerk.getByTestId('intake-open').click();
  await expect(intake.locator(`[data-testid=intake-doc][data-doc="${one}"]`)).toHaveCount(0);
  await expect(intake.getByTestId('intake-leaf')).toHaveCount(pages);
  await undone(intake);
  for (const doc of [one, two]) await expect(intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`)).toBeVisible();
});

test('a document is filed by the form and by dragging; what is wrong with a page is accepted and reconsidered', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  const doc = await lay(intake, '银行流水');
  const entry = intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`);
  const heading = () => entry.locator('xpath=ancestor::*[@data-testid="intake-heading"]').getAttribute('data-heading');
  const home = await heading();
  const form = intake.getByTestId('intake-form');
  await entry.focus();
  await clerk.keyboard.press('F2');
  await expect(form.getByLabel('名称')).toBeFocused();
  const title = await form.getByLabel('名称').inputValue();
  await form.getByLabel('名称').fill(`${title}（核对）`);
  await clerk.keyboard.press('Enter');
  await expect(entry).toContainText('（核对）');
  await undone(intake);
  await expect(entry).not.toContainText('（核对）');

  await entry.dragTo(intake.locator('[data-testid=intake-heading][data-heading="代理词"]').first());
  await expect.poll(heading).toBe('代理词');
  await undone(intake);
  await expect.poll(heading).toBe(home);

  const problems = intake.getByTestId('intake-problem');
  const some = await problems.count();
  test.skip(some === 0, 'the dossier of this hearing has no page to be mended');
  // More may be found meanwhile.
  const what = (await problems.first().textContent()) ?? '';
  const same = problems.filter({ hasText: what });
  const before = await same.count();
  await same.first().focus();
  await clerk.keyboard.press('a');
  await expect(same).toHaveCount(before - 1);
  await intake.getByTestId('intake-accepted').click();
  await expect(problems).toHaveCount(1);
  await intake.getByTestId('intake-accept').click();
  await expect(problems).toHaveCount(0);
});

test('evidence of a side is numbered in order, its list left out, and all of it is taken back at once', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  const form = intake.getByTestId('intake-form');
  const titles = () => intake.getByTestId('intake-heading').filter({ hasText: '原告证据目录' }).getByTestId('intake-doc').locator('.name').allInnerTexts();
  const before = await titles();
  await lay(intake, '转账凭证');
  await form.getByLabel('证据号').fill('9');
  await form.getByLabel('证据号').press('Enter');
  await expect.poll(async () => (await titles()).join()).toContain('证据九 转账凭证');
  await intake.getByTestId('intake-number-plaintiff').click();
  await expect(intake.getByTestId('intake-number-plaintiff')).toHaveCount(0);
  expect((await titles()).join()).toMatch(/原告证据目录.*证据五 转账凭证/s);
  await undone(intake);
  await undone(intake);
  await expect.poll(titles).toEqual(before);
});

test('the input method keeps its keys: what is composed acts on nothing', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  await lay(intake, '民事起诉状');
  const before = await leaves(intake);
  await intake.getByTestId('intake-leaf').first().focus();
  await intake.getByTestId('intake-leaf').first().evaluate((e) => {
    for (const key of ['Delete', 's', 'r', 'Process']) e.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, isComposing: true, cancelable: true }));
  });
  expect(await leaves(intake)).toEqual(before);
  await clerk.keyboard.press('Escape');
  await expect(intake).not.toBeVisible();
});

/** A PDF of its own with a comment that makes it as long as is asked for. */
function pdf(bytes: number): Buffer {
  const given = readFileSync(`${ROOT}target/fixtures/case/02-起诉状.pdf`);
  return Buffer.concat([given, Buffer.from(`\n%${Date.now()}`), Buffer.alloc(Math.max(0, bytes - given.length), 0x20)]);
}

test('a file whose line breaks goes on where it stopped; the same file again is said to be there', async ({ sit }) => {
  test.setTimeout(120_000);
  const clerk = await sit('clerk');
  await clerk.getByTestId('tab-dossier').click();
  await clerk.getByTestId('deposit-open').click();
  const puts: number[] = [];
  let breaks = 1;
  await clerk.route('**/uploads/*?from=*', async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('from'));
    puts.push(from);
    if (from > 0 && breaks > 0) {
      breaks -= 1;
      await route.abort('connectionreset');
    } else await route.continue();
  });
  const file = { name: '补充证据.pdf', mimeType: 'application/pdf', buffer: pdf(2 * CHUNK) };
  const send = async () => {
    await clerk.getByTestId('deposit-file').setInputFiles(file);
    await clerk.getByTestId('deposit-send').click();
  };
  await send();
  const upload = clerk.getByTestId('upload').last();
  await expect(upload).toHaveAttribute('data-fate', 'filed', { timeout: 60_000 });
  expect(puts.slice(0, 3)).toEqual([0, CHUNK, CHUNK]);
  await expect(clerk.getByTestId('deposit').getByRole('status')).toContainText('已加入 1 份');
  await expect(clerk.getByTestId('catalogue')).toContainText('补充证据');

  await send();
  await expect(clerk.getByTestId('upload-known')).toBeVisible({ timeout: 30_000 });
  await clerk.getByTestId('upload-clear').click();
  await expect(clerk.getByTestId('upload-list')).toHaveCount(0);
});

test('a file chosen again after a reload goes on; cancelling it leaves nothing', async ({ sit }) => {
  const clerk = await sit('clerk');
  const open = async () => {
    await clerk.getByTestId('tab-dossier').click();
    await clerk.getByTestId('deposit-open').click();
  };
  await open();
  const [puts, gone]: [number[], string[]] = [[], []];
  clerk.on('request', (r) => r.method() === 'DELETE' && gone.push(r.url()));
  let open1 = true;
  await clerk.route('**/uploads/*?from=*', async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('from'));
    puts.push(from);
    await (from > 0 && open1 ? route.abort('connectionreset') : route.continue());
  });
  const buffer = pdf(2 * CHUNK);
  // The name, size and time of a file tell that it is the same one.
  const choose = () =>
    clerk.getByTestId('deposit-file').evaluate((input: HTMLInputElement, text) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], '续传.pdf', { type: 'application/pdf', lastModified: 1_700_000_000_000 }));
      input.files = data.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, buffer.toString('base64'));
  await choose();
  await clerk.getByTestId('deposit-send').click();
  await expect(clerk.getByTestId('upload')).toContainText('连接中断');
  await clerk.reload();
  puts.length = 0;
  await open();
  await choose();
  await clerk.getByTestId('deposit-send').click();
  await expect.poll(() => puts[0]).toBe(CHUNK);
  await clerk.getByTestId('upload-cancel').click();
  await expect(clerk.getByTestId('upload')).toHaveCount(0);
  await expect.poll(() => gone.length).toBe(1);
  open1 = false;
});

test('what the machine files without being sure waits for one key; a file with a password asks for it', async ({ sit }) => {
  const clerk = await sit('clerk');
  await clerk.getByTestId('tab-dossier').click();
  await clerk.getByTestId('deposit-open').click();
  const passwords: unknown[] = [];
  await clerk.route('**/uploads/*/file', async (route) => {
    const { password } = route.request().postDataJSON() as { password: string | null };
    passwords.push(password);
    if (password === null) await route.fulfill({ status: 422, json: { sentence: '文件设有打开密码，请在“打开密码”一栏填写后重新提交' } });
    else await route.continue();
  });
  const picture = await clerk.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 1100 });
    const pen = canvas.getContext('2d');
    if (pen) {
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, 800, 1100);
      pen.fillStyle = '#000';
      pen.font = '40px sans-serif';
      pen.fillText(String(Math.random()), 100, 200);
    }
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  await clerk.getByTestId('deposit').locator('select').selectOption('plaintiff');
  // The court sits; the clerk files it without asking.
  await clerk.getByTestId('deposit-offer').uncheck();
  await clerk.getByTestId('deposit-file').setInputFiles({ name: 'IMG_2041.png', mimeType: 'image/png', buffer: Buffer.from(picture, 'base64') });
  await clerk.getByTestId('deposit-send').click();
  await clerk.getByTestId('upload-password').fill('123456');
  await clerk.getByTestId('upload-password').press('Enter');
  await expect(clerk.getByTestId('upload')).toHaveAttribute('data-fate', 'filed');
  expect(passwords).toEqual([null, '123456']);
  await clerk.keyboard.press('Escape');

  const intake = await organised(clerk);
  const waiting = intake.getByTestId('review-doc').filter({ hasText: 'IMG_2041' });
  await waiting.focus();
  await clerk.keyboard.press('e');
  await expect(intake.getByTestId('intake-form').getByLabel('归目')).toBeFocused();
  await waiting.focus();
  await clerk.keyboard.press('a');
  await expect(waiting).toHaveCount(0);

  // Withdrawn again where it was brought in.
  await clerk.keyboard.press('Escape');
  await clerk.getByTestId('deposit-open').click();
  await clerk.getByTestId('upload-withdraw').click();
  await expect(clerk.getByTestId('upload')).toContainText('已撤下');
});

test('a page is replaced by a new scan; files dropped on the catalogue are offered for it', async ({ sit }) => {
  const clerk = await sit('clerk');
  const intake = await organised(clerk);
  const doc = await lay(intake, '民事起诉状');
  const before = await leaves(intake);
  const acts: { from: string[]; into: { leaves: unknown[] }[] }[] = [];
  clerk.on('request', (r) => r.url().endsWith('/mend') && acts.push(r.postDataJSON()));
  await intake.locator(`[data-leaf="${doc}/2"]`).click();
  await clerk.keyboard.press('p');
  await intake.getByTestId('intake-scan').setInputFiles({ name: '第二页.pdf', mimeType: 'application/pdf', buffer: pdf(0) });
  await expect(intake.getByTestId('intake-replacing')).toHaveCount(0, { timeout: 30_000 });
  const now = await leaves(intake);
  expect(now).not.toContain(`${doc}/2`);
  expect([now[0], now.at(-1)]).toEqual([before[0], before.at(-1)]);
  const scan = now[1]?.split('/')[0] ?? '';
  await clerk.keyboard.press('Control+s');
  await expect(intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`)).toHaveCount(0);
  await expect(intake.getByTestId('intake-leaf')).toHaveCount(now.length);
  expect(acts[0]?.from).toEqual([doc, scan]);
  expect(acts[0]?.into.map((b) => b.leaves.length)).toEqual([now.length]);
  await undone(intake);
  await expect(intake.locator(`[data-testid=intake-doc][data-doc="${doc}"]`)).toBeVisible();
  await clerk.keyboard.press('Escape');

  const dropped = await clerk.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['%PDF-1.4'], '10.pdf', { type: 'application/pdf' }));
    data.items.add(new File(['%PDF-1.4'], '9.pdf', { type: 'application/pdf' }));
    return data;
  });
  await clerk.getByTestId('catalogue').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(clerk.getByTestId('deposit')).toContainText('10.pdf');
  await expect(clerk.getByTestId('deposit-send')).toContainText('2');
});

test('the office arranges the catalogue, without pictures', async ({ browser }) => {
  const admin = await office(browser);
  await admin.locator('[data-testid^=case-]').first().click();
  await admin.getByTestId('lobby-dossier').click();
  await admin.getByTestId('intake-open').click();
  const intake = admin.getByTestId('intake');
  await intake.getByTestId('intake-doc').filter({ hasText: '民事起诉状' }).first().click();
  const form = intake.getByTestId('intake-form');
  await form.getByLabel('名称').fill('民事起诉状（正本）');
  await form.getByTestId('intake-file').click();
  await expect(intake.getByTestId('intake-tree')).toContainText('民事起诉状（正本）');
  await undone(intake);
  await expect(intake.getByTestId('intake-tree')).not.toContainText('（正本）');
  await admin.context().close();
});
