// The golden messages, written from the hub's own types by src/protocol/tests/wire: one of every kind of message, update, command and
// refusal. None of them may fall into a branch for what is not known.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Link, type Socket, type World } from '../src/connection/link';
import { denialText } from '../src/i18n/denial';
import type { ClientMsg } from '../src/protocol/ClientMsg';
import type { Command } from '../src/protocol/Command';
import type { ServerMsg } from '../src/protocol/ServerMsg';
import type { Snapshot } from '../src/protocol/Snapshot';
import type { Update } from '../src/protocol/Update';
import { apply, type HearingState, NOTHING } from '../src/state/hearing';
import { prefs } from '../src/state/prefs.svelte';
import { applyUpdate } from '../src/state/snapshot';

function golden<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8')) as T[];
}

const server = golden<ServerMsg>('server');
const client = golden<ClientMsg>('client');
const updates = golden<Update>('updates');
const commands = golden<Command>('commands');

/** Which messages change what a screen shows; the others are the connection's own. Exhaustive: the compiler asks for a new one. */
const SHOWS: Record<ServerMsg['type'], boolean> = {
  welcome: true,
  resync: true,
  update: true,
  partial: true,
  partialGone: true,
  results: true,
  heard: true,
  ephemeral: true,
  status: true,
  levels: true,
  dossierChanged: true,
  done: false,
  denied: false,
  pong: false,
  malformed: false,
  bye: false,
};

/** The snapshot of the first welcome. */
function opened(): Snapshot {
  const first = server[0];
  if (first?.type !== 'welcome' || !first.snapshot) throw new Error('the first golden message is a welcome with a snapshot');
  return first.snapshot;
}

/** A link whose socket the test holds. */
function linked() {
  const sent: ClientMsg[] = [];
  const heard: ServerMsg[] = [];
  const socket: Socket = { onopen: null, onmessage: null, onclose: null, send: (text) => sent.push(JSON.parse(text) as ClientMsg), close: () => undefined };
  let ids = 0;
  const world: World = { open: () => socket, now: () => 0, random: () => 0.5, newId: () => `k${(ids += 1)}`, after: () => () => undefined, admitted: () => Promise.resolve(true) };
  const link = new Link(world, { message: (m) => heard.push(m), state: () => undefined, waiting: () => undefined });
  link.start();
  socket.onopen?.();
  const hear = (m: ServerMsg) => socket.onmessage?.({ data: JSON.stringify(m) });
  return { link, sent, heard, hear };
}

describe('every golden message of the hub', () => {
  it('is there for every type', () => {
    expect([...new Set(server.map((m) => m.type))].sort()).toEqual(Object.keys(SHOWS).sort());
  });

  it('changes what is shown just where it is to be shown [R-CMD-3]', () => {
    let state: HearingState = NOTHING;
    for (const message of server) {
      const next = apply(state, message);
      expect(next !== state, JSON.stringify(message).slice(0, 200)).toBe(SHOWS[message.type]);
      state = next;
    }
  });

  it('is handed on by the connection, but for the farewell', () => {
    for (const message of server.filter((m) => m.type !== 'bye')) {
      const { heard, hear } = linked();
      const welcome = server[0] as ServerMsg;
      hear(welcome);
      hear(message);
      expect(heard.at(-1)).toEqual(message);
    }
  });

  it('leads where it says', () => {
    const last = <T extends ServerMsg['type']>(type: T) => server.filter((m): m is Extract<ServerMsg, { type: T }> => m.type === type).at(-1);
    const after = server.reduce(apply, NOTHING);
    expect(after.seat).toBe('clerk');
    expect(after.status?.model).toBe(last('status')?.model);
    expect(after.levels).toEqual({ clerk: -48, judge: -22 });
    expect(after.found?.hits).toEqual(last('results')?.found.hits);
    expect(after.heard?.outcome).toEqual(last('heard')?.outcome);
    expect(after.dossierRevision).toBe(last('dossierChanged')?.revision);
    // The last golden pointer and stroke are those that were given up.
    expect(after.ephemerals).toEqual({});
  });

  it('a pointer and a stroke are shown until they are given up', () => {
    const shown = server.filter((m) => m.type === 'ephemeral').map((m) => Object.keys(apply(apply(NOTHING, server[0] as ServerMsg), m).ephemerals));
    expect(shown).toEqual([['plaintiff'], [], ['plaintiff'], []]);
  });

  it('a partial replaces the one before and goes when its utterance settles [R-EPH-2]', () => {
    let state = apply(NOTHING, server[0] as ServerMsg);
    const partials = server.filter((m) => m.type === 'partial');
    state = partials.reduce(apply, state);
    expect(state.partials).toEqual([{ seat: 'plaintiff', utterance: 9, from: 62_000, text: '原告方没有' }]);
    const gone = server.find((m) => m.type === 'partialGone') as ServerMsg;
    expect(apply(state, gone).partials).toEqual([]);
    for (const fresh of server.filter((m) => m.type === 'welcome' || m.type === 'resync')) expect(apply(state, fresh).partials).toEqual([]);
  });

  it('a refusal is said in both languages [R-VAL-6]', () => {
    const denials = server.flatMap((m) => (m.type === 'denied' ? [m.denial] : []));
    expect(denials.length).toBeGreaterThan(40);
    for (const language of ['zh', 'en'] as const) {
      prefs.set({ language });
      for (const denial of denials) expect(denialText(denial), denial.why).toMatch(/^[^{}]{4,}$/);
    }
  });
});

