// One desk: its link, what it knows, where it looks, and what it says to its user. The one thing components share.

import { getContext, setContext } from 'svelte';
import { browserWorld } from '../connection/world';
import { type Answer, type Line, Link, type LinkEvents, type LinkState, type Waiting } from '../connection/link';
import { t } from '../i18n';
import { denialText } from '../i18n/denial';
import { docLabel } from '../i18n/names';
import { DeskKeys } from '../keys/desk-keys.svelte';
import type { Beside } from '../protocol/Beside';
import type { Command } from '../protocol/Command';
import type { DocId } from '../protocol/DocId';
import type { Ephemeral } from '../protocol/Ephemeral';
import type { Mark } from '../protocol/Mark';
import type { PageRef } from '../protocol/PageRef';
import type { Seat } from '../protocol/Seat';
import type { SeatId } from '../protocol/SeatId';
import type { ServerMsg } from '../protocol/ServerMsg';
import type { Side } from '../protocol/Side';
import type { Shape } from '../protocol/Shape';
import type { Snapshot } from '../protocol/Snapshot';
import type { ViewDraft } from '../protocol/ViewDraft';
import { Dossier, samePage } from './dossier.svelte';
import { apply, type HearingState, NOTHING } from './hearing';
import { type Half, halvesOf, Looking, pagesShown, type Place, withHalf } from './looking.svelte';
import { type Facts, factsOf } from './outline';
import { isOwn, OwnMarks } from './own-marks.svelte';
import { prefs } from './prefs.svelte';
import { isParty, sideOf } from './people';
import { Statutes } from './statutes.svelte';
import { calendarDay } from './time';

export interface Notice {
  id: number;
  kind: 'trouble' | 'done';
  text: string;
}

const NOTICE_MS = 7_000;
/** So long a field that was written in waits for its answer. */
const ANSWER_MAX_MS = 2000;
/** A command that has not been understood by then was not heard. */
const HEARD_MAX_MS = 8_000;

