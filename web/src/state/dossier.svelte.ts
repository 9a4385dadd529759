// The dossier as this desk has fetched it: catalogue, page texts, and images warmed ahead of need.

import { SvelteMap } from 'svelte/reactivity';
import { desk as api, type ImageDpi, imageUrl } from '../connection/api';
import type { Catalogue } from '../protocol/Catalogue';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { DocId } from '../protocol/DocId';
import type { PageInfo } from '../protocol/PageInfo';
import type { PageRef } from '../protocol/PageRef';

export function pageKey(page: PageRef): string {
  return `${page.doc}/${page.page}`;
}

export function samePage(a: PageRef | null | undefined, b: PageRef | null | undefined): boolean {
  return !!a && !!b && a.doc === b.doc && a.page === b.page;
}

/** Images kept decoded; older ones are left to the browser's own cache. */
const WARM_MAX = 24;
/** Texts of pages kept: enough to read to and fro, not a file of thousands. */
const INFOS_MAX = 200;

export class Dossier {
  catalogue = $state.raw<Catalogue | null>(null);
  /** Why the catalogue could not be fetched, if so. */
  trouble = $state<string | null>(null);
  infos = new SvelteMap<string, PageInfo>();
  #asked = new Map<string, Promise<PageInfo>>();
  #warm = new Map<string, HTMLImageElement>();

  get docs(): CatalogueDoc[] {
    return this.catalogue?.docs ?? [];
  }

  /** Brought in during the hearing and not let in yet. */
  get offered(): CatalogueDoc[] {
    return this.catalogue?.offered ?? [];
  }

  doc(id: DocId): CatalogueDoc | undefined {
    return this.docs.find((d) => d.doc === id) ?? this.offered.find((d) => d.doc === id);
  }

  /** How far a page is turned clockwise to be read. */
  turnOf(ref: PageRef): number {
    const doc = this.doc(ref.doc);
    return doc ? (doc.turns[ref.page - 1] ?? 0) : (this.infos.get(pageKey(ref))?.turn ?? 0);
  }

  /** Takes over a newer catalogue. */
  take(catalogue: Catalogue): void {
    this.catalogue = catalogue;
    this.trouble = null;
    for (const [key, info] of this.infos) if (!info.textReady) this.#forget(key);
  }

  async refresh(): Promise<void> {
    try {
      this.take(await api.dossier());
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  /** A page that was drawn anew is fetched again. */
  redrawn(ref: PageRef): void {
    this.#forget(pageKey(ref));
  }

  #forget(key: string): void {
    const info = this.infos.get(key);
    const [doc, page] = key.split('/');
    this.#asked.delete(key);
    // The one on screen is replaced in place, not taken away first.
    if (info && doc) void this.page({ doc, page: Number(page) });
  }

  /** The page's size, text and image hash; fetched once while its text is final. */
  page(ref: PageRef): Promise<PageInfo> {
    const key = pageKey(ref);
    const before = this.#asked.get(key);
    if (before) {
      // What is asked for stays longest.
      this.#asked.delete(key);
      this.#asked.set(key, before);
      return before;
    }
    const asked = api.page(ref).then((info) => {
      this.infos.set(key, info);
      return info;
    });
    this.#asked.set(key, asked);
    const oldest = this.#asked.keys().next();
    if (this.#asked.size > INFOS_MAX && !oldest.done) {
      this.#asked.delete(oldest.value);
      this.infos.delete(oldest.value);
    }
    asked.catch(() => this.#asked.delete(key));
    return asked;
  }

  exists(ref: PageRef): boolean {
    const doc = this.doc(ref.doc);
    return !!doc && ref.page >= 1 && ref.page <= doc.pages.length;
  }

  /** Fetches and decodes a page ahead of need. */
  warm(ref: PageRef, dpi: ImageDpi = 120): void {
    if (!this.exists(ref)) return;
    this.page(ref).catch(() => undefined);
    const url = imageUrl(ref, dpi);
    if (this.#warm.has(url)) return;
    const image = new Image();
    image.src = url;
    image.decode().catch(() => this.#warm.delete(url));
    this.#warm.set(url, image);
    const oldest = this.#warm.keys().next();
    if (this.#warm.size > WARM_MAX && !oldest.done) this.#warm.delete(oldest.value);
  }

  warmAround(ref: PageRef): void {
    for (const step of [1, -1, 2]) this.warm({ doc: ref.doc, page: ref.page + step });
  }
}
