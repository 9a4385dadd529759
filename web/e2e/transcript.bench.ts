// A record of three hours at the clerk's desk: how long it takes to open, how even it scrolls, what it holds of memory.

import { expect, type Page } from '@playwright/test';
import { opened } from './desks';
import { type House, test } from './house';
import { spoken } from './spoken';

/** One every three seconds. */
const LINES = 3_600;
const QUICK = process.env['QUICK'] === '1';
/** A wheel turned fast: about eight screens of text a second. */
const PX_PER_FRAME = 90;
const FRAME_MS = 1000 / 60;

interface Figure {
  name: string;
  value: number;
  unit: string;
  goal?: number;
}

function print({ name, value, unit, goal }: Figure, rounds = 1): void {
  const rounded = Math.round(value * 1000) / 1000;
  console.log(JSON.stringify({ name, value: rounded, unit, rounds, ...(goal !== undefined && { goal, met: rounded <= goal }) }));
}

function fill(house: House): void {
  const now = house.now();
  for (let n = 0; n < LINES; n += 1) {
    const from = Math.round((now * n) / LINES);
    house.recogniser.settle({ utterance: n + 1, from, to: from + 1, ...spoken(n) });
  }
}

/** Frames of the page, in ms each, while `what` goes on. */
async function frames(page: Page, what: 'down' | 'up' | { ms: number }): Promise<number[]> {
  return page.locator('[data-testid=transcript] .list').evaluate(
    (list, [what, step]) =>
      new Promise<number[]>((done) => {
        const deltas: number[] = [];
        let last = 0;
        let began = 0;
        if (what === 'down') list.scrollTo(0, 0);
        if (what === 'up') list.scrollTo(0, list.scrollHeight);
        const frame = (now: number) => {
          if (last > 0) deltas.push(now - last);
          else began = now;
          last = now;
          const before = list.scrollTop;
          if (typeof what === 'string') list.scrollBy(0, what === 'down' ? step : -step);
          const over = typeof what === 'string' ? deltas.length > 10 && list.scrollTop === before : now - began > what.ms;
          if (over) done(deltas);
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    [what, PX_PER_FRAME] as const,
  );
}

/** Frames, and what the page's main thread worked for each: that is the page's own, however busy the machine is. */
async function printFrames(name: string, page: Page, what: 'down' | 'up' | { ms: number }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => (await session.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ?? 0;
  const before = await worked();
  const deltas = await frames(page, what);
  print({ name: `${name}_work_per_frame`, value: ((await worked()) - before) * 1000 / deltas.length, unit: 'ms' });
  await session.detach();
  const sorted = deltas.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  print({ name: `${name}_frames`, value: deltas.length, unit: 'count' });
  print({ name: `${name}_frame_p50`, value: at(0.5), unit: 'ms' });
  print({ name: `${name}_frame_p95`, value: at(0.95), unit: 'ms', goal: FRAME_MS + 1 });
  print({ name: `${name}_frame_worst`, value: at(1), unit: 'ms' });
  print({ name: `${name}_frames_over_25ms`, value: deltas.filter((d) => d > 25).length / deltas.length, unit: 'share' });
}

async function memory(page: Page): Promise<{ heapMib: number; nodes: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? 0;
  return { heapMib: of('JSHeapUsedSize') / 2 ** 20, nodes: of('Nodes') };
}

test('three hours of record', async ({ house, chair }) => {
  const judge = await chair('judge');
  await opened(judge);
  await judge.close();
  fill(house);
  const clerk = await chair('clerk');
  await expect(clerk.getByTestId('transcript')).toHaveAttribute('data-lines', String(LINES), { timeout: 300_000 });

  const reloads: number[] = [];
  for (let n = 0; n < (QUICK ? 1 : 5); n += 1) {
    await clerk.reload({ waitUntil: 'commit' });
    const ms = await clerk.evaluate(
      (all) =>
        new Promise<number>((done) => {
          const look = () => {
            const transcript = document.querySelector('[data-testid=transcript]');
            const last = document.querySelector(`[data-line="${all}"]`);
            // What is there is painted with the frame after this one.
            if (Number(transcript?.getAttribute('data-lines')) >= all && last) requestAnimationFrame(() => done(performance.now()));
            else requestAnimationFrame(look);
          };
          look();
        }),
      LINES,
    );
    reloads.push(ms);
  }
  print({ name: 'transcript_3h_open', value: reloads.toSorted((a, b) => a - b)[reloads.length >> 1] ?? 0, unit: 'ms', goal: 2000 }, reloads.length);
  const held = await memory(clerk);
  print({ name: 'transcript_3h_heap', value: held.heapMib, unit: 'MiB' });
  print({ name: 'transcript_3h_nodes', value: held.nodes, unit: 'count' });

  await printFrames('transcript_3h_idle', clerk, { ms: 3000 });
  await printFrames('transcript_3h_scroll_down', clerk, 'down');
  if (!QUICK) await printFrames('transcript_3h_scroll_up', clerk, 'up');

  // Ten lines a second settle while the clerk types.
  await clerk.locator('[data-testid=transcript] .list').evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  await clerk.getByTestId('line-text').nth(5).dblclick();
  await expect(clerk.getByTestId('line-editor')).toBeFocused();
  let n = LINES;
  const stream = setInterval(() => {
    n += 1;
    house.recogniser.settle({ utterance: n, from: house.now(), to: house.now() + 1, ...spoken(n) });
  }, 100);
  await printFrames('transcript_3h_stream', clerk, { ms: 10_000 });
  const typed = await clerk.getByTestId('line-editor').evaluate(
    (field: HTMLTextAreaElement) =>
      new Promise<number[]>((done) => {
        const took: number[] = [];
        const type = () => {
          const began = performance.now();
          document.execCommand('insertText', false, '字');
          requestAnimationFrame(() => {
            took.push(performance.now() - began);
            if (took.length === 50) done(took);
            else setTimeout(type, 97);
          });
        };
        field.focus();
        type();
      }),
  );
  clearInterval(stream);
  print({ name: 'transcript_3h_type_p95', value: typed.toSorted((a, b) => a - b)[47] ?? 0, unit: 'ms', goal: 50 });
});
