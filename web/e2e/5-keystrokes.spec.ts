// What a clerk's keyboard has to do for a hearing of ten minutes: the lines of the scripted hearing and half as many more, with fourteen
// errors of the kinds a recogniser makes. Every key is counted, a chord as one; a Chinese word as its pinyin in full and a key to choose it.

import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { opened } from './desks';
import { record, test } from './house';
import { spoken } from './spoken';

interface Line {
  seat: string;
  text: string;
}

/** Wrong characters of a line: `{…}` is what was said there, `heard` what stands there. `keys`: as it is typed. */
interface Slip extends Line {
  kind: 'name' | 'amount' | 'word';
  heard: string;
  keys: string;
}

const { cues } = JSON.parse(readFileSync(new URL('../../target/fixtures/hearing/timeline.json', import.meta.url), 'utf8')) as {
  cues: { id: string; kind: string; seat: string; text: string }[];
};
const script = cues.filter((c) => c.kind === 'speech');
/** Behind the script as much is said as makes ten minutes, at 200 characters a minute. */
const MORE = 30;

const SLIPS: Record<string, Slip> = {
  c08: { kind: 'name', seat: 'plaintiff', text: '我是原告的委托代理人{陈晓明}，代理权限为特别授权。', heard: '陈小明', keys: '' },
  c09: { kind: 'name', seat: 'defendant', text: '我是被告的委托诉讼代理人{赵敏}，代理权限是一般授权。', heard: '赵民', keys: '' },
  c13: { kind: 'name', seat: 'judge', text: '本案由审判长{周正}和审判员组成合议庭，书记员孙丽担任记录。', heard: '周政', keys: '' },
  c18: { kind: 'amount', seat: 'plaintiff', text: '请求判令被告归还借款本金{45}万元，并支付利息和违约金。', heard: '15', keys: '45' },
  c21: { kind: 'amount', seat: 'plaintiff', text: '被告只在2024年9月10日还了{5}万元，之后一直没有还款。', heard: '15', keys: '5' },
  c23: { kind: 'amount', seat: 'defendant', text: '借款是事实，但是我方一共偿还了8万元，其中{3}万元是现金。', heard: '13', keys: '3' },
  c24: { kind: 'word', seat: 'defendant', text: '合同约定的违约金过高，请求法院依法予以{调减}。', heard: '调解', keys: 'tiaojian ' },
  c41: { kind: 'word', seat: 'defendant', text: '原告没有证明实际{损失}，约定的违约金明显过高，应当予以减少。', heard: '损害', keys: 'sunshi ' },
};
const SPEAKERS: Record<string, string> = { c11: 'defendant', c27: 'judge' };
/** Cut in two behind so many characters. */
const HALVES: Record<string, number> = { c25: 12, c30: 10 };
const MISSING = { cue: 'c28', keys: 'beigao ye meiyou buchong yijian .' };
const RUN_TOGETHER = ['c47', 'c48'] as const;

const rightOf = (slip: Slip) => ({ seat: slip.seat, text: slip.text.replace(/[{}]/g, '') });
const heardOf = (slip: Slip) => ({ seat: slip.seat, text: slip.text.replace(/\{.*\}/, slip.heard) });
const wordOf = (slip: Slip) => /\{(.*)\}/.exec(slip.text)?.[1] ?? '';
const cue = (id: string) => script.find((c) => c.id === id) ?? { seat: '', text: '' };

/** The record as it should be, and as it was heard. */
function hearing(): { right: Line[]; heard: (Line & { unsure?: string })[] } {
  const right: Line[] = [];
  const heard: (Line & { unsure?: string })[] = [];
  for (const { id, seat, text } of script) {
    const slip = SLIPS[id];
    right.push(slip ? rightOf(slip) : { seat, text });
    const half = HALVES[id];
    if (slip) heard.push(slip.kind === 'name' ? { ...heardOf(slip), unsure: slip.heard } : heardOf(slip));
    else if (half) heard.push({ seat, text: text.slice(0, half) }, { seat, text: text.slice(half) });
    else if (id === RUN_TOGETHER[0]) heard.push({ seat, text: text + cue(RUN_TOGETHER[1]).text });
    else if (id !== MISSING.cue && id !== RUN_TOGETHER[1]) heard.push({ seat: SPEAKERS[id] ?? seat, text });
  }
  const more = Array.from({ length: MORE }, (_, n) => spoken(n + 1)).map(({ seat, text }) => ({ seat, text }));
  return { right: [...right, ...more], heard: [...heard, ...more] };
}

