import { beforeEach, describe, expect, it } from 'vitest';
import { browserWorld } from '../src/connection/world';
import { type Answer, Link, type LinkState, type Socket, type World } from '../src/connection/link';
import type { ClientMsg } from '../src/protocol/ClientMsg';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import { snapshot } from './fixture';

/** A world whose time and chance the test holds in hand. */
class Sandbox implements World {
  sockets: FakeSocket[] = [];
  time = 0;
  chance = 0.5;
  ids = 0;
  timers: { at: number; act: () => void }[] = [];

  open(): Socket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }
  now = () => this.time;
  random = () => this.chance;
  newId = () => `cmd-${(this.ids += 1)}`;
  admits = true;
  admitted = () => Promise.resolve(this.admits);
  after(ms: number, act: () => void) {
    const timer = { at: this.time + ms, act };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }
  pass(ms: number) {
    const until = this.time + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.time = next.at;
      next.act();
    }
    this.time = until;
  }
  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('nothing was opened');
    return last;
  }
}

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: ClientMsg[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientMsg);
  }
  close() {
    this.closed = true;
  }
  hear(msg: ServerMsg) {
    this.onmessage?.({ data: JSON.stringify(msg) });
  }
  commands() {
    return this.sent.filter((m) => m.type === 'command');
  }
}

const welcome = (seq: number, epoch = 7, fresh = true): ServerMsg => ({ type: 'welcome', epoch, seq, seat: 'judge', class: 'bench', now: 1000, snapshot: fresh ? snapshot() : null });
const update = (seq: number): ServerMsg => ({ type: 'update', seq, at: seq, updates: [] });

let world: Sandbox;
let link: Link;
let heard: ServerMsg[];
let states: LinkState[];
let waiting: number;

beforeEach(() => {
  world = new Sandbox();
  heard = [];
  states = [];
  waiting = 0;
  link = new Link(world, { message: (m) => heard.push(m), state: (s) => states.push(s), waiting: (l) => (waiting = l.length) });
  link.start();
  world.socket.onopen?.();
});

describe('the link', () => {
  it('says hello first, with nothing to resume', () => {
    expect(world.socket.sent).toEqual([{ type: 'hello', resume: null }]);
  });

  it('resumes after a break from the last update it applied [R-SEQ-3]', () => {
    world.socket.hear(welcome(40));
    world.socket.hear(update(41));
    world.socket.hear(update(42));
    world.socket.onclose?.();
    world.pass(10_000);
    world.socket.onopen?.();
    expect(world.socket.sent[0]).toEqual({ type: 'hello', resume: { epoch: 7, seq: 42 } });
  });

  it('after a resume without a snapshot takes the updates that follow its own last one', () => {
    world.socket.hear(welcome(40));
    world.socket.onclose?.();
    world.pass(10_000);
    world.socket.onopen?.();
    heard.length = 0;
    world.socket.hear(welcome(43, 7, false));
    for (const seq of [41, 42, 43]) world.socket.hear(update(seq));
    expect(heard.filter((m) => m.type === 'update')).toHaveLength(3);
    expect(world.sockets).toHaveLength(2);
  });

  it('a gap in the sequence makes it come back and resume, and the update beyond the gap is not applied [R-SEQ-5]', () => {
    world.socket.hear(welcome(40));
    heard.length = 0;
    world.socket.hear(update(42));
    expect(heard).toEqual([]);
    expect(world.sockets[0]?.closed).toBe(true);
    world.pass(10_000);
    world.socket.onopen?.();
    expect(world.socket.sent[0]).toEqual({ type: 'hello', resume: { epoch: 7, seq: 40 } });
  });

  it('an update heard twice is applied once [R-SEQ-5]', () => {
    world.socket.hear(welcome(40));
    world.socket.hear(update(41));
    world.socket.hear(update(41));
    expect(heard.filter((m) => m.type === 'update')).toHaveLength(1);
  });

  it('a resync replaces where it stands [R-SEQ-4]', () => {
    world.socket.hear(welcome(40));
    world.socket.hear({ type: 'resync', seq: 90, snapshot: snapshot() });
    world.socket.hear(update(91));
    expect(heard.at(-1)).toEqual(update(91));
  });
});

