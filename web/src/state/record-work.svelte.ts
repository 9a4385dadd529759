// The clerk's hands on the record: the line being edited, the place being listened to again, what was done last.
//
//   nothing ──edit, insert, takeOver──► editing ──commit, cut, join──► nothing
//      │                                   ▲ ▲
//      └──next, previous──► spot ──edit────┘ │    spot ──accept, choose──► the next spot
//                                            │
//   editing ──commit, the line is broken──► waiting ──answered──► nothing, or refused ──reopen──► editing
//
// What waits is kept with the ids of its commands, also through a reload of the page: the hub acts on each once.

import { get } from '../connection/api';
import { newId } from '../connection/world';
import { t } from '../i18n';
import { denialText } from '../i18n/denial';
import type { Alike } from '../protocol/Alike';
import type { Command } from '../protocol/Command';
import type { LineView } from '../protocol/LineView';
import type { Desk } from './desk.svelte';
import { charsBefore, cut, doubtAt, nextSpot, previousSpot, replaced, type Spot, undoubled } from './doubts';
import { afterDenial, commandOf, type Editing } from './editing';
import type { Partial } from './hearing';
import { type Done, renamed, takingBack } from './undo';

/** Of a line, as much as a notice needs. */
function shortened(text: string): string {
  const chars = [...text];
  return chars.length > 12 ? `${chars.slice(0, 12).join('')}…` : text;
}

/** Acts that can be taken back. */
const UNDO_MAX = 50;

/** An edit that was given and does not stand in the record. */
export interface Unsent {
  /** Of its command. */
  id: string;
  edit: Editing;
  text: string;
  /** Given while the curtain was down. */
  inside: boolean;
  /** Written over it before it was answered. */
  next: string | null;
  /** Why it was refused, as long as nobody has looked after it; null: it waits for its answer. */
  refused: string | null;
}

/** What outlives a reload of the page. */
interface Kept {
  editing: Editing | null;
  draft: string;
  unsent: readonly Unsent[];
  /** What can be taken back. */
  done: readonly Done[];
}