/** The clerk's hands, counted by what they are at. */
class Hands {
  readonly strokes: Record<string, number[]> = {};
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  begin(at: string): void {
    this.#now = this.strokes[at] ??= [];
    this.#now.push(0);
  }

  async press(key: string): Promise<void> {
    this.#count(1);
    await this.#page.keyboard.press(key);
  }

  async type(text: string, keys: string): Promise<void> {
    this.#count(keys.length);
    await this.#page.keyboard.insertText(text);
  }

  #now: number[] = [];

  #count(n: number): void {
    this.#now[this.#now.length - 1] = (this.#now.at(-1) ?? 0) + n;
  }
}

test('fourteen errors of ten minutes are corrected from the keyboard alone, and its strokes are counted', async ({ house, chair }, info) => {
  test.setTimeout(240_000);
  const judge = await chair('judge');
  await opened(judge);
  const clerk = await chair('clerk');
  // Of the specs that share this house it is the first: what others leave would be counted too.
  await expect(clerk.getByTestId('transcript')).toHaveAttribute('data-lines', '0');
  const { right, heard } = hearing();
  const began = house.now();
  for (const [n, { seat, text, unsure }] of heard.entries()) {
    const pieces = (unsure ? text.split(new RegExp(`(${unsure})`)) : [text]).map((t) => ({ text: t, confidence: t === unsure ? 0.6 : 0.97 }));
    house.recogniser.settle({ seat, utterance: 20_000 + n, from: began + n * 5, to: began + n * 5 + 3, text, pieces });
  }
  await expect(clerk.getByTestId('line')).toHaveCount(heard.length);
  const chars = right.reduce((sum, l) => sum + l.text.length, 0);
  expect(chars).toBeGreaterThan(1_900);

  const hands = new Hands(clerk);
  const editor = clerk.getByTestId('line-editor');
  const selected = clerk.locator('[data-testid=line].selected');
  const here = clerk.locator('[data-testid=doubt].here');
  const textHere = clerk.getByTestId('line').filter({ has: here }).getByTestId('line-text');
  const closed = () => expect(editor).toHaveCount(0);

  /** The place in doubt, as one can see it; empty when there is none. */
  const place = async () => (await clerk.getByTestId('spot').count()) === 0 ? '' : `${await textHere.textContent()}|${await here.textContent()}|${await clerk.getByTestId('doubt').count()}`;

  // First what is in doubt, place by place.
  hands.begin('to the first doubt');
  await hands.press('F4');
  await expect(here).toHaveCount(1);
  while ((await clerk.getByTestId('doubt').count()) > 0) {
    const was = await place();
    const [line = '', doubt = ''] = was.split('|');
    const slip = Object.values(SLIPS).find((s) => heardOf(s).text === line && doubt.includes(s.heard) && s.kind !== 'word');
    if (slip?.kind === 'name') {
      hands.begin('a name that sounds the same');
      const words = clerk.getByTestId('spot-word');
      await expect(words.filter({ hasText: wordOf(slip) })).toHaveCount(1);
      const digit = (await words.allTextContents()).findIndex((w) => w.endsWith(wordOf(slip))) + 1;
      await hands.press(String(digit));
    } else if (slip) {
      hands.begin('a wrong amount');
      await hands.press('F2');
      await expect(editor).toBeFocused();
      await hands.type(wordOf(slip), slip.keys);
      await hands.press('Enter');
      await closed();
    } else {
      hands.begin('a doubt that was right');
      await hands.press('Enter');
    }
    // On to the next place, or there is none.
    await expect.poll(async () => (await clerk.getByTestId('doubt').count()) === 0 || !['', was].includes(await place())).toBe(true);
  }

  // Then what is read over, from the last line up.
  const walk = async (text: string) => {
    hands.begin('a line further while reading');
    while (!(await selected.getByTestId('line-text').textContent())?.startsWith(text)) {
      const id = await selected.getAttribute('data-line');
      await hands.press('ArrowUp');
      await expect(selected).not.toHaveAttribute('data-line', id ?? '');
    }
  };
  /** A speaker by the digit that stands before them. */
  const speaker = async (seat: string) => {
    await hands.press('F8');
    const names = selected.locator('.speakers button');
    await expect(names.first()).toBeFocused();
    const name = { judge: '周正', plaintiff: '陈晓明', defendant: '赵敏' }[seat] ?? '';
    await hands.press(String((await names.allTextContents()).findIndex((w) => w.includes(name)) + 1));
    await expect(names).toHaveCount(0);
  };
  const caret = () => editor.evaluate((f: HTMLTextAreaElement) => [f.selectionStart, f.selectionEnd] as const);

  for (const { id, seat, text } of [...script].reverse()) {
    const [slip, half] = [SLIPS[id], HALVES[id]];
    if (slip?.kind === 'word') {
      const line = heardOf(slip).text;
      await walk(line);
      hands.begin('a wrong word nothing marks');
      await hands.press('F2');
      await expect(editor).toBeFocused();
      // From the end, word by word.
      const [from, to] = [line.indexOf(slip.heard), line.indexOf(slip.heard) + slip.heard.length];
      while ((await caret())[0] > to) await hands.press('Control+ArrowLeft');
      while ((await caret())[0] < to) await hands.press('ArrowRight');
      while ((await caret())[0] > from) await hands.press('Control+Shift+ArrowLeft');
      expect(await caret()).toEqual([from, to]);
      await hands.type(wordOf(slip), slip.keys);
      await hands.press('Enter');
      await closed();
    } else if (id === RUN_TOGETHER[0]) {
      await walk(text);
      hands.begin('two speakers in one line');
      await hands.press('F2');
      await expect(editor).toBeFocused();
      while ((await caret())[0] > text.length) await hands.press('Control+ArrowLeft');
      while ((await caret())[0] < text.length) await hands.press('ArrowRight');
      await hands.press('Alt+Enter');
      await closed();
      await expect(selected.getByTestId('line-text')).toHaveText(cue(RUN_TOGETHER[1]).text);
      await speaker(cue(RUN_TOGETHER[1]).seat);
    } else if (SPEAKERS[id]) {
      await walk(text);
      hands.begin('a wrong speaker');
      await speaker(seat);
    } else if (half) {
      await walk(text.slice(0, half));
      hands.begin('a line torn in two');
      await hands.press('F2');
      await expect(editor).toBeFocused();
      await hands.press('Delete');
      await closed();
      await expect(selected.getByTestId('line-text')).toHaveText(text);
    } else if (id === MISSING.cue) {
      // It belongs behind the line before, which is reached next.
      const before = script[script.findIndex((c) => c.id === id) - 1];
      await walk(before?.text ?? '');
      hands.begin('a missing line');
      await hands.press('Insert');
      await expect(editor).toBeFocused();
      await hands.type(text, MISSING.keys);
      await hands.press('Enter');
      await closed();
      await expect(selected.getByTestId('line-text')).toHaveText(text);
      await speaker(seat);
    }
  }

  for (const page of [clerk, judge]) {
    const lines = (await record(page)).filter((l) => l.from >= began && l.text !== '').map(({ seat, text }) => ({ seat, text }));
    expect(lines).toEqual(right);
  }

  const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
  const rows = Object.entries(hands.strokes).map(([what, all]) => ({ what, times: all.length, strokes: sum(all), each: Math.round((sum(all) / all.length) * 10) / 10 }));
  const errors = rows.filter((r) => !/doubt|reading/.test(r.what));
  const figures = { chars, lines: right.length, rows, errors: sum(errors.map((r) => r.times)), perError: sum(errors.map((r) => r.strokes)) / sum(errors.map((r) => r.times)), all: sum(rows.map((r) => r.strokes)) };
  console.log(JSON.stringify(figures));
  await info.attach('key strokes', { body: JSON.stringify(figures, null, 1), contentType: 'application/json' });
});
