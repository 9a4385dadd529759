// The mirror of Snapshot::apply in src/protocol/view.rs: replace, add or remove, nothing else.

import type { Snapshot } from '../protocol/Snapshot';
import type { Update } from '../protocol/Update';

/** Compares ids the way the hub orders them: numbers by value, text by its bytes. */
function before(a: number | string, b: number | string): boolean {
  return a < b;
}

/** Replaces the element with the same key, or inserts so that keys stay in order. */
function replaced<T>(all: readonly T[], fresh: T, key: (item: T) => number | string): T[] {
  const wanted = key(fresh);
  const same = all.findIndex((item) => key(item) === wanted);
  if (same >= 0) return [...all.slice(0, same), fresh, ...all.slice(same + 1)];
  const after = all.findIndex((item) => before(wanted, key(item)));
  const at = after < 0 ? all.length : after;
  return [...all.slice(0, at), fresh, ...all.slice(at)];
}

/** What a newer hub says and this page does not know changes nothing. The compiler knows of nothing that comes here. */
export function unknown<T>(_: never, same: T): T {
  return same;
}

/** Gives the snapshot after one update; the one given stays as it was. */
export function applyUpdate(snapshot: Snapshot, update: Update): Snapshot {
  switch (update.part) {
    case 'course':
      return { ...snapshot, course: update.is };
    case 'continues':
      return { ...snapshot, continues: update.is };
    case 'ticks':
      return { ...snapshot, ticks: update.is };
    case 'seat':
      return { ...snapshot, seats: replaced(snapshot.seats, update.is, (s) => s.id) };
    case 'screens':
      return { ...snapshot, screens: update.is };
    case 'request':
      return { ...snapshot, requests: replaced(snapshot.requests, update.is, (r) => r.id) };
    case 'evidence':
      return { ...snapshot, evidence: replaced(snapshot.evidence, update.is, (e) => e.id) };
    case 'mark':
      return { ...snapshot, marks: replaced(snapshot.marks, update.is, (m) => m.id) };
    case 'markGone':
      return { ...snapshot, marks: snapshot.marks.filter((m) => m.id !== update.is) };
    case 'line': {
      const line = update.is;
      const lines = snapshot.lines.filter((l) => l.id !== line.id);
      const at = lines.findIndex((l) => l.from > line.from || (l.from === line.from && l.id > line.id));
      lines.splice(at < 0 ? lines.length : at, 0, line);
      return { ...snapshot, lines };
    }
    case 'interruption':
      return { ...snapshot, ledger: replaced(snapshot.ledger, update.is, (g) => g.id) };
    case 'curtains':
      return { ...snapshot, curtains: update.is };
    case 'signature':
      return { ...snapshot, signatures: replaced(snapshot.signatures, update.is, (s) => s.seat) };
    case 'signing':
      return { ...snapshot, signing: update.is };
    case 'recordDigest':
      return { ...snapshot, recordDigest: update.is };
    case 'fault': {
      const fault = update.is;
      return { ...snapshot, faults: replaced(snapshot.faults, fault, (f) => processOrder(f[0])) };
    }
    case 'steps':
      return { ...snapshot, steps: update.is };
    case 'issues':
      return { ...snapshot, issues: update.is };
    case 'benchNotes':
      return { ...snapshot, benchNotes: update.is };
    case 'said':
      return { ...snapshot, said: replaced(snapshot.said, update.is, (s) => s.line) };
    case 'terms':
      return { ...snapshot, terms: update.is };
    case 'meeting':
      return { ...snapshot, meeting: update.is };
    case 'faultGone':
      return { ...snapshot, faults: snapshot.faults.filter((f) => f[0] !== update.is) };
    default:
      return unknown(update, snapshot);
  }
}

const PROCESSES = ['hub', 'recorder', 'recogniser', 'pages', 'bridge'];

function processOrder(process: string): number {
  return PROCESSES.indexOf(process);
}
