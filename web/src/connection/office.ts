// What the administration fetches: login, case lists, the file of a case, indicators, people and rooms.

import { get, post, send } from './api';

export type OfficeRole = 'administrator' | 'judge' | 'clerk' | 'archivist';
export const ROLES: OfficeRole[] = ['administrator', 'judge', 'clerk', 'archivist'];

export interface Me {
  /** Empty for who came by the one-time link. */
  name: string;
  role: OfficeRole;
  prepares: boolean;
  files: boolean;
  archives: boolean;
  manages: boolean;
}

export interface RowFault {
  line: number;
  column: string;
  sentence: string;
}

export interface Imported {
  created: number;
  changed: number;
  unchanged: number;
  scheduled: number;
  faults: RowFault[];
}

export interface ListedCase {
  id: string;
  number: string;
  cause: string;
  filed: string | null;
  judge: string;
  panel: string[];
  clerk: string;
  parties: { side: 'plaintiff' | 'defendant' | 'thirdParty'; name: string }[];
}

export interface DirectoryEntry {
  number: number;
  doc: string;
  heading: string;
  title: string;
  from: number;
  to: number;
}

export interface FiledPiece {
  doc: string;
  secondary: boolean;
  heading: string;
  title: string;
  pages: number;
  pagesRead: number;
  automatic: boolean;
  moved: boolean;
  drafted: boolean;
}

export type Retention = 'permanent' | 'long' | 'short';
export const RETENTIONS: Retention[] = ['permanent', 'long', 'short'];

export interface Property {
  name: 'authentic' | 'complete' | 'usable' | 'safe';
  ok: boolean;
  sentences: string[];
}

export interface CaseFile {
  case: ListedCase;
  main: DirectoryEntry[];
  secondary: DirectoryEntry[];
  pieces: FiledPiece[];
  missing: { heading: string; when: string; secondary: boolean }[];
  fault: string | null;
  archived: number | null;
  properties: Property[];
}

/** How far the archive of a case is. */
export type ArchiveState =
  | { state: 'none' }
  | { state: 'writing' }
  | { state: 'done'; name: string; verified: boolean }
  | { state: 'failed'; sentence: string };

export type IndicatorName = 'synchronous' | 'cataloguing' | 'courtroom' | 'reading' | 'drafting' | 'archiving';

export interface Share {
  case: string;
  number: string;
  cause: string;
  numerator: number;
  denominator: number;
}

export interface Figure {
  indicator: IndicatorName;
  month: string;
  numerator: number;
  denominator: number;
  cases: Share[];
}

export interface Indicators {
  month: string;
  settings: { scope: string[]; online_within_days: number; paper_headings: string[] };
  fault: string | null;
  figures: Figure[];
}

export interface Account {
  name: string;
  person: string;
  role: OfficeRole;
  closed: boolean;
}

export interface Terminal {
  id: string;
  name: string;
  room: string;
  seats: string[];
  codeUntil: number | null;
  enrolled: number | null;
  expires: number | null;
  revoked: number | null;
}

export interface Terminals {
  terminals: Terminal[];
  demand: 'nobody' | 'court' | 'everybody';
  possible: boolean;
}

/** What a terminal is enrolled with. */
export interface Ticket {
  id: string;
  code: string;
  house: string;
  certificate: string | null;
}

export interface Login {
  at: number;
  account: string;
  outcome: string;
}

export interface Scheduled {
  case: string;
  at: number;
  room: string;
}

export const office = {
  me: () => get<Me>('api/me'),
  login: (name: string, password: string) => post<null>('api/login', { name, password }),
  logout: () => post<null>('api/logout'),
  importList: (file: File) => send<Imported>('POST', 'api/import', file, file.name.toLowerCase().endsWith('.json') ? 'application/json' : 'text/csv'),
  schedule: (from: string, to: string) => get<Scheduled[]>(`api/schedule?${new URLSearchParams({ from, to })}`),
  file: (of: string, retention: Retention | '', explained: Record<string, string>) =>
    get<CaseFile>(`api/cases/${of}/file?${new URLSearchParams({ ...(retention && { retention }), explained: JSON.stringify(explained) })}`),
  refile: (of: string, doc: string, heading: string, secondary: boolean) => post<null>(`api/cases/${of}/pieces/${doc}`, { heading, secondary }),
  archive: (of: string, retention: Retention, explained: Record<string, string>) => post<ArchiveState>(`api/cases/${of}/archive`, { retention, explained }),
  archiveState: (of: string) => get<ArchiveState>(`api/cases/${of}/archive`),
  indicators: (month: string) => get<Indicators>(`api/indicators${month ? `?month=${month}` : ''}`),
  accounts: () => get<Account[]>('api/accounts'),
  addAccount: (a: { name: string; person: string; role: OfficeRole; password: string }) => post<null>('api/accounts', a),
  setPassword: (name: string, password: string) => post<null>(`api/accounts/${encodeURIComponent(name)}/password`, { password }),
  closeAccount: (name: string, closed: boolean) => post<null>(`api/accounts/${encodeURIComponent(name)}/closed`, { closed }),
  logins: () => get<Login[]>('api/logins'),
  directory: () => get<{ name: string | null }>('api/directory'),
  terminals: () => get<Terminals>('api/terminals'),
  addTerminal: (name: string, seats: string[]) => post<Ticket>('api/terminals', { name, seats }),
  renewTerminal: (id: string) => post<Ticket>(`api/terminals/${id}/code`),
  revokeTerminal: (id: string) => post<null>(`api/terminals/${id}/revoke`),
  rooms: () => get<string[]>('api/rooms'),
  addRoom: (name: string) => post<null>('api/rooms', { name }),
  removeRoom: (name: string) => send<null>('DELETE', 'api/rooms', JSON.stringify({ name }), 'application/json'),
};