export class Desk {
  hearing = $state.raw<HearingState>(NOTHING);
  link = $state.raw<LinkState>({ is: 'connecting' });
  waiting = $state.raw<readonly Waiting[]>([]);
  notices = $state.raw<readonly Notice[]>([]);
  /** Hearing time, renewed each second for clocks on the screen. */
  now = $state(0);
  dossier = new Dossier();
  looking = new Looking(() => this.hearing.snapshot?.screens.view ?? null);
  own = new OwnMarks();
  statutes = new Statutes();
  keys = new DeskKeys();
  /** Whether the talk key is down at this desk. */
  talking = $state(false);
  readonly #day = $derived(calendarDay((this.hearing.snapshot?.info.origin ?? 0) + this.now));
  readonly #facts = $derived.by(() => {
    const snapshot = this.hearing.snapshot;
    return snapshot ? factsOf(snapshot.info, snapshot.seats, this.#day) : null;
  });
  #link: Line;
  #queryId = 0;
  #noticeId = 0;
  /** Who waits for an answer and will not wait for the line. */
  #impatient = new Set<() => void>();
  #unheard: ReturnType<typeof setTimeout> | undefined;
  #confirmed = 0;
  /** Marks that this desk takes back itself. */
  readonly #undone = new Set<number>();

  constructor(line: (events: LinkEvents) => Line = (events) => new Link(browserWorld('ws'), events)) {
    this.#link = line({
      message: (msg) => this.#take(msg),
      state: (state) => {
        this.link = state;
        if (state.is !== 'up') for (const tell of this.#impatient) tell();
      },
      waiting: (list) => {
        this.waiting = list;
      },
    });
  }

  /** Connects; gives the function that ends it. */
  start(): () => void {
    this.#link.start();
    const tick = setInterval(() => {
      this.now = this.hearingNow();
    }, 500);
    const unlisten = this.keys.listen();
    return () => {
      clearInterval(tick);
      unlisten();
      this.#link.stop();
    };
  }

  get snapshot(): Snapshot | null {
    return this.hearing.snapshot;
  }

  /** What fills the placeholders of the outline's texts. */
  get facts(): Facts | null {
    return this.#facts;
  }

  get me(): Seat | null {
    return this.seat(this.hearing.seat);
  }

  get side(): Side | null {
    return this.me ? sideOf(this.me.role) : null;
  }

  get presiding(): boolean {
    return this.me?.role === 'presidingJudge';
  }

  /** As `may_present` of the court decides; the hub has the last word. */
  get mayPresent(): boolean {
    const screens = this.snapshot?.screens;
    if (!screens || !this.me) return false;
    if (this.presiding) return true;
    if (screens.locked) return false;
    return this.me.role === 'clerk' || screens.presenter === this.me.id;
  }

  /** As `may_take_a_stance` of the court decides: a party, on evidence of others that was shown. */
  mayTakeStance(doc: DocId): boolean {
    const { side, snapshot } = this;
    if (!snapshot || snapshot.screens.locked || !side || !isParty(side)) return false;
    return snapshot.evidence.some((e) => e.doc === doc && e.shown !== null && e.side !== side);
  }

  /** All marks that this desk sees: the hearing's, and those it keeps to itself. */
  get marks(): readonly Mark[] {
    const shared = this.snapshot?.marks ?? [];
    return this.own.marks.length > 0 ? [...shared, ...this.own.marks] : shared;
  }

  /** Marks a page: for all, or for this desk alone. */
  mark(page: PageRef, shape: Shape): void {
    if (!this.own.on || shape.kind === 'stance') return void this.do({ do: 'makeMark', page, shape });
    if (!this.me || !this.side) return;
    this.own.add({ page, shape, by: this.me.id, side: this.side, at: Math.max(0, Math.round(this.hearingNow())), undone: null, session: null, closed: false });
  }

  undoMark(mark: Mark): void {
    if (isOwn(mark)) this.own.remove(mark.id);
    else void this.do({ do: 'undoMark', mark: mark.id });
  }

  /** One's own mark; the presiding judge anybody's, but for the views of the parties. */
  mayUndo(mark: Mark): boolean {
    return mark.by === this.me?.id || (this.presiding && mark.shape.kind !== 'stance');
  }

  /** Whether the page on the screens is this desk's to move: it put it there, and still may. */
  get leads(): boolean {
    const view = this.snapshot?.screens.view ?? null;
    return this.looking.live && this.mayPresent && (this.looking.draft !== null || view?.by === this.me?.id);
  }

  /** The gallery and witnesses see what is on the screens, not the dossier. */
  get readsDossier(): boolean {
    const { class: seen } = this.hearing;
    return seen !== null && seen !== 'public' && seen !== 'witness' && seen !== 'waiting';
  }

  /** Marks of its own are for whoever sits at a desk that reads the dossier; who only looks back makes none. */
  get mayKeepMarks(): boolean {
    return this.readsDossier && this.me !== null;
  }

  /** From 宣布开庭 to 闭庭: what a party brings in now is offered. */
  get sits(): boolean {
    const stage = this.snapshot?.course.stage;
    return stage === 'inSession' || stage === 'recess';
  }

  get up(): boolean {
    return this.link.is === 'up';
  }

  seat(id: SeatId | null): Seat | null {
    return this.snapshot?.seats.find((s) => s.id === id) ?? null;
  }

  hearingNow(): number {
    return this.#link.clock.at(performance.now());
  }

  /** Gives a command; a refusal is told to the user unless `quiet`. */
  async do(command: Command, quiet = false, inside = this.inside, cmdId?: string): Promise<Answer> {
    if (command.do === 'undoMark') this.#undone.add(command.mark);
    const answer = await this.#link.command(command, inside, cmdId);
    if (!answer.ok && !quiet) this.tell('trouble', denialText(answer.denial));
    return answer;
  }

  /** What a promise gives; null if the line breaks first, or is too slow for somebody who writes. */
  async whileUp<T>(given: Promise<T>): Promise<T | null> {
    if (!this.up) return null;
    let tell = () => {};
    let slow: ReturnType<typeof setTimeout> | undefined;
    const broke = new Promise<null>((done) => {
      tell = () => done(null);
      slow = setTimeout(tell, ANSWER_MAX_MS);
      this.#impatient.add(tell);
    });
    try {
      return await Promise.race([given, broke]);
    } finally {
      clearTimeout(slow);
      this.#impatient.delete(tell);
    }
  }

  /** The curtain is down here. */
  get inside(): boolean {
    return (this.snapshot?.course.curtain ?? null) !== null;
  }

  tell(kind: Notice['kind'], text: string): void {
    const id = (this.#noticeId += 1);
    this.notices = [...this.notices.slice(-2), { id, kind, text }];
    setTimeout(() => this.dismiss(id), NOTICE_MS);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((n) => n.id !== id);
  }

  search(text: string, most: number | null = null): number {
    this.#queryId += 1;
    this.#link.search(this.#queryId, text, most);
    return this.#queryId;
  }

  /** `moved`: when the key or finger moved, as events tell it. */
  talk(down: boolean, moved = performance.now()): void {
    if (down === this.talking) return;
    const sent = this.#link.say({ type: 'talkKey', down, at: this.#link.clock.at(moved) });
    this.talking = down && sent;
    if (down && !sent) this.tell('trouble', t('talk.offline'));
    if (!down) this.#expectCommand();
  }

  /** Silence is answered too: a key that does nothing looks broken. */
  #expectCommand(): void {
    const before = this.hearing.heard?.count ?? 0;
    clearTimeout(this.#unheard);
    this.#unheard = setTimeout(() => {
      if (this.talking || (this.hearing.heard?.count ?? 0) !== before) return;
      this.tell('trouble', t('talk.unheard'));
    }, HEARD_MAX_MS);
  }

  /** Tells what spoken commands are about. */
  lookAt(page: PageRef | null): void {
    this.#link.say({ type: 'lookAt', page });
  }

  rehearse(play: boolean): void {
    this.#link.say({ type: 'rehearse', play });
  }

  ephemeral(what: Ephemeral): void {
    this.#link.say({ type: 'ephemeral', what });
  }

  /** Tells the hub that this screen shows view `number`, once. */
  confirm(number: number): void {
    if (this.#confirmed === number) return;
    if (this.#link.say({ type: 'confirm', view: number })) this.#confirmed = number;
  }

  /** Puts a place on the screens. */
  async show(place: Place): Promise<void> {
    // A page must not jump onto the screens when the line is back, minutes later.
    if (!this.up) return this.tell('trouble', t('screens.offline'));
    this.looking.draft = place;
    this.looking.mode = 'live';
    const inside = this.inside;
    const hashed = async ({ page, rotation, viewport, highlights }: Half): Promise<Beside> => {
      const { imageHash } = await this.dossier.page(page);
      return { page, pageHash: imageHash, rotation, viewport, highlights };
    };
    let view: ViewDraft;
    try {
      const [one, beside] = await Promise.all([hashed(place), place.beside ? hashed(place.beside) : null]);
      view = { ...one, beside };
    } catch {
      this.looking.draft = null;
      this.tell('trouble', t('page.unreachable'));
      return;
    }
    // What was meant for those behind the curtain is not shown to everybody because it was lifted meanwhile.
    const answer = await this.do({ do: 'show', view }, false, inside);
    if (this.looking.draft !== place) return;
    this.looking.draft = null;
    if (!answer.ok) {
      if (answer.denial.why === 'pageChanged') for (const { page } of halvesOf(place)) this.dossier.redrawn(page);
      this.looking.own = place;
      this.looking.mode = 'free';
    }
  }

  /** Puts on the screens what the pane shows now; the pane itself stays as it is. */
  showThis(): void {
    const at = this.looking.now();
    if (!at) return;
    this.looking.hand = true;
    void this.show(at);
  }

  /** Lays another place out; the screens go along where this desk leads them. */
  put(place: Place): void {
    if (!this.leads) return this.looking.put(place);
    this.looking.hand = false;
    void this.show(place);
  }

  async hide(): Promise<void> {
    if (!this.up) return this.tell('trouble', t('screens.offline'));
    const at = this.looking.now();
    if (at) this.looking.keep(at);
    this.looking.draft = null;
    await this.do({ do: 'hide' });
  }

  /** Turns to a page: on the screens if this desk leads them, else for itself. */
  turnTo(page: PageRef): void {
    const { looking } = this;
    const which = looking.active;
    const at = this.#here;
    if (!at || !this.dossier.exists(page)) return;
    // On the page already, perhaps scrolled away from its head.
    if (samePage(page, at.page)) return looking.move(which);
    const rotation = page.doc === at.page.doc ? at.rotation : 'none';
    if (this.leads && looking.place) {
      const viewport = looking.lenses[which]?.top(page) ?? null;
      looking.move(which);
      void this.show(withHalf(looking.place, which, { page, rotation, viewport, highlights: [] }));
    } else {
      looking.open(page, [], rotation);
    }
  }

  turnBy(pages: number): void {
    const at = this.#here?.page;
    if (at) this.turnTo({ doc: at.doc, page: at.page + pages });
  }

  /** The first page, or the last. */
  turnToEnd(last: boolean): void {
    const at = this.#here?.page;
    const doc = at && this.dossier.doc(at.doc);
    if (at && doc) this.turnTo({ doc: at.doc, page: last ? doc.pages.length : 1 });
  }

  /** The half that is worked in, as it is seen now: the hand may have scrolled on. */
  get #here(): Half | null {
    return this.looking.lenses[this.looking.active]?.now() ?? this.looking.here;
  }

  /** A mark of this desk that the bench took off the page. */
  #missed(mark: Mark | undefined): void {
    if (!mark || mark.by !== this.me?.id || this.#undone.delete(mark.id)) return;
    const doc = this.dossier.doc(mark.page.doc);
    this.tell('trouble', t('marks.takenOff', { doc: doc ? docLabel(doc, prefs.language) : mark.page.doc, page: mark.page.page }));
  }

  #take(msg: ServerMsg): void {
    const before = this.hearing;
    this.hearing = apply(before, msg);
    switch (msg.type) {
      case 'welcome':
        this.#confirmed = 0;
        this.now = this.hearingNow();
        if (this.mayKeepMarks && this.snapshot) this.own.open(this.snapshot.info.hearing, msg.seat);
        if (this.readsDossier) void this.dossier.refresh();
        break;
      case 'update': {
        const was = before.snapshot?.screens.view;
        if (was && !this.hearing.snapshot?.screens.view && this.looking.mode === 'live') this.looking.keep(was);
        for (const u of msg.updates) if (u.part === 'markGone') this.#missed(before.snapshot?.marks.find((m) => m.id === u.is));
        break;
      }
      case 'dossierChanged':
        if (this.readsDossier) void this.dossier.refresh();
        // A page on the screens may have been turned.
        else for (const page of pagesShown(this.snapshot?.screens.view)) this.dossier.redrawn(page);
        break;
      case 'malformed':
        this.tell('trouble', msg.sentence);
        break;
      default:
        break;
    }
  }
}

const KEY = Symbol('desk');

export function provideDesk(desk: Desk): Desk {
  return setContext(KEY, desk);
}

export function useDesk(): Desk {
  return getContext<Desk>(KEY);
}