describe('every golden update', () => {
  it('changes the snapshot, and leaves the one before as it was', () => {
    const before = opened();
    const copy = structuredClone(before);
    for (const update of updates) expect(applyUpdate(before, update), update.part).not.toBe(before);
    expect(before).toEqual(copy);
  });

  it('applied in turn gives the snapshot that the hub comes to by itself [R-UPD-4] [R-UPD-5]', () => {
    const resync = server.find((m) => m.type === 'resync') as Extract<ServerMsg, { type: 'resync' }>;
    expect(updates.reduce(applyUpdate, opened())).toEqual(resync.snapshot);
  });

  it('applied twice gives the same as once [R-UPD-1]', () => {
    for (const update of updates) {
      const once = applyUpdate(opened(), update);
      expect(applyUpdate(once, update), update.part).toEqual(once);
    }
  });
});

describe('every golden message of a screen', () => {
  it('goes out as the hub reads it', () => {
    const { link, sent, hear } = linked();
    expect(sent).toEqual([{ type: 'hello', resume: null }]);
    hear(server[0] as ServerMsg);
    sent.length = 0;
    for (const command of commands) void link.command(command, false);
    expect(sent.map((m) => (m.type === 'command' ? m.command : m)).slice(-commands.length)).toEqual(commands);
    for (const message of client) {
      if (message.type === 'hello' || message.type === 'command') continue;
      if (message.type === 'search') link.search(message.queryId, message.text, message.most);
      else expect(link.say(message)).toBe(true);
      expect(sent.at(-1)).toEqual(message);
    }
  });

  it('is there for every type', () => {
    const all: Record<ClientMsg['type'], true> = { hello: true, command: true, search: true, confirm: true, talkKey: true, lookAt: true, ephemeral: true, ping: true, rehearse: true };
    expect([...new Set(client.map((m) => m.type))].sort()).toEqual(Object.keys(all).sort());
  });
});

describe('what a newer hub says and this page does not know', () => {
  const strange = <T>(value: unknown) => value as T;

  it('changes nothing [R-VER-2]', () => {
    const state = apply(NOTHING, server[0] as ServerMsg);
    expect(apply(state, strange({ type: 'unheardOf', seq: 3 }))).toBe(state);
    const snapshot = opened();
    expect(applyUpdate(snapshot, strange({ part: 'unheardOf', is: 3 }))).toBe(snapshot);
  });

  it('counts in the sequence all the same [R-VER-2]', () => {
    const { heard, hear } = linked();
    hear(server[0] as ServerMsg);
    hear(strange({ type: 'update', seq: 42, at: 1, updates: [{ part: 'unheardOf', is: 3 }], besides: true }));
    hear({ type: 'update', seq: 43, at: 2, updates: [] });
    expect(heard.at(-1)).toEqual({ type: 'update', seq: 43, at: 2, updates: [] });
  });
});