describe('commands', () => {
  it('given while the line is down wait in sight and are sent after the welcome', async () => {
    const answer = link.command({ do: 'lock' }, false);
    expect(waiting).toBe(1);
    expect(world.socket.commands()).toHaveLength(0);
    world.socket.hear(welcome(1));
    expect(world.socket.commands()).toEqual([{ type: 'command', cmdId: 'cmd-1', command: { do: 'lock' }, inside: false }]);
    world.socket.hear({ type: 'done', cmdId: 'cmd-1' });
    expect(await answer).toEqual({ ok: true });
    expect(waiting).toBe(0);
  });

  it('without an answer are sent again with the same id after a reconnect, in their order [R-CMD-6]', () => {
    world.socket.hear(welcome(1));
    void link.command({ do: 'lock' }, false);
    void link.command({ do: 'hide' }, false);
    world.socket.onclose?.();
    world.pass(10_000);
    world.socket.onopen?.();
    world.socket.hear(welcome(1, 7, false));
    expect(world.socket.commands().map((m) => (m.type === 'command' ? m.cmdId : ''))).toEqual(['cmd-1', 'cmd-2']);
  });

  it('have ids at random, unlike any other [R-CMD-1]', () => {
    const { newId } = browserWorld('ws');
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9_-]{0,63}$/);
  });

  it('once answered are not sent again [R-CMD-6]', () => {
    world.socket.hear(welcome(1));
    void link.command({ do: 'lock' }, false);
    world.socket.hear({ type: 'done', cmdId: 'cmd-1' });
    world.socket.onclose?.();
    world.pass(10_000);
    world.socket.onopen?.();
    world.socket.hear(welcome(1, 7, false));
    expect(world.socket.commands()).toHaveLength(0);
  });

  it('refused reach the one who asked, with the reason [R-CMD-8]', async () => {
    world.socket.hear(welcome(1));
    const answer: Promise<Answer> = link.command({ do: 'correctLine', line: 3, base: 0, text: 'x' }, false);
    const denial = { why: 'stale', line: 3, revision: 1, text: '伍万元' } as const;
    world.socket.hear({ type: 'denied', cmdId: 'cmd-1', denial, sentence: 's' });
    expect(await answer).toEqual({ ok: false, denial, sentence: 's' });
  });
});

describe('a question to the dossier', () => {
  const asked = () => world.socket.sent.flatMap((m) => (m.type === 'search' ? [m.queryId] : []));
  const again = () => {
    world.socket.onclose?.();
    world.pass(10_000);
    world.socket.onopen?.();
    world.socket.hear(welcome(1, 7, false));
  };

  it('whose answer was lost with the line is asked again, and once answered no more [R-FIND-3]', () => {
    world.socket.hear(welcome(1));
    link.search(7, '借款', null);
    expect(asked()).toEqual([7]);
    again();
    expect(asked()).toEqual([7]);
    world.socket.hear({ type: 'results', queryId: 7, text: '借款', found: { hits: [], pages: 0, within: null, places: [] }, tookUs: 1 });
    again();
    expect(asked()).toEqual([]);
  });

  it('gives way to a newer one, and one asked while the line is down waits for it', () => {
    link.search(1, '借', null);
    link.search(2, '借款', 60);
    world.socket.hear(welcome(1));
    expect(asked()).toEqual([2]);
  });
});

