// A scanned document of a thousand pages at the judge's desk: how long until its first page is there, a page that is gone to, and a page that is
// looked for. In the same rounds the browser paints the bare picture of the page (the floor), and PDF.js shows the same file (the peer).

import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { seated } from './desks';
import { type House, test } from './house';
import { phraseOf, writeScan } from './scan';

const QUICK = process.env['QUICK'] === '1';
const PAGES = QUICK ? 200 : 1000;
const ROUNDS = QUICK ? 2 : 7;
const TURNS = QUICK ? 8 : 40;
const QUERIES = QUICK ? 8 : 60;
/** Pages of the document that PDF.js goes to: it takes its time. */
const PEER_TURNS = QUICK ? 3 : 10;
const FOLDER = new URL('../../target/bench/viewer', import.meta.url).pathname;
const PEER = new URL('../../target/bench/pdfjs/node_modules/pdfjs-dist/build', import.meta.url).pathname;
const TITLE = 'scan-of-many-pages';

interface Figure {
  name: string;
  value?: number;
  unit: string;
  rounds?: number;
  floor?: number;
  peers?: Record<string, number>;
  goal?: number;
  skipped?: string;
}

const rounded = (value: number) => Math.round(value * 100) / 100;

function print({ value, floor, peers, goal, ...figure }: Figure): void {
  console.log(
    JSON.stringify({
      ...figure,
      ...(value !== undefined && { value: rounded(value) }),
      ...(value !== undefined && floor !== undefined && { floor: rounded(floor), ratio: rounded(value / floor) }),
      ...(peers && { peers: Object.fromEntries(Object.entries(peers).map(([k, v]) => [k, rounded(v)])) }),
      ...(value !== undefined && goal !== undefined && { goal, met: rounded(value) <= goal }),
    }),
  );
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
const median = (values: readonly number[]) => at(values, 0.5);

/** Always the same pages, all over the document and no two beside each other. */
function places(count: number, from: number): number[] {
  return Array.from({ length: count }, (_, i) => 3 + ((from + i * 617) % (PAGES - 5)));
}

async function scan(browser: Browser): Promise<string> {
  const path = join(FOLDER, `scan-${PAGES}.pdf`);
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  console.error(`drawing ${PAGES} pages`);
  const page = await browser.newPage();
  await writeScan(page, `${path}.part`, PAGES);
  await page.close();
  renameSync(`${path}.part`, path);
  return path;
}

interface Opened {
  ms: number;
  requests: number;
  kib: number;
}

/** In every page: the end of a frame, as screens wait for it. */
const FRAME = `window.afterFrame = () => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(null);
}));`;

/** In every page: comes as soon as something holds that hangs on what the screens show; no frame is waited for. */
const WHEN = `window.when = (holds, then) => {
  if (holds()) return then();
  const observer = new MutationObserver(() => {
    if (!holds()) return;
    observer.disconnect();
    then();
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-painted', 'data-page', 'data-doc'] });
};`;

interface Waiting {
  afterFrame: () => Promise<void>;
  when: (holds: () => boolean, then: () => void) => void;
}

/** Clicks the document and waits until its first page is painted; counted inside the page. */
async function openFirst(desk: Page, doc: string): Promise<Opened> {
  await desk.locator(`[data-testid=doc][data-doc="${doc}"]`).waitFor();
  return desk.evaluate(
    (doc) =>
      new Promise<Opened>((done) => {
        performance.clearResourceTimings();
        const began = performance.now();
        const painted = () => document.querySelector(`[data-testid=sheet][data-doc="${doc}"][data-painted=yes]`) !== null;
        const told = () => {
          const ms = performance.now() - began;
          const asked = performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/')) as PerformanceResourceTiming[];
          done({ ms, requests: asked.length, kib: asked.reduce((sum, e) => sum + e.transferSize, 0) / 1024 });
        };
        document.querySelector<HTMLElement>(`[data-testid=doc][data-doc="${doc}"]`)?.click();
        (window as unknown as Waiting).when(painted, told);
      }),
    doc,
  );
}

/** The bare picture of a page, asked for under a name of its own so that no cache has it. */
async function floorOf(desk: Page, doc: string, page: number, name: string): Promise<number> {
  return desk.evaluate(
    async (url) => {
      const image = new Image();
      image.style.cssText = 'position:fixed;left:0;top:0;width:600px;z-index:9';
      const began = performance.now();
      image.src = url;
      document.body.append(image);
      await image.decode();
      await (window as unknown as Waiting).afterFrame();
      const ms = performance.now() - began;
      image.remove();
      return ms;
    },
    `api/pages/${doc}/${page}/image?dpi=120&for=${name}`,
  );
}

async function goTo(desk: Page, doc: string, page: number): Promise<number> {
  return desk.evaluate(
    ([doc, page]) =>
      new Promise<number>((done) => {
        const field = document.querySelector<HTMLInputElement>('[data-testid=page-box]');
        if (!field) throw new Error('there is no page box');
        field.value = String(page);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        const began = performance.now();
        field.form?.requestSubmit();
        const painted = () => document.querySelector(`[data-testid=sheet][data-doc="${doc}"][data-page="${page}"][data-painted=yes]`) !== null;
        (window as unknown as Waiting).when(painted, () => done(performance.now() - began));
      }),
    [doc, page] as const,
  );
}

/** From the last key of the query to the page with the words lit. `ahead`: Enter comes once the page was fetched ahead, and is where the time begins. */
async function find(desk: Page, doc: string, page: number, ahead: boolean): Promise<number> {
  return desk.evaluate(
    ([doc, page, phrase, ahead]) =>
      new Promise<number>((done, fail) => {
        const field = document.querySelector<HTMLInputElement>('[data-testid=search]');
        if (!field) throw new Error('there is no search box');
        const { when } = window as unknown as Waiting;
        const frames = (holds: () => boolean, then: () => void): unknown => (holds() ? then() : requestAnimationFrame(() => frames(holds, then)));
        const there = () => document.querySelector(`[data-testid=hit][data-doc="${doc}"][data-page="${page}"]`) !== null;
        const lit = () => document.querySelector(`[data-testid=sheet][data-doc="${doc}"][data-page="${page}"][data-painted=yes] .found`) !== null;
        const fetched = () => performance.getEntriesByType('resource').some((e) => e.name.includes(`/api/pages/${doc}/${page}/image?dpi=120`));
        // The browser keeps 250 of them.
        performance.clearResourceTimings();
        field.focus();
        field.value = phrase;
        let began = performance.now();
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        when(there, () => {
          const first = document.querySelector('[data-testid=hit]')?.getAttribute('data-page');
          if (first !== String(page)) return fail(new Error(`page ${first} was found first, not ${page}`));
          frames(() => !ahead || fetched(), () => {
            const enter = () => {
              if (ahead) began = performance.now();
              field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
              when(lit, () => done(performance.now() - began));
            };
            // Decoded too: what is fetched ahead lies ready.
            if (ahead) requestIdleCallback(enter);
            else enter();
          });
        });
      }),
    [doc, page, phraseOf(page), ahead] as const,
  );
}

/** Memory of the page's own process, in MiB; what processes share is shared out. */
async function memoryOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  const browser = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await browser?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  await browser?.detach();
  const pss = ({ id }: { id: number }) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
  return Math.max(...processInfo.filter((p) => p.type === 'renderer').map(pss));
}

