// 整理卷宗: what one person does to a dossier, on the table and in the catalogue, and how it is taken back.

import { mend } from '../connection/api';
import { t } from '../i18n';
import type { Catalogue } from '../protocol/Catalogue';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { DocId } from '../protocol/DocId';
import type { Mend } from '../protocol/Mend';
import type { PageRef } from '../protocol/PageRef';
import { type Arrangement, binding, replaced, type Stack, stackOf, untouched } from './arranging';
import { type Dossier, pageKey } from './dossier.svelte';
import { describe, type Filing, inverse } from './mending';

export interface Source {
  path: string;
  /** Whether pages can be looked at from here. */
  pictures: boolean;
  /** Whether the court sits there: what comes from a party now is offered. */
  sits: () => boolean;
  catalogue: () => Catalogue | null;
  taken: (catalogue: Catalogue) => void;
}

/** The dossier of a hearing, as a desk there has it. */
export function dossierOf(desk: { dossier: Dossier; sits: boolean }): Source {
  const { dossier } = desk;
  return { path: 'api/dossier', pictures: true, sits: () => desk.sits, catalogue: () => dossier.catalogue, taken: (catalogue) => dossier.take(catalogue) };
}

export class Intake {
  /** Documents that lie on the table. */
  chosen = $state.raw<readonly DocId[]>([]);
  busy = $state(false);
  /** What was refused, in a sentence. */
  trouble = $state('');
  /** What was done, in a sentence, for those who hear the screen. */
  said = $state('');
  /** Selected pages. */
  picked = $state.raw<readonly PageRef[]>([]);
  /** The page that has the keyboard. */
  at = $state.raw<PageRef | null>(null);
  /** The page in whose place another one is to come. */
  replacing = $state.raw<PageRef | null>(null);
  /** The page is looked at large. */
  large = $state(false);
  #draft = $state.raw<Arrangement | null>(null);
  /** Scans that were brought in here: the catalogue may not tell of them yet. */
  #scans: readonly CatalogueDoc[] = [];
  #drafts: (Arrangement | null)[] = [];
  #done = $state.raw<readonly Mend[][]>([]);
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get sits(): boolean {
    return this.#source.sits();
  }

  get path(): string {
    return this.#source.path;
  }

  get pictures(): boolean {
    return this.#source.pictures;
  }

  get catalogue(): Catalogue | null {
    return this.#source.catalogue();
  }

  get docs(): CatalogueDoc[] {
    return this.catalogue?.docs ?? [];
  }

  /** A document, in the catalogue or retired. */
  doc(id: DocId): CatalogueDoc | undefined {
    return this.docs.find((d) => d.doc === id) ?? this.catalogue?.retired.find((d) => d.doc === id);
  }