describe('the line', () => {
  it('backs off longer each time, and no two screens alike [R-BACK-1]', () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      world.socket.onclose?.();
      const state = states.at(-1);
      if (state?.is === 'waiting') waits.push(state.retryAt - world.time);
      world.pass(20_000);
    }
    expect(waits[0]).toBeLessThan(300);
    expect(waits.at(-1)).toBe(6000);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    world.chance = 0;
    world.socket.onclose?.();
    const state = states.at(-1);
    expect(state?.is === 'waiting' && state.retryAt - world.time).toBe(4000);
  });

  it('that says nothing for 13 seconds is taken as broken, and not before [R-LIVE-3]', () => {
    world.socket.hear(welcome(1));
    world.pass(12_900);
    expect(world.sockets[0]?.closed).toBe(false);
    world.pass(3_200);
    expect(world.sockets[0]?.closed).toBe(true);
    world.pass(10_000);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it('is pinged at least every five seconds [R-LIVE-2]', () => {
    world.socket.hear(welcome(1));
    const times = () => world.socket.sent.flatMap((m) => (m.type === 'ping' ? [m.sentMs] : []));
    for (let s = 0; s < 60; s += 1) {
      world.pass(1_000);
      world.socket.hear({ type: 'pong', sentMs: 0, now: 0, utc: 0 });
    }
    const sent = times();
    expect(sent.length).toBeGreaterThan(11);
    for (const [n, at] of sent.entries()) expect(at - (sent[n - 1] ?? 0)).toBeLessThanOrEqual(5_000);
  });

  it('ended by the hub for good does not come back [R-BYE-2]', () => {
    world.socket.hear(welcome(1));
    world.socket.hear({ type: 'bye', why: 'terminalRevoked', sentence: '终端已吊销', retryMs: null });
    world.socket.onclose?.();
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(states.at(-1)).toEqual({ is: 'ended', why: 'terminalRevoked' });
  });

  it('refused at the door says so when the session is gone, and keeps trying while that is unknown [R-BACK-2]', async () => {
    world.socket.hear(welcome(1));
    world.socket.onclose?.();
    world.pass(1_000);
    world.socket.onclose?.();
    await Promise.resolve();
    expect(states.at(-1)?.is).toBe('waiting');
    world.pass(2_000);
    world.admits = false;
    world.socket.onclose?.();
    await Promise.resolve();
    const tries = world.sockets.length;
    world.pass(60_000);
    expect(states.at(-1)).toEqual({ is: 'turnedAway' });
    expect(world.sockets).toHaveLength(tries);
  });

  it('ended by the hub for a while comes back after that while [R-BYE-1]', () => {
    world.socket.hear(welcome(1));
    world.socket.hear({ type: 'bye', why: 'hubStops', sentence: 'restart', retryMs: 3000 });
    world.pass(2_900);
    expect(world.sockets).toHaveLength(1);
    world.pass(1_000);
    expect(world.sockets).toHaveLength(2);
  });

  it('tells the hearing time from the shortest exchange [R-LIVE-4]', () => {
    world.socket.hear(welcome(1));
    world.time = 100;
    world.socket.hear({ type: 'pong', sentMs: 0, now: 5_000, utc: 0 });
    world.time = 210;
    world.socket.hear({ type: 'pong', sentMs: 200, now: 5_205, utc: 0 });
    expect(link.clock.at(210)).toBe(5_210);
    expect(link.clock.rttMs).toBe(10);
  });

  it('forgets an exchange after eight others [R-LIVE-4]', () => {
    world.socket.hear(welcome(1));
    world.time = 10;
    world.socket.hear({ type: 'pong', sentMs: 0, now: 5_005, utc: 0 });
    for (let n = 1; n <= 8; n += 1) {
      expect(link.clock.rttMs).toBe(10);
      world.time = n * 1_000 + 40;
      world.socket.hear({ type: 'pong', sentMs: n * 1_000, now: 9_000 + n * 1_000, utc: 0 });
    }
    expect(link.clock.rttMs).toBe(40);
    expect(link.clock.at(8_020)).toBe(17_000);
  });
});
