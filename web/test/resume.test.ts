import { describe, expect, it } from 'vitest';
import { Refused } from '../src/connection/api';
import { inOrder, takes } from '../src/state/dropped';
import { Pace } from '../src/state/pace';
import { CHUNK, type Memory, type Sending, sendWhole, type Wire } from '../src/state/resume';

const SIZE = 2 * CHUNK + 10;
const file = new File([new Uint8Array(SIZE)], 'a.pdf', { lastModified: 5 });

function remembering(): Memory & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return { all, get: (k) => all.get(k) ?? null, set: (k, id) => void all.set(k, id), forget: (k) => void all.delete(k) };
}

/** A court that answers as `faults` say, each once. */
function court(faults: Record<string, unknown[]> = {}) {
  const said: string[] = [];
  const uploads = new Map<string, number>();
  const fault = (what: string) => {
    const next = faults[what]?.shift();
    if (next) throw next;
  };
  const wire: Wire = {
    begin: async () => {
      said.push('begin');
      fault('begin');
      const id = `u${uploads.size + 1}`;
      uploads.set(id, 0);
      return { id, received: 0 };
    },
    ask: async (id) => {
      said.push(`ask ${id}`);
      fault('ask');
      const received = uploads.get(id);
      if (received === undefined) throw new Refused(404, 'unknown');
      return { id, received };
    },
    put: async (id, from, chunk) => {
      said.push(`put ${from}`);
      fault('put');
      const received = uploads.get(id) ?? 0;
      if (from !== received) throw new Refused(409, 'not what has been received');
      uploads.set(id, from + chunk.size);
      fault('answer');
      return { received: from + chunk.size };
    },
    drop: async () => null,
  };
  return { said, uploads, wire };
}

function how(): Sending & { pauses: number[]; at: number[] } {
  const [pauses, at]: [number[], number[]] = [[], []];
  return { pauses, at, signal: new AbortController().signal, sent: (b) => at.push(b), pause: (ms) => ms > 0 && pauses.push(ms), wait: async () => undefined };
}

describe('a file on its way', () => {
  it('goes in chunks', async () => {
    const { said, wire } = court();
    const h = how();
    expect(await sendWhole(file, 'p', wire, remembering(), h)).toBe('u1');
    expect(said).toEqual(['begin', 'put 0', `put ${CHUNK}`, `put ${2 * CHUNK}`]);
    expect(h.at.at(-1)).toBe(SIZE);
  });

  it('pauses longer and longer while the line is broken, and goes on with what was received', async () => {
    const down = () => new TypeError('no network');
    const { said, wire } = court({ put: [down()], ask: [down(), down()] });
    const h = how();
    await sendWhole(file, 'p', wire, remembering(), h);
    expect(h.pauses).toEqual([1000, 2000, 4000]);
    expect(said.slice(0, 6)).toEqual(['begin', 'put 0', 'ask u1', 'ask u1', 'ask u1', 'put 0']);
  });

  it('does not send twice what came through without its answer', async () => {
    const { said, wire } = court({ answer: [new Refused(502, '')] });
    await sendWhole(file, 'p', wire, remembering(), how());
    expect(said).toEqual(['begin', 'put 0', 'ask u1', `put ${CHUNK}`, `put ${2 * CHUNK}`]);
  });

  it('goes on after a reload, and begins anew where the court no longer knows it', async () => {
    const memory = remembering();
    const { said, uploads, wire } = court();
    const stop = new AbortController();
    await expect(sendWhole(file, 'p', wire, memory, { ...how(), signal: stop.signal, sent: (b) => b > 0 && stop.abort() })).rejects.toThrow();
    said.length = 0;
    await sendWhole(file, 'p', wire, memory, how());
    expect(said).toEqual(['ask u1', `put ${CHUNK}`, `put ${2 * CHUNK}`]);
    uploads.clear();
    said.length = 0;
    await sendWhole(file, 'p', wire, memory, how());
    expect(said.slice(0, 3)).toEqual(['ask u1', 'begin', 'put 0']);
  });

  it('does not insist on what was refused', async () => {
    const { wire } = court({ begin: [new Refused(422, 'too large')] });
    await expect(sendWhole(file, 'p', wire, remembering(), how())).rejects.toThrow('too large');
  });
});

describe('what is dropped', () => {
  it('is taken in the order of its names, leaving out what is no paper', () => {
    const names = inOrder([new File([], '10.pdf'), new File([], '9.pdf'), new File([], '1.pdf')]).map((f) => f.name);
    expect(names).toEqual(['1.pdf', '9.pdf', '10.pdf']);
    expect(['a.PDF', 'b.zip', 'Thumbs.db', '._a.pdf', '.DS_Store'].filter(takes)).toEqual(['a.PDF', 'b.zip']);
  });
});

describe('the pace', () => {
  it('foretells the rest once it has been watched', () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(1000, 10);
    expect(pace.left(100)).toBeNull();
    pace.note(4000, 40);
    expect(pace.left(100)).toBe(6000);
    pace.note(5000, 0);
    expect(pace.left(100)).toBeNull();
  });
});
