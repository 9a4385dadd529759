import type { CatalogueDoc } from '../src/protocol/CatalogueDoc';
import type { LineView } from '../src/protocol/LineView';
import type { Phase } from '../src/protocol/Phase';
import type { Snapshot } from '../src/protocol/Snapshot';

export function line(id: number, from: number, text = `line ${id}`, revision = 0): LineView {
  return { id, from, to: from + 500, seat: 'judge', text, revision, pieces: [], doubts: [], heard: null, suggestion: null, point: '', wording: 0, whose: null, cites: null, mentions: [], closed: false };
}

export function phase(id: string, zh: string, en: string, change: Partial<Phase> = {}): Phase {
  return { id, zh, en, utterances: [], texts: [], checks: [], merges: [], ...change };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    info: { hearing: 'h1', case: 'loan-318', court: '松江市清源区人民法院', number: '（2026）清0102民初318号', cause: '民间借贷纠纷', room: '第三法庭', session: 1, public: true, origin: 1_700_000_000_000 },
    outline: { name: '民事一审普通程序', id: 'civil-ordinary', en: 'Civil first instance', terms: {}, texts: [], phases: [phase('opening', '宣布开庭', 'Opening')] },
    ticks: [],
    continues: null,
    course: { phase: null, merged: [], visited: [], stage: 'preparing', opened: null, closed: null, mediaSealed: false, sealedDigest: null, record: 'verbatim', curtain: null },
    seats: [],
    screens: { view: null, locked: false, presenter: null, confirmed: {} },
    requests: [],
    evidence: [],
    marks: [],
    lines: [],
    ledger: [],
    curtains: [],
    signatures: [],
    signing: [],
    recordDigest: null,
    faults: [],
    steps: [],
    issues: { stage: 'draft', issues: [], views: [], given: 0 },
    benchNotes: [],
    said: [],
    terms: { own: [], off: [] },
    meeting: null,
    ...change,
  };
}

export function doc(id: string, pages: number, change: Partial<CatalogueDoc> = {}): CatalogueDoc {
  return {
    doc: id, side: 'plaintiff', heading: 'evidence', title: id, evidenceNumber: null, pages: Array.from({ length: pages }, () => [59_500, 84_200]),
    pagesReady: pages, printed: [], problems: [], accepted: [], turns: [], headingSure: null, leaves: [], keptOut: false, ...change,
  };
}
