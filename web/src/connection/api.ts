// What a desk fetches beside the socket. All addresses are relative to the seat's page.

import { t } from '../i18n';
import type { Catalogue } from '../protocol/Catalogue';
import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { CheckItem } from '../protocol/CheckItem';
import type { Mend } from '../protocol/Mend';
import type { PageInfo } from '../protocol/PageInfo';
import type { PageRef } from '../protocol/PageRef';
import type { Seat } from '../protocol/Seat';
import type { Side } from '../protocol/Side';
import type { Stage } from '../protocol/Stage';
import type { StatutePage } from '../protocol/StatutePage';
import type { StatuteResults } from '../protocol/StatuteResults';
import type { TermList } from '../protocol/TermList';

/** A refusal by the server, with its sentence. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  let sentence = '';
  try {
    sentence = ((await response.json()) as { sentence?: string }).sentence ?? '';
  } catch {
    // Not from our server (a proxy, a cut line): the status must do.
  }
  // Whoever was let out reads why in the language of the desk.
  if (response.status === 401) sentence = t('door.noSession');
  throw new Refused(response.status, sentence || `HTTP ${response.status}`);
}

export async function get<T>(path: string): Promise<T> {
  const response = await answered(await fetch(path, { credentials: 'same-origin' }));
  return (await response.json()) as T;
}

/** Sends a body as it is. */
export async function send<T>(method: string, path: string, body: BodyInit, type: string): Promise<T | null> {
  const response = await answered(await fetch(path, { method, body, credentials: 'same-origin', headers: { 'content-type': type } }));
  const text = await response.text();
  return text ? (JSON.parse(text) as T) : null;
}

export async function remove<T>(path: string): Promise<T> {
  const response = await answered(await fetch(path, { method: 'DELETE', credentials: 'same-origin' }));
  return (await response.json()) as T;
}

export async function post<T>(path: string, body?: unknown): Promise<T | null> {
  const init: RequestInit = { method: 'POST', credentials: 'same-origin' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  const response = await answered(await fetch(path, init));
  const text = await response.text();
  return text ? (JSON.parse(text) as T) : null;
}

/** Asks for a file with a body, and saves it as a link's. */
export async function save(path: string, body: unknown, name: string): Promise<void> {
  const init: RequestInit = { method: 'POST', credentials: 'same-origin', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await answered(await fetch(path, init));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  // After the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Densities at which the pages lie ready; one that is added here is used wherever a page is shown that large. */
export const IMAGE_DPI = [40, 120, 240] as const;
export type ImageDpi = (typeof IMAGE_DPI)[number];
/** What a page is read by, and what a screen confirms. */
export const READING_DPI: ImageDpi = 120;

export function imageUrl(page: PageRef, dpi: ImageDpi): string {
  return `api/pages/${page.doc}/${page.page}/image?dpi=${dpi}`;
}

export interface PackageState {
  state: 'none' | 'writing' | 'done' | 'failed';
  name?: string;
  verified?: boolean;
  /** The record was sealed when the package was written. */
  sealed?: boolean;
  sentence?: string;
}

export interface PaperMenu {
  /** Name in addresses without its ending, and title. */
  papers: { name: string; title: string }[];
  /** A sentence on each template of the court's own that cannot be used. */
  faults: string[];
}

/** A picture of a camera and the hearing time it was taken at, in milliseconds. */
async function still(camera: string): Promise<{ png: Blob; at: number }> {
  const response = await answered(await fetch(`api/stills/${camera}`, { credentials: 'same-origin' }));
  return { png: await response.blob(), at: Number(response.headers.get('hearing-time') ?? 0) };
}

export const desk = {
  dossier: () => get<Catalogue>('api/dossier'),
  page: (page: PageRef) => get<PageInfo>(`api/pages/${page.doc}/${page.page}`),
  statutes: (query: string, date: string) => get<StatuteResults>(`api/statutes?${new URLSearchParams(date ? { q: query, date } : { q: query })}`),
  statute: (law: string, version: string, number: string) => get<StatutePage>(`api/statutes/${law}/${version}/${number}`),
  terms: () => get<TermList>('api/terms'),
  check: () => get<CheckItem[]>('api/check'),
  papers: () => get<PaperMenu>('api/papers'),
  filePaper: (name: string) => post<{ heading: string; secondary: boolean }>(`api/papers/${name}/file`, {}),
  package: () => get<PackageState>('api/package'),
  writePackage: () => post<PackageState>('api/package'),
  cameras: () => get<string[]>('api/stills'),
  still,
  newLink: (seat: string) => post<{ url: string }>(`api/seats/${seat}/code`),
  /** Ends every session at a seat; its screens close. */
  evict: (seat: string) => post<null>(`api/seats/${seat}/evict`),
};

/** Mends the dossier at `path`; a refusal says why in a sentence. */
export async function mend(path: string, what: Mend): Promise<Catalogue> {
  return (await post<Catalogue>(`${path}/mend`, what)) as Catalogue;
}

export interface Deposit {
  file: File;
  side: Side;
  heading: string;
  title: string;
  evidenceNumber: number | null;
  /** For a party while the court sits: held back until the presiding judge lets it in. */
  offer?: boolean;
  /** What an offered document shall prove. */
  purpose?: string;
}

/** Uploads one file; `progress` is told the share sent, 0 to 1. */
export function deposit(path: string, what: Deposit, progress: (share: number) => void): Promise<CatalogueDoc> {
  const form = new FormData();
  form.set('side', what.side);
  form.set('heading', what.heading);
  form.set('title', what.title);
  if (what.evidenceNumber !== null) form.set('evidenceNumber', String(what.evidenceNumber));
  form.set('file', what.file, what.file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.upload.onprogress = (e) => progress(e.lengthComputable ? e.loaded / e.total : 0);
    request.onerror = () => reject(new Refused(0, ''));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as CatalogueDoc);
      else reject(new Refused(request.status, (body as { sentence?: string } | null)?.sentence ?? ''));
    };
    request.send(form);
  });
}