const PEER_PAGE = `<!doctype html><meta charset=utf-8><canvas id=c></canvas><script type=module>
import * as pdfjs from './pdf.mjs';
pdfjs.GlobalWorkerOptions.workerSrc = './pdf.worker.mjs';
const canvas = document.getElementById('c');
const paint = async (n) => {
  const page = await window.pdf.getPage(n);
  const viewport = page.getViewport({ scale: 992 / page.getViewport({ scale: 1 }).width });
  [canvas.width, canvas.height] = [viewport.width, viewport.height];
  await page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport }).promise;
  await afterFrame();
};
window.first = async () => {
  const began = performance.now();
  window.pdf = await pdfjs.getDocument({ url: './scan.pdf', cMapUrl: './cmaps/', cMapPacked: true }).promise;
  await paint(1);
  return performance.now() - began;
};
window.goTo = async (n) => { const began = performance.now(); await paint(n); return performance.now() - began; };
window.ready = true;
</script>`;

interface PeerHouse {
  server: Server;
  origin: string;
  told: { requests: number; bytes: number };
}

/** Serves PDF.js and the file, ranges too, as a web server does. */
async function peerHouse(file: string): Promise<PeerHouse> {
  const told = { requests: 0, bytes: 0 };
  const size = statSync(file).size;
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    if (name === '') return void response.setHeader('content-type', 'text/html').end(PEER_PAGE);
    if (name !== 'scan.pdf') {
      const path = join(PEER, name.replace(/^cmaps/, '../cmaps'));
      if (!existsSync(path)) return void response.writeHead(404).end();
      return void response.setHeader('content-type', 'text/javascript').end(readFileSync(path));
    }
    told.requests += 1;
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    const [from, to] = range ? [Number(range[1]), range[2] ? Number(range[2]) : size - 1] : [0, size - 1];
    response.writeHead(range ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-type': 'application/pdf',
      'content-length': to - from + 1,
      'cache-control': 'no-store',
      ...(range && { 'content-range': `bytes ${from}-${to}/${size}` }),
    });
    const bytes = createReadStream(file, { start: from, end: to });
    bytes.on('data', (chunk) => (told.bytes += chunk.length));
    request.on('close', () => bytes.destroy());
    bytes.pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, told, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

interface PeerWindow {
  first: () => Promise<number>;
  goTo: (n: number) => Promise<number>;
}

async function peerFirst(browser: Browser, peer: PeerHouse): Promise<Opened & { page: Page }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(FRAME);
  await page.goto(peer.origin);
  await page.waitForFunction('window.ready');
  Object.assign(peer.told, { requests: 0, bytes: 0 });
  const ms = await page.evaluate(() => (window as unknown as PeerWindow).first());
  return { page, ms, requests: peer.told.requests, kib: peer.told.bytes / 1024 };
}

