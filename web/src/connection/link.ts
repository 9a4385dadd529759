// The screen's end of the WebSocket.
//
//            start / timer              onopen: hello{resume}             welcome
//   idle ───────────────► connecting ─────────────────────► greeting ─────────────► up
//    ▲                        │                                 │                    │
//    │ stop                   └────── close / error / silence / gap in seq ──────────┘
//    │                                          │
//   ended ◄── bye without retry,                ▼
//             session gone
//                                     waiting (jittered backoff) ──► connecting
//
// Commands live in one list from the moment they are given until `done` or `denied`; after every welcome they are sent
// again with the same id, and the hub acts on each once. The last question to the dossier is asked again until it is answered. Nothing
// else is kept: what is merely seen may be lost.

import type { ClientMsg } from '../protocol/ClientMsg';
import type { Command } from '../protocol/Command';
import type { Denial } from '../protocol/Denial';
import type { Parting } from '../protocol/Parting';
import type { ServerMsg } from '../protocol/ServerMsg';
import { HearingClock } from './clock';

/** The part of WebSocket that is used, so that tests can stand in for it. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface World {
  open(): Socket;
  /** Monotonic, in ms. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  newId(): string;
  after(ms: number, act: () => void): () => void;
  /** Whether the hub still lets this seat in; true while that cannot be learned. */
  admitted(): Promise<boolean>;
}

export type LinkState =
  | { is: 'connecting' }
  | { is: 'up' }
  | { is: 'waiting'; retryAt: number }
  | { is: 'ended'; why: Parting }
  | { is: 'turnedAway' };

export type Answer = { ok: true } | { ok: false; denial: Denial; sentence: string };

/** A command without an answer yet. */
export interface Waiting {
  cmdId: string;
  command: Command;
  /** Given while the curtain was down here. */
  inside: boolean;
}

export interface LinkEvents {
  message(msg: ServerMsg): void;
  state(state: LinkState): void;
  waiting(list: readonly Waiting[]): void;
}

/** What a desk needs of its line to the hearing. */
export interface Line {
  /** Hearing time at a moment of the browser's clock. */
  readonly clock: { at(browserMs: number): number };
  start(): void;
  stop(): void;
  /** `cmdId`: of a command that may have been given before the page was loaded anew; the hub acts on it once. */
  command(command: Command, inside: boolean, cmdId?: string): Promise<Answer>;
  search(queryId: number, text: string, most: number | null): void;
  say(msg: Exclude<ClientMsg, { type: 'command' } | { type: 'hello' } | { type: 'search' }>): boolean;
}

interface Open extends Waiting {
  answer(answer: Answer): void;
}

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 8_000;
const PING_EVERY_MS = 4_000;
const SILENCE_MAX_MS = 13_000;

export class Link implements Line {
  readonly clock = new HearingClock();
  #world: World;
  #events: LinkEvents;
  #socket: Socket | null = null;
  #greeted = false;
  #epoch: number | null = null;
  #seq = 0;
  #attempt = 0;
  #ended = false;
  #open: Open[] = [];
  #question: Extract<ClientMsg, { type: 'search' }> | null = null;
  #cancelTimers: (() => void)[] = [];
  #lastHeard = 0;

  constructor(world: World, events: LinkEvents) {
    this.#world = world;
    this.#events = events;
  }

  start(): void {
    this.#connect();
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#ended = true;
    this.#drop();
  }