  get onTable(): CatalogueDoc[] {
    const retired = this.catalogue?.retired ?? [];
    const docs = [...this.docs, ...this.#scans.filter((s) => !retired.some((r) => r.doc === s.doc))];
    return this.chosen.flatMap((id) => docs.find((d) => d.doc === id) ?? []);
  }

  get table(): Arrangement {
    return this.#draft ?? this.onTable.map(stackOf);
  }

  get changed(): boolean {
    return this.#draft !== null && binding(this.#draft, this.onTable) !== null;
  }

  get undoable(): boolean {
    return this.#draft !== null || this.#done.length > 0;
  }

  turnOf(page: PageRef): number {
    return this.doc(page.doc)?.turns[page.page - 1] ?? 0;
  }

  isPicked(page: PageRef): boolean {
    return this.picked.some((p) => pageKey(p) === pageKey(page));
  }

  /** The pages an act is for: those selected, else the one that has the keyboard. */
  get meant(): readonly PageRef[] {
    return this.picked.length > 0 ? this.picked : this.at ? [this.at] : [];
  }

  /** Lays a document on the table: beside those there, or alone. What is being arranged stays. */
  lay(id: DocId, beside = this.changed): void {
    if (!beside) {
      this.chosen = [id];
      this.#draft = null;
      this.#drafts = [];
      this.picked = [];
    } else if (!this.chosen.includes(id)) {
      this.chosen = [...this.chosen, id];
      const doc = this.docs.find((d) => d.doc === id);
      if (this.#draft && doc) this.#draft = [...this.#draft, stackOf(doc)];
      this.picked = [];
      this.at = { doc: id, page: 1 };
    } else if (!this.changed) {
      this.chosen = this.chosen.filter((c) => c !== id);
    }
    if (!this.at || !this.chosen.includes(this.at.doc)) this.at = { doc: id, page: 1 };
  }

  /** The document that is worked on. */
  get subject(): Stack | null {
    const key = this.at && pageKey(this.at);
    return this.table.find((s) => s.leaves.some((l) => pageKey(l) === key)) ?? this.table.at(-1) ?? null;
  }

  /** Says what a document is: at once where its pages are as the court has them, else with them. */
  async file(stack: Stack, filing: Filing): Promise<boolean> {
    const doc = this.docs.find((d) => d.doc === stack.id);
    const named = (table: Arrangement) => table.map((s) => (s.id === stack.id ? { ...s, ...filing } : s));
    if (!doc || !untouched(stack, [doc])) {
      this.arrange(named);
      return true;
    }
    if (!(await this.act([describe(doc, filing)]))) return false;
    if (this.#draft) this.#draft = named(this.#draft);
    return true;
  }

  /** Puts pages in the place of the one that is to be replaced; `doc`: a new scan, which is not on the table yet. */
  putInPlace(by: readonly PageRef[], doc?: CatalogueDoc): void {
    const target = this.replacing;
    if (!target) return;
    if (doc) {
      this.#scans = [...this.#scans, doc];
      if (!this.chosen.includes(doc.doc)) this.chosen = [...this.chosen, doc.doc];
    }
    this.arrange((table) => replaced(table, target, by));
    this.replacing = null;
    this.picked = by;
    this.at = by[0] ?? this.at;
  }

  goTo(page: PageRef): void {
    if (!this.table.some((s) => s.leaves.some((l) => pageKey(l) === pageKey(page)))) this.lay(page.doc);
    this.picked = [page];
    this.at = page;
  }

  arrange(change: (table: Arrangement) => Arrangement): void {
    this.#drafts = [...this.#drafts, this.#draft];
    this.#draft = change(this.table);
    this.picked = this.picked.filter((p) => this.#draft?.some((s) => s.leaves.some((l) => pageKey(l) === pageKey(p))));
    this.trouble = '';
  }

  discard(): void {
    this.#draft = null;
    this.#drafts = [];
    this.replacing = null;
    this.picked = [];
  }

  async save(): Promise<void> {
    const act = this.#draft && binding(this.#draft, this.onTable);
    if (!act) return this.discard();
    const kept = this.chosen.filter((id) => !act.from.includes(id));
    const before = this.docs.map((d) => d.doc);
    if (!(await this.act([act]))) return;
    this.discard();
    this.chosen = [...kept, ...this.docs.map((d) => d.doc).filter((id) => !before.includes(id))];
    const first = this.chosen.at(-1);
    this.at = first ? { doc: first, page: 1 } : null;
  }

  /** Does what can be taken back; false where it was refused. */
  async act(mends: readonly Mend[]): Promise<boolean> {
    const back: Mend[] = [];
    const done = await this.#send(mends, (m, before, after) => back.unshift(...inverse(m, before, after)));
    if (back.length > 0) this.#done = [...this.#done.slice(-50), back];
    if (done) this.said = t('intake.done');
    return done;
  }

  async undo(): Promise<void> {
    if (this.busy) return;
    if (this.#drafts.length > 0) {
      this.#draft = this.#drafts.at(-1) ?? null;
      this.#drafts = this.#drafts.slice(0, -1);
      return;
    }
    const last = this.#done.at(-1);
    if (!last) return;
    if (!(await this.#send(last))) return;
    this.#done = this.#done.slice(0, -1);
    this.said = t('intake.undone');
    this.chosen = this.chosen.filter((id) => this.docs.some((d) => d.doc === id));
    const back = last.flatMap((m) => (m.mend === 'restore' ? [m.doc] : []));
    for (const id of back) if (!this.chosen.includes(id)) this.chosen = [...this.chosen, id];
  }

  async #send(mends: readonly Mend[], each: (mend: Mend, before: Catalogue, after: Catalogue) => void = () => {}): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.trouble = '';
    try {
      for (const m of mends) {
        const before = this.catalogue;
        const after = await mend(this.path, m);
        if (before) each(m, before, after);
        this.#source.taken(after);
      }
      return true;
    } catch (error) {
      this.trouble = t('intake.refused', { why: (error as Error).message });
      return false;
    } finally {
      this.busy = false;
    }
  }
}