/** What became of an uploaded file; an archive gives many documents. */
export interface Taken {
  docs: CatalogueDoc[];
  /** Those that were in the dossier already. */
  known: CatalogueDoc[];
  refused: { name: string; sentence: string }[];
}

export interface FileAs {
  side: Side;
  heading: string;
  title: string;
  evidenceNumber: number | null;
  password: string | null;
  offer: boolean;
  purpose: string;
}

/** Files that are brought into the dossier at `path` in chunks. */
export function uploads(path: string) {
  const at = (id: string) => `${path}/uploads/${encodeURIComponent(id)}`;
  return {
    begin: async (name: string, bytes: number) => (await post<{ id: string; received: number }>(`${path}/uploads`, { name, bytes }))!,
    ask: (id: string) => get<{ id: string; received: number }>(at(id)),
    put: async (id: string, from: number, chunk: Blob, signal: AbortSignal) => {
      const response = await answered(await fetch(`${at(id)}?from=${from}`, { method: 'PUT', body: chunk, credentials: 'same-origin', signal }));
      return (await response.json()) as { received: number };
    },
    file: async (id: string, as: FileAs) => (await post<Taken>(`${at(id)}/file`, as))!,
    drop: (id: string) => fetch(at(id), { method: 'DELETE', credentials: 'same-origin' }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export interface AdminCase {
  id: string;
  number: string;
  cause: string;
  court: string;
  /** Id of its outline; empty for the usual one. */
  procedure: string;
}

export interface OutlineChoice {
  id: string;
  name: string;
  en: string;
  /** Whether the court changed or added it. */
  own: boolean;
}

export interface SeatLink {
  seat: string;
  url: string;
}

export interface AdminHearing {
  hearing: string;
  case: string;
  number: string;
  cause: string;
  session: number;
  procedure: string;
  stage: Stage;
  /** Sound and picture are sealed: it can be played back. */
  mediaSealed: boolean;
  seats: Seat[];
}

export const admin = {
  cases: () => get<AdminCase[]>('api/cases'),
  createCase: (c: AdminCase) => post<AdminCase>('api/cases', c),
  hearings: () => get<AdminHearing[]>('api/hearings'),
  outlines: () => get<{ outlines: OutlineChoice[]; faults: string[] }>('api/outlines'),
  openHearing: (hearing: { case: string; public: boolean; seats: Seat[]; procedure: string }) =>
    post<{ hearing: string; links: SeatLink[] }>('api/hearings', hearing),
  prepared: (of: string) => get<{ seats: Seat[]; sittings: { at: number; room: string }[] }>(`api/cases/${of}/prepared`),
  dossier: (of: string) => get<Catalogue>(`api/cases/${of}/dossier`),
  newLink: (hearing: string, seat: string) => post<SeatLink>(`api/hearings/${hearing}/seats/${seat}/code`),
};