  /** Gives a command; the promise settles with the hub's answer, however often the line breaks between. */
  command(command: Command, inside: boolean, cmdId = this.#world.newId()): Promise<Answer> {
    return new Promise((resolve) => {
      this.#open = [...this.#open, { cmdId, command, inside, answer: resolve }];
      this.#events.waiting(this.#open);
      if (this.#greeted) this.#transmit({ type: 'command', cmdId, command, inside });
    });
  }

  /** Looks for `text` in the dossier, `most` pages (null: as many as is usual). A newer question takes the place of one without an answer yet. */
  search(queryId: number, text: string, most: number | null): void {
    this.#question = { type: 'search', queryId, text, most };
    if (this.#greeted) this.#transmit(this.#question);
  }

  /** Sends what needs no keeping; false if the line is down and it was not sent. */
  say(msg: Exclude<ClientMsg, { type: 'command' } | { type: 'hello' } | { type: 'search' }>): boolean {
    if (!this.#greeted) return false;
    this.#transmit(msg);
    return true;
  }

  #connect(): void {
    this.#events.state({ is: 'connecting' });
    this.#lastHeard = this.#world.now();
    const socket = this.#world.open();
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      const resume = this.#epoch === null ? null : { epoch: this.#epoch, seq: this.#seq };
      this.#transmit({ type: 'hello', resume });
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#retry();
      // A browser does not say why a WebSocket was refused.
      if (!opened) void this.#askWhetherAdmitted();
    };
    this.#heartbeat(socket);
  }

  async #askWhetherAdmitted(): Promise<void> {
    if ((await this.#world.admitted()) || this.#ended || this.#greeted) return;
    this.#ended = true;
    this.#drop();
    this.#events.state({ is: 'turnedAway' });
  }

  #heartbeat(socket: Socket): void {
    const beat = () => {
      if (this.#socket !== socket) return;
      if (this.#world.now() - this.#lastHeard > SILENCE_MAX_MS) return this.#retry();
      if (this.#greeted) this.#ping();
      this.#cancelTimers = [this.#world.after(PING_EVERY_MS, beat)];
    };
    this.#cancelTimers = [this.#world.after(PING_EVERY_MS, beat)];
  }

  #ping(): void {
    this.#transmit({ type: 'ping', sentMs: Math.round(this.#world.now()) });
  }

  #receive(data: unknown): void {
    if (typeof data !== 'string') return;
    this.#lastHeard = this.#world.now();
    const msg = JSON.parse(data) as ServerMsg;
    switch (msg.type) {
      case 'welcome':
        return this.#welcome(msg);
      case 'resync':
        this.#seq = msg.seq;
        break;
      case 'update':
        if (msg.seq <= this.#seq) return;
        if (msg.seq !== this.#seq + 1) return this.#retry(0);
        this.#seq = msg.seq;
        break;
      case 'done':
        this.#settle(msg.cmdId, { ok: true });
        break;
      case 'denied':
        this.#settle(msg.cmdId, { ok: false, denial: msg.denial, sentence: msg.sentence });
        break;
      case 'results':
        if (msg.queryId === this.#question?.queryId) this.#question = null;
        break;
      case 'pong':
        this.clock.exchange(msg.sentMs, this.#world.now(), msg.now);
        break;
      case 'bye':
        return this.#bye(msg.why, msg.retryMs);
      default:
        break;
    }
    this.#events.message(msg);
  }

  #welcome(msg: Extract<ServerMsg, { type: 'welcome' }>): void {
    if (msg.snapshot) this.#seq = msg.seq;
    this.#epoch = msg.epoch;
    this.#greeted = true;
    this.#attempt = 0;
    this.clock.guess(this.#world.now(), msg.now);
    this.#events.message(msg);
    this.#events.state({ is: 'up' });
    for (const { cmdId, command, inside } of this.#open) this.#transmit({ type: 'command', cmdId, command, inside });
    if (this.#question) this.#transmit(this.#question);
    this.#ping();
  }

  #settle(cmdId: string, answer: Answer): void {
    const settled = this.#open.find((o) => o.cmdId === cmdId);
    if (!settled) return;
    this.#open = this.#open.filter((o) => o !== settled);
    this.#events.waiting(this.#open);
    settled.answer(answer);
  }

  #bye(why: Parting, retryMs: number | null): void {
    if (retryMs !== null) return this.#retry(retryMs);
    this.#ended = true;
    this.#drop();
    this.#events.state({ is: 'ended', why });
  }

  #drop(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    socket?.close();
  }

  #retry(atLeastMs?: number): void {
    this.#drop();
    if (this.#ended) return;
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    // Half fixed, half chance: a room full of screens must not come back in the same millisecond.
    const wait = (atLeastMs ?? 0) + ceiling / 2 + (this.#world.random() * ceiling) / 2;
    this.#events.state({ is: 'waiting', retryAt: this.#world.now() + wait });
    this.#cancelTimers = [this.#world.after(wait, () => this.#connect())];
  }

  #transmit(msg: ClientMsg): void {
    this.#socket?.send(JSON.stringify(msg));
  }
}
