import { expect, type Page } from '@playwright/test';
import { opened } from './desks';
import { type House, record, test } from './house';
import { spoken } from './spoken';

/** Ten lines a second settle, each after three partials and with four voices in the air; every fifth stands before what settled meanwhile. */
class Stream {
  readonly #house: House;
  readonly #since: number;
  readonly #said = new Map<number, { from: number; text: string }>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #utterance = 100;

  constructor(house: House) {
    this.#house = house;
    this.#since = house.now();
  }

  begin(): void {
    this.#timer = setInterval(() => this.#step(), 100);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  get texts(): Set<string> {
    return new Set([...this.#said.values()].map((s) => s.text));
  }

  #step(): void {
    const [n, now] = [(this.#utterance += 1), this.#house.now()];
    const seat = spoken(n).seat;
    const said = { from: n % 5 === 0 ? Math.max(this.#since, now - 8_000) : now, text: `${spoken(n).text}${n}` };
    this.#said.set(n, said);
    for (const share of [0.3, 0.6, 0.9]) this.#house.recogniser.partial({ seat, utterance: n, from: said.from, text: said.text.slice(0, said.text.length * share) });
    const settles = this.#said.get(n - 4);
    if (settles) this.#house.recogniser.settle({ seat: spoken(n - 4).seat, utterance: n - 4, to: now, ...settles });
  }
}

/** Where the field one writes in stood on the screen, frame by frame, until it is asked for. */
async function watch(page: Page): Promise<() => Promise<{ frames: number; moved: number; lost: number }>> {
  await page.evaluate(() => {
    const tops: number[] = [];
    let lost = 0;
    const frame = () => {
      const field = document.querySelector('[data-testid=line-editor]');
      if (field) tops.push(field.getBoundingClientRect().top);
      if (field !== document.activeElement) lost += 1;
      running = requestAnimationFrame(frame);
    };
    let running = requestAnimationFrame(frame);
    Object.assign(window, {
      watched: () => {
        cancelAnimationFrame(running);
        return { frames: tops.length, moved: Math.max(...tops) - Math.min(...tops), lost };
      },
    });
  });
  return () => page.evaluate(() => (window as unknown as { watched: () => { frames: number; moved: number; lost: number } }).watched());
}

/** Writes as a hand does, one key after the other, with a word of Chinese composed in between. */
async function write(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await page.keyboard.type('written while others speak 1 ', { delay: 90 });
  for (const text of ['wei', 'wei yue', 'wei yue jin']) {
    await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await page.evaluate(() => new Promise((done) => setTimeout(done, 250)));
  }
  await session.send('Input.insertText', { text: '违约金' });
  await page.keyboard.type(' and more 2', { delay: 90 });
  return 'written while others speak 1 违约金 and more 2';
}

const BEFORE = 40;

test('while ten lines a second settle, what is written stays under the cursor and goes to its own line', async ({ house, chair }) => {
  test.setTimeout(120_000);
  const judge = await chair('judge');
  const clerk = await chair('clerk');
  await opened(judge);
  const of = (page: Page, id: string) => page.locator(`[data-testid=line][data-line="${id}"]`);
  const ids = () => clerk.getByTestId('line').evaluateAll((all) => all.map((l) => l.getAttribute('data-line') ?? ''));
  const began = house.now();
  for (let n = 1; n <= BEFORE; n += 1) house.recogniser.settle({ utterance: n, from: began + n, to: began + n + 1, ...spoken(n), text: `${spoken(n).text}${n}` });
  await expect(clerk.getByTestId('line-text').filter({ hasText: `${spoken(BEFORE).text}${BEFORE}` })).toHaveCount(1);

  const stream = new Stream(house);
  stream.begin();
  const written: { id: string; text: string }[] = [];
  for (const which of ['middle', 'end'] as const) {
    const all = await ids();
    const id = all.at(which === 'middle' ? -20 : -1) ?? '';
    await of(clerk, id).dblclick();
    const editor = clerk.getByTestId('line-editor');
    await expect(editor).toBeFocused();
    const was = await editor.inputValue();
    const stood = await watch(clerk);
    const before = Number(await clerk.getByTestId('transcript').getAttribute('data-lines'));
    const text = await write(clerk);
    await expect(editor).toHaveValue(was + text);
    // Enough has happened around it.
    await expect.poll(async () => Number(await clerk.getByTestId('transcript').getAttribute('data-lines')), { timeout: 30_000 }).toBeGreaterThan(before + 70);
    const place = await stood();
    console.log(`${which}: ${JSON.stringify(place)}`);
    expect(place.frames).toBeGreaterThan(100);
    expect(place.moved).toBeLessThanOrEqual(1);
    expect(place.lost).toBe(0);
    await expect(editor).toHaveValue(was + text);
    await clerk.keyboard.press('Enter');
    await expect(editor).toHaveCount(0);
    written.push({ id, text: was + text });
  }

  // What is still being said is taken over: the settled lines come in above it.
  await clerk.keyboard.press('Shift+F2');
  const editor = clerk.getByTestId('line-editor');
  await expect(editor).toBeFocused();
  await editor.fill('');
  const stood = await watch(clerk);
  const before = Number(await clerk.getByTestId('transcript').getAttribute('data-lines'));
  const text = await write(clerk);
  await expect.poll(async () => Number(await clerk.getByTestId('transcript').getAttribute('data-lines')), { timeout: 30_000 }).toBeGreaterThan(before + 70);
  const place = await stood();
  console.log(`taken over: ${JSON.stringify(place)}`);
  expect(place.moved).toBeLessThanOrEqual(1);
  expect(place.lost).toBe(0);
  await expect(editor).toHaveValue(text);
  await clerk.keyboard.press('Enter');
  // It has settled meanwhile: both versions are shown, and the clerk's is taken by the same key.
  await expect(clerk.getByTestId('conflict')).toBeVisible();
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue(text);
  await clerk.keyboard.press('Enter');
  await expect(editor).toHaveCount(0);
  stream.end();

  // As the hub has it: nothing that was typed stands anywhere else, and every other line reads as it was said.
  const said = stream.texts;
  for (let n = 1; n <= BEFORE; n += 1) said.add(`${spoken(n).text}${n}`);
  for (const page of [clerk, judge]) {
    const typed = (await record(page)).filter((l) => l.from >= began && !said.has(l.text));
    expect(typed.map((l) => l.text)).toEqual([...written.map((w) => w.text), text]);
    expect(typed.slice(0, 2).map((l) => String(l.id))).toEqual(written.map((w) => w.id));
  }
});
