// A file on its way into the dossier, chunk by chunk: what broke goes on where it stopped.

import { Refused } from '../connection/api';

export const CHUNK = 4 * 1024 * 1024;
const PAUSE_MS = 1000;
const PAUSE_MAX_MS = 30_000;

export interface Standing {
  id: string;
  received: number;
}

/** How the court is reached. */
export interface Wire {
  begin(name: string, bytes: number): Promise<Standing>;
  ask(id: string): Promise<Standing>;
  put(id: string, from: number, chunk: Blob, signal: AbortSignal): Promise<{ received: number }>;
  drop(id: string): Promise<unknown>;
}

/** Which uploads are unfinished, by file; outlives the page. */
export interface Memory {
  get(key: string): string | null;
  set(key: string, id: string): void;
  forget(key: string): void;
}

export interface Sending {
  signal: AbortSignal;
  /** So many bytes are there. */
  sent: (bytes: number) => void;
  /** The line is broken; it is tried again in so long. 0: it goes on. */
  pause: (ms: number) => void;
  /** Waits, less long where the line comes back. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function fileKey(path: string, file: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return `${path}|${file.name}|${file.size}|${file.lastModified}`;
}

const status = (error: unknown) => (error instanceof Refused ? error.status : 0);

/** The line or the server is at fault, not what was asked. */
export function passing(error: unknown): boolean {
  const s = status(error);
  return s === 0 || s === 429 || (s >= 502 && s <= 504);
}

/** Tries until there is an answer; a refusal is thrown. */
export async function persistently<T>(act: () => Promise<T>, how: Pick<Sending, 'signal' | 'pause' | 'wait'>): Promise<T> {
  for (let pause = PAUSE_MS; ; pause = Math.min(PAUSE_MAX_MS, pause * 2)) {
    try {
      const given = await act();
      how.pause(0);
      return given;
    } catch (error) {
      if (how.signal.aborted || !passing(error)) throw error;
      how.pause(pause);
      await how.wait(pause, how.signal);
      how.signal.throwIfAborted();
    }
  }
}

/** Brings all of a file to the court and gives the id it has there. */
export async function sendWhole(file: File, path: string, wire: Wire, memory: Memory, how: Sending): Promise<string> {
  const key = fileKey(path, file);
  const anew = async () => {
    const standing = await wire.begin(file.name, file.size);
    memory.set(key, standing.id);
    return standing;
  };
  const asked = async (id: string) => {
    try {
      return await wire.ask(id);
    } catch (error) {
      if (status(error) !== 404) throw error;
      memory.forget(key);
      return anew();
    }
  };
  const known = memory.get(key);
  let standing = await persistently(() => (known ? asked(known) : anew()), how);
  how.sent(standing.received);
  while (standing.received < file.size) {
    how.signal.throwIfAborted();
    const { id, received } = standing;
    let broke = false;
    standing = await persistently(async () => {
      // After a break the court knows best how much of it came through.
      if (broke) return asked(id);
      broke = true;
      try {
        const chunk = file.slice(received, Math.min(file.size, received + CHUNK));
        return { id, received: (await wire.put(id, received, chunk, how.signal)).received };
      } catch (error) {
        if (status(error) === 409 || status(error) === 404) return asked(id);
        throw error;
      }
    }, how);
    how.sent(standing.received);
  }
  return standing.id;
}

/** Waits for a timer, or until the browser says that the line is back. */
export function waitOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}

const KEPT = 'huiting.uploads';
const KEPT_MAX = 200;

function kept(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

function keep(all: Record<string, string>): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-KEPT_MAX))));
  } catch {
    // A browser that keeps nothing begins anew after a reload.
  }
}

export const browserMemory: Memory = {
  get: (key) => kept()[key] ?? null,
  set: (key, id) => keep({ ...kept(), [key]: id }),
  forget: (key) => {
    const { [key]: _, ...rest } = kept();
    keep(rest);
  },
};