async function judgeOf(browser: Browser, house: House): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  await page.addInitScript(`${FRAME}${WHEN}`);
  await page.goto(await house.link('judge'));
  await seated(page, 'judge');
  return page;
}

test('a document of a thousand pages', async ({ browser, house }) => {
  test.setTimeout(1_800_000);
  const file = await scan(browser);
  const began = performance.now();
  const doc = await house.fileOne(file, TITLE);
  await house.untilRead(doc);
  console.error(`${PAGES} pages (${Math.round(statSync(file).size / 2 ** 20)} MiB) filed and read in ${Math.round((performance.now() - began) / 1000)} s`);
  const missing = existsSync(join(PEER, 'pdf.mjs')) ? null : 'PDF.js is not there: scripts/bench.sh installs it';
  const peer = missing ? null : await peerHouse(file);

  const [ours, floors, theirs]: [Opened[], number[], Opened[]] = [[], [], []];
  let [memory, peerMemory]: [number, number | null] = [0, null];
  const peerTurns: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const desk = await judgeOf(browser, house);
    ours.push(await openFirst(desk, doc));
    floors.push(await floorOf(desk, doc, 1, `first-${round}`));
    await desk.context().close();
    if (!peer) continue;
    const shown = await peerFirst(browser, peer);
    theirs.push(shown);
    if (round === ROUNDS - 1) {
      for (const n of places(PEER_TURNS, 11)) peerTurns.push(await shown.page.evaluate((n) => (window as unknown as PeerWindow).goTo(n), n));
      peerMemory = await memoryOf(shown.page);
    }
    await shown.page.context().close();
  }
  const first = await judgeOf(browser, house);
  await openFirst(first, doc);
  const fresh: number[] = [];
  for (const n of places(PEER_TURNS, 53)) fresh.push(await goTo(first, doc, n));
  memory = await memoryOf(first);
  await first.context().close();

  await house.untilDrawn(doc, PAGES);
  console.error(`drawn after ${Math.round((performance.now() - began) / 1000)} s`);
  const desk = await judgeOf(browser, house);
  await openFirst(desk, doc);
  const [turns, turnFloors]: [number[], number[]] = [[], []];
  for (const n of places(TURNS, 11)) {
    turns.push(await goTo(desk, doc, n));
    turnFloors.push(await floorOf(desk, doc, n, `turn-${n}`));
  }
  const [queries, ahead]: [number[], number[]] = [[], []];
  for (const [i, n] of places(QUERIES, 101).entries()) (i % 2 === 0 ? queries : ahead).push(await find(desk, doc, n, i % 2 === 1));
  await desk.context().close();
  peer?.server.close();

  const of = (value: number | null) => (value === null || Number.isNaN(value) ? {} : { peers: { pdfjs: value } });
  const rounds = ROUNDS;
  print({ name: 'viewer_first_page_of_1000_ms', value: median(ours.map((o) => o.ms)), unit: 'ms', rounds, floor: median(floors), ...of(median(theirs.map((o) => o.ms))), goal: 200 });
  print({ name: 'viewer_first_page_of_1000_first_time_ms', value: ours[0]?.ms ?? Number.NaN, unit: 'ms', rounds: 1, goal: 200 });
  print({ name: 'viewer_requests_first_page', value: median(ours.map((o) => o.requests)), unit: 'count', rounds, ...of(median(theirs.map((o) => o.requests))), goal: 3 });
  print({ name: 'viewer_kib_first_page', value: median(ours.map((o) => o.kib)), unit: 'KiB', rounds, ...of(median(theirs.map((o) => o.kib))) });
  print({ name: 'viewer_go_to_page_p50', value: median(turns), unit: 'ms', rounds: TURNS, floor: median(turnFloors), ...of(median(peerTurns)) });
  print({ name: 'viewer_go_to_page_p99', value: at(turns, 0.99), unit: 'ms', rounds: TURNS, ...of(at(peerTurns, 0.99)) });
  print({ name: 'viewer_go_to_page_while_drawn_p50', value: median(fresh), unit: 'ms', rounds: PEER_TURNS });
  print({ name: 'viewer_query_to_paint_p50', value: median(queries), unit: 'ms', rounds: queries.length, floor: median(turnFloors), goal: 80 });
  print({ name: 'viewer_query_to_paint_p99', value: at(queries, 0.99), unit: 'ms', rounds: queries.length, goal: 200 });
  print({ name: 'viewer_prefetched_ms', value: median(ahead), unit: 'ms', rounds: ahead.length, goal: 30 });
  print({ name: 'viewer_prefetched_p99', value: at(ahead, 0.99), unit: 'ms', rounds: ahead.length });
  print({ name: 'viewer_memory_mib', value: memory, unit: 'MiB', rounds: 1, ...of(peerMemory) });
  if (missing) print({ name: 'viewer_peer_pdfjs', unit: 'ms', skipped: missing });
});
