// The queue of files that are brought into a dossier: one after another, each with its own fate. It goes on while its
// dialogue is closed.

import { deposit, type Deposit, Refused, type Taken, uploads } from '../connection/api';
import { wantsPassword } from '../i18n/headings';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import { Pace } from './pace';
import { browserMemory, fileKey, persistently, type Sending, sendWhole, waitOnline } from './resume';

export type Fate = 'waiting' | 'sending' | 'filing' | 'filed' | 'failed';

export class Item {
  fate = $state<Fate>('waiting');
  sent = $state(0);
  /** The line is broken: it is tried again in so many milliseconds. */
  pause = $state(0);
  sentence = $state('');
  docs = $state.raw<readonly CatalogueDoc[]>([]);
  known = $state.raw<readonly CatalogueDoc[]>([]);
  refused = $state.raw<Taken['refused']>([]);
  password: string;
  readonly what: Deposit;
  stop = new AbortController();

  constructor(what: Deposit, password: string) {
    this.what = what;
    this.password = $state(password);
  }

  get wantsPassword(): boolean {
    return wantsPassword(this.sentence) || this.refused.some((r) => wantsPassword(r.sentence));
  }

  get going(): boolean {
    return this.fate === 'waiting' || this.fate === 'sending' || this.fate === 'filing';
  }
}

export class Uploads {
  items = $state.raw<readonly Item[]>([]);
  readonly pace = new Pace();
  readonly #path: string;
  readonly #whole: boolean;
  #running = false;

  /** `whole`: the files go in one piece, as 副卷 takes them. */
  constructor(path: string, whole = false) {
    this.#path = path;
    this.#whole = whole;
  }

  get going(): readonly Item[] {
    return this.items.filter((i) => i.going);
  }

  get bytes(): { sent: number; total: number } {
    const going = this.items.filter((i) => i.fate !== 'failed');
    return { sent: going.reduce((n, i) => n + i.sent, 0), total: going.reduce((n, i) => n + i.what.file.size, 0) };
  }

  /** `password`: with which the files are opened, if they have one. */
  add(what: readonly Deposit[], password = ''): Item[] {
    if (this.going.length === 0) this.items = this.items.filter((i) => i.fate === 'failed');
    const added = what.map((w) => new Item(w, password));
    this.items = [...this.items, ...added];
    void this.#run();
    return added;
  }

  /** A file that is not filed yet is given up; what came of it is let go. */
  cancel(item: Item): void {
    item.stop.abort();
    this.items = this.items.filter((i) => i !== item);
    const key = fileKey(this.#path, item.what.file);
    const id = browserMemory.get(key);
    browserMemory.forget(key);
    if (id) void uploads(this.#path).drop(id).catch(() => undefined);
  }

  retry(item: Item): void {
    item.stop = new AbortController();
    item.fate = 'waiting';
    item.sentence = '';
    item.refused = [];
    void this.#run();
  }

  /** What is done need not be seen any longer. */
  clear(): void {
    this.items = this.items.filter((i) => i.going);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let item = this.#next(); item; item = this.#next()) await this.#bring(item);
    this.#running = false;
  }

  #next(): Item | undefined {
    return this.items.find((i) => i.fate === 'waiting');
  }

  async #bring(item: Item): Promise<void> {
    item.fate = 'sending';
    const how: Sending = {
      signal: item.stop.signal,
      sent: (bytes) => {
        item.sent = bytes;
        this.pace.note(performance.now(), this.bytes.sent);
      },
      pause: (ms) => (item.pause = ms),
      wait: waitOnline,
    };
    try {
      const taken = this.#whole ? await this.#inOnePiece(item, how) : await this.#inChunks(item, how);
      item.docs = taken.docs;
      item.known = taken.known;
      item.refused = taken.refused;
      item.fate = taken.refused.length > 0 && taken.docs.length + taken.known.length === 0 ? 'failed' : 'filed';
    } catch (error) {
      item.sentence = (error as Error).message;
      item.fate = 'failed';
    } finally {
      item.pause = 0;
    }
  }

  async #inOnePiece(item: Item, how: Sending): Promise<Taken> {
    const doc = await deposit(this.#path, item.what, (share) => how.sent(share * item.what.file.size));
    return { docs: [doc], known: [], refused: [] };
  }

  async #inChunks(item: Item, how: Sending): Promise<Taken> {
    const { file, side, heading, title, evidenceNumber, offer = false, purpose = '' } = item.what;
    const wire = uploads(this.#path);
    const key = fileKey(this.#path, file);
    // An upload may have been swept away between its last byte and its filing: once more, then.
    for (let again = true; ; again = false) {
      const id = await sendWhole(file, this.#path, wire, browserMemory, how);
      item.fate = 'filing';
      try {
        const taken = await persistently(() => wire.file(id, { side, heading, title, evidenceNumber, password: item.password || null, offer, purpose }), how);
        if (!taken.refused.some((r) => wantsPassword(r.sentence))) browserMemory.forget(key);
        return taken;
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404 || !again) throw error;
        browserMemory.forget(key);
        item.fate = 'sending';
      }
    }
  }
}

const QUEUES = new Map<string, Uploads>();

/** The queue of a dossier, the same for as long as the page lives. */
export function queueOf(path: string, whole = false): Uploads {
  const there = QUEUES.get(path) ?? new Uploads(path, whole);
  QUEUES.set(path, there);
  return there;
}
