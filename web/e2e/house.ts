// A house of its own for specs that say what is heard: hub and recorder of the program under test, a played recogniser, a case
// without documents, and cables to the hub that can be cut.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BrowserContext, type Page, test as base } from '@playwright/test';
import type { Catalogue } from '../src/protocol/Catalogue';
import type { Taken } from '../src/protocol/Taken';
import type { LineView } from '../src/protocol/LineView';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import { seated } from './desks';
import { Recogniser } from './recogniser';

const PROGRAM = process.env['HUITING_PROGRAM'] ?? new URL('../../target/debug/huiting', import.meta.url).pathname;
const START_MAX_MS = 60_000;

const SEATS = [
  ['judge', 'presidingJudge', '周正'],
  ['clerk', 'clerk', '孙丽'],
  ['plaintiff', 'plaintiffAgent', '陈晓明'],
  ['defendant', 'defendantAgent', '赵敏'],
] as const;

const CASE = 'loan-1';

export type Chair = (typeof SEATS)[number][0];

export class House {
  readonly #folder: string;
  readonly #cables: Cable[] = [];
  #port = 0;
  #recogniser: Recogniser | null = null;
  #processes: ChildProcess[] = [];
  #cookie = '';
  #hearing = '';
  #opened = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<House> {
    const house = new House(mkdtempSync(join(tmpdir(), 'huiting-house-')));
    try {
      await house.#start();
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const [settings, run, port] = [join(this.#folder, 'huiting.toml'), join(this.#folder, 'data', 'run'), await freePort()];
    this.#port = port;
    const microphones = `[[room.microphones]]\ndevice = "simulated"\nseats = ${JSON.stringify(SEATS.map(([id]) => id))}\n`;
    writeFileSync(settings, `[storage]\ndata = "data"\nreserve_minutes = 10\n[server]\nlisten = "127.0.0.1:${port}"\n${microphones}`);
    execFileSync(PROGRAM, ['--config', settings, 'case', 'create', CASE, '--number', '（2026）清0102民初1号', '--cause', '民间借贷纠纷']);
    mkdirSync(run, { recursive: true });
    this.#recogniser = await Recogniser.listen(join(run, 'recogniser.sock'));
    this.#processes = ['recorder', 'hub'].map((name) => spawn(PROGRAM, ['--config', settings, name], { stdio: 'ignore' }));
    const link = join(run, 'admin.link');
    await until(() => existsSync(link) && readFileSync(link, 'utf8') !== '', 'the hub did not start');
    await until(() => fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false), 'the hub does not answer');
    const joined = await fetch(readFileSync(link, 'utf8'), { redirect: 'manual' });
    this.#cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? '';
    const seats = SEATS.map(([id, role, name]) => ({ id, role, name, authority: '', present: true, microphone: true }));
    const hearing = await this.#post<{ hearing: string }>(this.#origin, 'hearings', { case: CASE, public: true, seats });
    this.#hearing = hearing.hearing;
    this.#opened = performance.now();
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async #post<T>(origin: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${origin}/admin/api/${path}`, {
      method: 'POST',
      headers: { cookie: this.#cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Files a document with the court; gives its id. */
  async fileOne(path: string, title: string): Promise<string> {
    const form = new FormData();
    form.set('side', 'bench');
    form.set('title', title);
    form.set('file', new Blob([readFileSync(path)]), basename(path));
    const answer = await fetch(`${this.#origin}/admin/api/cases/${CASE}/dossier`, { method: 'POST', headers: { cookie: this.#cookie }, body: form });
    if (!answer.ok) throw new Error(`${title}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as Taken).docs[0]!.doc;
  }

  /** Until every page of a document has its text. */
  async untilRead(doc: string): Promise<void> {
    const read = async () => {
      const answer = await fetch(`${this.#origin}/admin/api/cases/${CASE}/dossier`, { headers: { cookie: this.#cookie } });
      const filed = ((await answer.json()) as Catalogue).docs.find((d) => d.doc === doc);
      return filed !== undefined && filed.pages.length > 0 && filed.pagesReady === filed.pages.length;
    };
    await until(read, 'the document is not read', 600_000);
  }

  /** Until the pictures of every page that screens read by lie ready. */
  async untilDrawn(doc: string, pages: number): Promise<void> {
    const folder = join(this.#folder, 'data', 'cases', CASE, 'dossier', 'pages', doc);
    const drawn = () => readdirSync(folder).filter((name) => /^\d+-120\./.test(name)).length === pages;
    await until(drawn, 'the pages are not drawn', 1_200_000);
  }

  /** Files documents of a side; when it comes back they can be searched. */
  file(party: 'court' | 'plaintiff' | 'defendant', files: string[]): void {
    execFileSync(PROGRAM, ['--config', join(this.#folder, 'huiting.toml'), 'dossier', 'add', CASE, '--party', party, ...files], { stdio: 'ignore' });
  }

  get recogniser(): Recogniser {
    if (!this.#recogniser) throw new Error('the house is not open');
    return this.#recogniser;
  }

  /** A link of a seat, good once; it leads through the cable. */
  async link(seat: Chair, cable?: Cable): Promise<string> {
    const { url } = await this.#post<{ url: string }>(cable?.origin ?? this.#origin, `hearings/${this.#hearing}/seats/${seat}/code`);
    return url;
  }

  async cable(): Promise<Cable> {
    const cable = await Cable.lay(this.#port);
    this.#cables.push(cable);
    return cable;
  }

  /** Hearing time, a moment late at most: in ms. */
  now(): number {
    return Math.round(performance.now() - this.#opened);
  }

  async close(): Promise<void> {
    this.#recogniser?.close();
    for (const cable of this.#cables) cable.close();
    await Promise.all(this.#processes.map(ended));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** `house`: one for all specs of a worker. `chair`: sits down at a seat of it, in a browser of its own. */
export const test = base.extend<{ chair: (seat: Chair, cable?: Cable) => Promise<Page> }, { house: House }>({
  house: [
    async ({}, use) => {
      const house = await House.open();
      await use(house);
      await house.close();
    },
    { scope: 'worker', timeout: 2 * START_MAX_MS },
  ],
  chair: async ({ browser, house }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (seat, cable) => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(await house.link(seat, cable));
      await seated(page, seat);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

/** The lines as a desk is given them when it comes back. */
export async function record(page: Page): Promise<LineView[]> {
  const welcome = new Promise<LineView[]>((done) => {
    page.once('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const msg = JSON.parse(String(payload)) as ServerMsg;
        if (msg.type === 'welcome' && msg.snapshot) done(msg.snapshot.lines);
      }),
    );
  });
  await page.reload();
  return welcome;
}

/** Between a desk and the hub. */
export class Cable {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #whole = true;
  #answers = true;
  origin = '';

  private constructor(port: number) {
    this.#server = createServer((desk) => {
      if (!this.#whole) return void desk.destroy();
      const hub = connect(port, '127.0.0.1');
      this.#carry(desk, hub, () => true);
      this.#carry(hub, desk, () => this.#answers);
    });
  }

  static async lay(port: number): Promise<Cable> {
    const cable = new Cable(port);
    cable.origin = `http://127.0.0.1:${await listening(cable.#server)}`;
    return cable;
  }

  #carry(from: Socket, to: Socket, carries: () => boolean): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => carries() && to.write(bytes));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  /** What the desk says still arrives; what it is answered is lost. */
  loseAnswers(): void {
    this.#answers = false;
  }

  /** Ends every connection and lets none through until it is mended. */
  cut(): void {
    this.#whole = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#whole = this.#answers = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string, maxMs = START_MAX_MS): Promise<void> {
  const deadline = Date.now() + maxMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}