export class RecordWork {
  readonly #desk: Desk;
  readonly #key: string;
  editing = $state.raw<Editing | null>(null);
  draft = $state('');
  busy = $state(false);
  /** Acts under way: keys that come before their answers wait for them. */
  readonly #running = new Set<Promise<unknown>>();
  unsent = $state.raw<readonly Unsent[]>([]);
  /** The place being listened to again. */
  spot = $state.raw<Spot | null>(null);
  /** What may have been said there instead. */
  words = $state.raw<readonly string[]>([]);
  #done = $state.raw<readonly Done[]>([]);
  #asked = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#key = `huiting.edit${location.pathname}`;
  }

  get #lines(): readonly LineView[] {
    return this.#desk.snapshot?.lines ?? [];
  }

  line(id: number | null): LineView | undefined {
    return this.#lines.find((l) => l.id === id);
  }

  /** What was written over a line and does not stand in it. */
  unsentOf(line: number): Unsent | undefined {
    return this.unsent.find((u) => u.edit.kind === 'line' && u.edit.line === line);
  }

  /** Lines to look for doubts in: not those that read otherwise as soon as the line is back. */
  get #settledLines(): readonly LineView[] {
    return this.unsent.length === 0 ? this.#lines : this.#lines.filter((l) => !this.unsentOf(l.id));
  }

  /** The characters being listened to again, while they are still in doubt. */
  get here(): { line: LineView; from: number; to: number; heard: string; was: string | null } | null {
    const line = this.line(this.spot?.line ?? null);
    const doubt = doubtAt(line, this.spot);
    return line && doubt && !this.unsentOf(line.id) ? { line, from: doubt.from, to: doubt.to, heard: cut(line.text, doubt.from, doubt.to), was: doubt.heard } : null;
  }

  /** Of a deliberation nothing may lie on a member's disk, and a browser keeps its session there. */
  get #secret(): boolean {
    return this.#desk.snapshot?.meeting != null;
  }

  /** What was being written, and what waited, before the page was loaded anew. */
  restore(): void {
    if (this.#secret) return;
    const kept = sessionStorage.getItem(this.#key);
    if (!kept || this.editing) return;
    try {
      const { editing, draft, unsent, done } = JSON.parse(kept) as Kept;
      this.unsent = unsent;
      this.#done = done;
      for (const u of unsent) if (u.refused === null) void this.#give(u);
      const line = editing?.kind === 'line' ? this.line(editing.line) : undefined;
      if (editing === null || (editing.kind === 'line' && !line)) return;
      const given = unsent.find((u) => JSON.stringify(u.edit) === JSON.stringify(editing));
      if (given) {
        // It was on its way when the page went; more may have been written since.
        this.draft = draft;
        if (draft !== (given.next ?? given.text)) this.editing = given.edit;
        return;
      }
      // Changed meanwhile: both versions are shown.
      const changed = editing.kind === 'line' && line && line.revision !== editing.base;
      this.editing = changed ? { ...editing, base: line.revision, conflict: line.text } : editing;
      this.draft = draft;
    } catch {
      sessionStorage.removeItem(this.#key);
    }
  }

  /** Keeps what is being written, and what waits. */
  keep(): void {
    if (this.#secret) return;
    const kept: Kept = { editing: this.editing, draft: this.draft, unsent: this.unsent, done: this.#done };
    if (kept.editing || kept.unsent.length > 0 || kept.done.length > 0) sessionStorage.setItem(this.#key, JSON.stringify(kept));
    else sessionStorage.removeItem(this.#key);
  }

  edit(line: LineView): void {
    const unsent = this.unsentOf(line.id);
    if (unsent?.refused != null) return this.reopen(unsent);
    if (unsent) {
      this.draft = unsent.next ?? unsent.text;
      this.editing = unsent.edit;
      return;
    }
    this.draft = line.text;
    this.editing = { kind: 'line', line: line.id, base: line.revision, text: line.text, conflict: null };
  }

  takeOver(partial: Partial): void {
    this.draft = partial.text;
    this.editing = { kind: 'takeOver', ...partial, conflict: null };
  }

  insert(line: LineView | null): void {
    const seat = line?.seat ?? this.#desk.me?.id ?? '';
    this.draft = '';
    this.editing = { kind: 'insert', after: line?.id ?? null, seat, from: line ? line.to : this.#desk.hearingNow(), text: '', conflict: null };
  }

  /** What was refused is written on; given up, it stands there as refused again. */
  reopen(refused: Unsent): void {
    this.draft = refused.text;
    this.editing = refused.edit;
  }

  giveUp({ id }: Unsent): void {
    this.unsent = this.unsent.filter((u) => u.id !== id);
  }

  cancel(): void {
    this.editing = null;
  }

  /** Sends what was written; true once it stands in the record, false if it was refused or waits for the line. */
  commit(text: string, close = true): Promise<boolean> {
    return this.during(this.#commit(text, close));
  }

  async #commit(text: string, close: boolean): Promise<boolean> {
    const [edit, here] = [this.editing, this.here];
    if (!edit || this.busy) return false;
    this.#begin();
    const stands = await this.#send(edit, here && edit.kind === 'line' && edit.line === here.line.id ? undoubled(text, here) : text);
    if (stands && here && edit.kind === 'line' && edit.line === here.line.id) await this.#heardAgain(here);
    this.#end();
    if (close ? stands !== false : stands === null) this.editing = null;
    return stands === true;
  }

  /** True: it stands in the record. False: it was refused. Null: it waits. */
  async #send(edit: Editing, text: string): Promise<boolean | null> {
    const waits = edit.kind === 'line' ? this.unsentOf(edit.line) : undefined;
    const refused = waits?.refused != null ? waits : this.unsent.find((u) => u.refused !== null && u.edit === edit);
    if (refused) {
      this.giveUp(refused);
    } else if (waits) {
      this.#change({ ...waits, next: text });
      return null;
    }
    const given: Unsent = { id: newId(), edit, text, inside: this.#desk.inside, next: null, refused: null };
    this.unsent = [...this.unsent, given];
    return this.#desk.whileUp(this.#give(given));
  }

  #change(unsent: Unsent): void {
    this.unsent = this.unsent.map((u) => (u.id === unsent.id ? unsent : u));
  }

  /** Gives it to the hub, however often the line breaks; true once it stands in the record. */
  async #give(given: Unsent): Promise<boolean> {
    const before = this.#lines;
    const { edit, text, inside, id } = given;
    const answer = await this.#desk.do(commandOf(edit, text), true, inside, id);
    const next = this.unsent.find((u) => u.id === id)?.next ?? null;
    const open = this.editing === edit;
    if (!answer.ok) {
      const [after, why] = [afterDenial(edit, next ?? text, answer.denial, this.#lines), denialText(answer.denial)];
      if (open) {
        this.giveUp(given);
        this.editing = after ?? edit;
      } else {
        this.#change({ ...given, edit: after ?? edit, text: next ?? text, next: null, refused: why });
      }
      if (!open || !after) this.#desk.tell('trouble', why);
      return false;
    }
    this.giveUp(given);
    this.#remember(edit, text, before);
    if (edit.kind !== 'line') return true;
    // What was written meanwhile is based on what was just given, and on nothing that somebody else wrote behind it.
    const base = this.line(edit.line)?.revision === edit.base ? edit.base : edit.base + 1;
    const rebased: Editing = { ...edit, base, text: text.trim(), conflict: null };
    if (open) this.editing = rebased;
    if (next === null) return true;
    const over: Unsent = { ...given, id: newId(), edit: rebased, text: next, next: null };
    this.unsent = [...this.unsent, over];
    return this.#give(over);
  }

  #remember(edit: Editing, text: string, before: readonly LineView[]): void {
    if (edit.kind === 'line') {
      // Trimmed as the hub trims it.
      this.#push({ kind: 'text', line: edit.line, before: edit.conflict ?? edit.text, after: text.trim() });
      return;
    }
    const made = this.#newest(before, (l) => l.text === text.trim());
    if (made) this.#push({ kind: 'insert', line: made.id, after: made.text });
  }

  /** The line that an act has added. */
  #newest(before: readonly LineView[], fits: (line: LineView) => boolean): LineView | undefined {
    return this.#lines.filter((l) => !before.some((b) => b.id === l.id)).findLast(fits);
  }

  /** The line of what was done last. */
  get lastLine(): number | null {
    return this.#done.at(-1)?.line ?? null;
  }

  #push(done: Done): void {
    this.#done = [...this.#done.slice(1 - UNDO_MAX), done];
  }

  /** Whether there is no line to do it over; said to the clerk. */
  #needsLine(): boolean {
    if (!this.#desk.up) this.#desk.tell('trouble', t('edit.needsLine'));
    return !this.#desk.up;
  }

  /** Cuts the line being edited at `offset` of the text field; gives the line that begins there. */
  cut(text: string, offset: number): Promise<LineView | null> {
    return this.during(this.#cut(text, offset));
  }

  async #cut(text: string, offset: number): Promise<LineView | null> {
    const edit = this.editing;
    if (edit?.kind !== 'line' || this.#needsLine()) return null;
    const blank = text.length - text.trimStart().length;
    const at = charsBefore(text.trimStart(), Math.max(0, offset - blank));
    if (at === 0 || at >= [...text.trim()].length) return null;
    if (text.trim() !== edit.text && !(await this.#commit(text, false))) return null;
    const line = this.line(edit.line);
    if (!line) return null;
    const before = this.#lines;
    if (!(await this.#reshape({ do: 'splitLine', line: line.id, base: line.revision, at }))) return null;
    const head = this.line(line.id)?.text ?? '';
    const rest = this.#newest(before, (l) => line.text.endsWith(l.text));
    if (rest) this.#push({ kind: 'split', line: line.id, into: rest.id, head, tail: rest.text });
    return rest ?? null;
  }

  /** Joins the line being edited to the one before, or the one behind to it; gives the line they are. */
  join(text: string, which: 'before' | 'behind'): Promise<LineView | null> {
    return this.during(this.#join(text, which));
  }

  async #join(text: string, which: 'before' | 'behind'): Promise<LineView | null> {
    const edit = this.editing;
    if (edit?.kind !== 'line' || this.#needsLine()) return null;
    if (text.trim() !== edit.text && !(await this.#commit(text, false))) return null;
    const read = this.#lines.filter((l) => l.text !== '');
    const n = read.findIndex((l) => l.id === edit.line) - (which === 'before' ? 1 : 0);
    const [line, other] = [read[n], read[n + 1]];
    if (!line || !other) return null;
    if (!(await this.#reshape({ do: 'joinLines', line: line.id, base: line.revision, with: other.id, withBase: other.revision }))) return null;
    this.#push({ kind: 'join', line: line.id, with: other.id, at: [...line.text].length, after: line.text + other.text });
    return this.line(line.id) ?? null;
  }

  /** Until it is answered the line stays in the editor: no key is meant for the line as it was. */
  async #reshape(command: Command): Promise<boolean> {
    this.#begin();
    const { ok } = await this.#desk.do(command);
    this.#end();
    if (ok) this.editing = null;
    return ok;
  }

  reattribute(line: LineView, seat: string): Promise<void> {
    return this.during(this.#reattribute(line, seat));
  }

  async #reattribute(line: LineView, seat: string): Promise<void> {
    const open = line.whose !== null;
    const answer = await this.#desk.do({ do: 'reattributeLine', line: line.id, base: line.revision, seat, open: false });
    if (answer.ok && (open || seat !== line.seat)) this.#push({ kind: 'speaker', line: line.id, before: line.seat, after: seat, open });
  }

  /** An act from its key until it is answered, can be taken back, and what it leads to is chosen. */
  async during<T>(act: Promise<T>): Promise<T> {
    this.#running.add(act);
    try {
      return await act;
    } finally {
      this.#running.delete(act);
    }
  }

  #begin(): void {
    this.busy = true;
  }

  #end(): void {
    this.busy = false;
  }

  /** Every act that is under way now is answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  /** Takes back what was done last, also if that is still on its way; gives the line it was done to. */
  undo(): Promise<LineView | null> {
    return this.during(this.#undo(this.settled()));
  }

  async #undo(last: Promise<void>): Promise<LineView | null> {
    await last;
    // What was refused is in the editor again.
    if (this.editing) return null;
    const done = this.#done.at(-1);
    if (!done || this.busy || this.#needsLine()) {
      if (!done) this.#desk.tell('trouble', t('edit.nothingDone'));
      return null;
    }
    this.#done = this.#done.slice(0, -1);
    const command: Command | null = takingBack(done, this.#lines);
    if (!command) {
      this.#desk.tell('trouble', t('edit.changedSince', { what: t(`undo.${done.kind}`) }));
      return this.line(done.line) ?? null;
    }
    this.#begin();
    const before = this.#lines;
    const answer = await this.#desk.do(command);
    this.#end();
    if (!answer.ok) return null;
    if (done.kind === 'join') {
      const rest = this.#newest(before, (l) => done.after.endsWith(l.text));
      if (rest) this.#done = renamed(this.#done, done.with, rest.id);
    }
    const line = this.line(done.line) ?? null;
    this.#desk.tell('done', t('undo.done', { what: t(`undo.${done.kind}`), text: shortened(done.kind === 'insert' ? done.after : (line?.text ?? '')) }));
    return line;
  }

  /** Goes to the next place worth a second listening, or the one before; false if there is none. */
  next(selected: number | null, back = false): boolean {
    const at = this.spot ?? { line: selected, from: back ? Number.MAX_SAFE_INTEGER : 0, to: 0 };
    return this.go(back ? previousSpot(this.#settledLines, at.line, at.from) : nextSpot(this.#settledLines, at.line, this.spot ? at.to : 0));
  }

  /** What was typed there is certain: on from where it stood. */
  goBehind(spot: Spot): void {
    this.go(nextSpot(this.#settledLines, spot.line, spot.from));
  }

  go(spot: Spot | null): boolean {
    this.spot = spot;
    const here = this.here;
    // What was put right by its sound can be put back.
    this.words = here?.was ? [here.was] : [];
    this.#asked += 1;
    if (here) void this.#ask(here.heard, this.#asked);
    return spot !== null;
  }

  async #ask(heard: string, asked: number): Promise<void> {
    try {
      const { words } = await get<Alike>(`api/alike?text=${encodeURIComponent(heard)}`);
      if (asked === this.#asked) this.words = [...this.words, ...words.filter((w) => !this.words.includes(w))];
    } catch {
      // Without other readings the place can still be listened to and typed anew.
    }
  }

  /** The place is in doubt no more, or stands elsewhere, by another's hand or a late answer: on to the next. */
  get lost(): boolean {
    return this.spot !== null && this.here === null && !this.busy && this.editing === null;
  }

  goOn(): void {
    if (this.spot) this.go(nextSpot(this.#settledLines, this.spot.line, this.spot.from));
  }

  leave(): void {
    this.spot = null;
    this.words = [];
  }

  /** Who put a part of the place right has heard all of it. */
  async #heardAgain({ line: { id }, from, heard }: { line: LineView; from: number; heard: string }): Promise<void> {
    const line = this.line(id);
    const doubt = line?.doubts.find((d) => d.from <= from && from < d.to);
    if (!line || !doubt || cut(line.text, doubt.from, doubt.to) === heard) return;
    await this.#desk.whileUp(this.#desk.do({ do: 'acceptText', line: id, base: line.revision, from: doubt.from, to: doubt.to, back: false }, true));
  }

  /** It reads as it was said. */
  accept(): Promise<void> {
    return this.during(this.#accept());
  }

  async #accept(): Promise<void> {
    const here = this.here;
    if (!here || this.busy) return;
    const { line, from, to } = here;
    const answer = this.#desk.do({ do: 'acceptText', line: line.id, base: line.revision, from, to, back: false });
    const accepted = answer.then((a) => {
      if (a.ok) this.#push({ kind: 'accept', line: line.id, from, to, after: line.text });
      return a.ok;
    });
    await this.#settle(line.id, to, accepted);
  }

  /** It reads as the nth of the other readings. */
  choose(n: number): Promise<void> {
    return this.during(this.#choose(n));
  }

  async #choose(n: number): Promise<void> {
    const [here, word] = [this.here, this.words[n]];
    if (!here || word === undefined || this.busy) return;
    const { line, from, to } = here;
    const edit: Editing = { kind: 'line', line: line.id, base: line.revision, text: line.text, conflict: null };
    const given = this.#send(edit, replaced(line.text, from, to, word)).then(async (stands) => {
      if (stands) await this.#heardAgain(here);
      return stands;
    });
    await this.#settle(line.id, from + [...word].length, given);
  }

  async #settle(line: number, behind: number, given: Promise<boolean | null>): Promise<void> {
    this.#begin();
    const stands = await this.#desk.whileUp(given);
    this.#end();
    // A line that was changed meanwhile is looked at as it reads now.
    if (!this.editing) this.go(nextSpot(this.#settledLines, line, stands === false ? 0 : behind));
  }
}
