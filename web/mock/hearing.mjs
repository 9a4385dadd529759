// A hearing that lives in memory and does what the wire contract says, roughly as the court decides it.
// For looking at the screens without a hub; it proves nothing about the hub.

import { createHash } from 'node:crypto';
import { evidence, lines as textLines, seats, spoken, find, docs } from './case.mjs';
import { outline } from './outline.mjs';

const sha = (text) => createHash('sha256').update(text).digest('hex');
export const pageHash = (doc, page) => sha(`${doc}/${page}`);
const SIDES = { presidingJudge: 'bench', judge: 'bench', clerk: 'clerk', plaintiff: 'plaintiff', plaintiffAgent: 'plaintiff', defendant: 'defendant', defendantAgent: 'defendant', public: 'public' };
export const sideOf = (seat) => SIDES[seats.find((s) => s.id === seat)?.role] ?? 'public';

export class Hearing {
  constructor(scene = 'live') {
    this.epoch = 7;
    this.began = Date.now() - 44 * 60_000;
    this.seq = {};
    this.screens = new Set();
    this.recording = false;
    this.fault = null;
    const at = 120_000;
    this.state = {
      info: { hearing: 'demo', case: 'loan-318', court: '松江市清源区人民法院', number: '（2026）清0102民初318号', cause: '民间借贷纠纷', room: '第三法庭', session: 1, public: true, origin: this.began },
      outline: outline('civil-ordinary'),
      ticks: [],
      continues: null,
      course: { phase: 'preparation', merged: [], visited: ['preparation'], stage: 'preparing', opened: null, closed: null, mediaSealed: false, sealedDigest: null, record: 'verbatim', curtain: null },
      seats: seats.map((s) => ({ ...s })),
      screens: { view: null, locked: false, presenter: null, confirmed: {} },
      requests: [], evidence: evidence(null).map((e) => ({ ...e, shown: null, opinions: [] })), marks: [], lines: [], ledger: [], signatures: [], signing: [], recordDigest: null, faults: [],
      curtains: [], steps: [], issues: { stage: 'draft', issues: [], views: [], given: 0 }, benchNotes: [], said: [], meeting: null,
    };
    if (scene !== 'preparing') this.fill(at, scene);
  }

  now() {
    return Date.now() - this.began;
  }

  fill(at, scene) {
    const s = this.state;
    s.course = { ...s.course, phase: 'evidence', merged: ['questions'], visited: ['preparation', 'opening', 'claims', 'issues', 'evidence', 'questions'], stage: 'inSession', opened: at };
    const tick = (phase, item) => ({ phase, item, by: 'judge', at });
    s.ticks = [...[0, 1, 2].map((i) => tick('claims', i)), tick('evidence', 2), ...[0, 1, 2, 3, 4].map((i) => tick('opening', i))];
    s.evidence = evidence(at);
    let from = at + 4_000;
    spoken.forEach(([seat, text], i) => {
      s.lines.push(this.line(i + 1, seat, text, from));
      from += 3_000 + text.length * 1_400;
    });
    s.lines[14] = { ...s.lines[14], text: '证据三是银行流水，第二页可以看到，被告只还过一笔伍万元。', revision: 1, pieces: [], heard: s.lines[14].text };
    const clause = textLines('p-contract', 2);
    const rectOf = (i, a, b) => ({ x: clause[i].boxes[a].x, y: clause[i].boxes[a].y, w: clause[i].boxes[b].x + clause[i].boxes[b].w - clause[i].boxes[a].x, h: clause[i].boxes[a].h });
    s.marks = [
      { id: 1, page: { doc: 'p-contract', page: 2 }, shape: { kind: 'highlight', rects: [rectOf(3, 16, 27)], quote: '每日按未还本金的万分之五' }, by: 'plaintiff', side: 'plaintiff', at, undone: null, session: null },
      { id: 2, page: { doc: 'p-contract', page: 2 }, shape: { kind: 'box', rect: { x: 6_600, y: 15_700, w: 42_000, h: 9_600 } }, by: 'judge', side: 'bench', at, undone: null, session: null },
      { id: 3, page: { doc: 'p-contract', page: 2 }, shape: { kind: 'note', at: { x: 38_000, y: 27_500 }, text: '违约金约定过高' }, by: 'defendant', side: 'defendant', at, undone: null, session: null },
    ];
    s.screens.view = { number: 4, by: 'judge', at, page: { doc: 'p-contract', page: 2 }, pageHash: pageHash('p-contract', 2), rotation: 'none', viewport: null, highlights: [rectOf(2, 4, 7)] };
    s.requests = [
      { id: 1, by: 'plaintiff', at, want: { kind: 'present', page: { doc: 'p-statement', page: 2 } }, state: { is: 'open' } },
      { id: 2, by: 'defendant', at, want: { kind: 'correct', line: 11, base: 0, text: '借款是事实，但是我方一共偿还了捌万元，其中三万元是现金。合同约定的违约金过高，请求法院依法予以调减。' }, state: { is: 'open' } },
    ];
    this.recording = true;
    if (scene === 'live') this.partial = { seat: 'defendant', utterance: 91, from: from, text: '银行流水的真实性认可，关联性不认可，它不能反映' };
    if (scene === 'recess') {
      s.course.stage = 'recess';
      s.ledger = [{ id: 1, ground: { kind: 'recess' }, holes: [], note: '合议庭评议', from: this.now(), to: null, statement: null, reviewedBy: null }];
      s.screens.view = null;
      this.recording = false;
    }
    if (scene === 'further') this.further(at);
    if (scene === 'fault') this.fault = { process: 'recorder', sentence: '摄像机没有画面；录音继续。请检查摄像机电源和连线，画面恢复后自动续录。' };
    if (scene === 'closed') {
      s.course = { ...s.course, phase: 'signing', merged: [], stage: 'closed', closed: this.now(), mediaSealed: true };
      s.requests = [];
      s.screens.view = null;
      s.recordDigest = sha('record');
      s.signatures = [{ seat: 'plaintiff', digest: s.recordDigest, how: { is: 'ink', strokes: [[[400, 300], [1800, 900], [2600, 500]]] }, notedBy: null, at: this.now() }];
      s.signing = s.seats.filter((x) => x.role !== 'public').map((x) => ({ seat: x.id, version: s.recordDigest, standing: { is: x.id === 'plaintiff' ? 'signed' : 'missing' } }));
      this.recording = false;
    }
  }

  /** 第2次开庭: what the first session hands on. */
  further(at) {
    const s = this.state;
    Object.assign(s.info, { hearing: 'loan-318-2', session: 2 });
    s.continues = 1;
    s.lines = s.lines.slice(0, 2);
    s.requests = [];
    s.course = { ...s.course, phase: 'evidence', merged: [], visited: ['preparation', 'opening', 'evidence'] };
    s.evidence = evidence(at).map((e) => ({ ...e, shown: null, carried: { hearing: 'loan-318-1', session: 1, shown: e.shown }, opinions: e.opinions.map((o) => ({ ...o, session: 1 })) }));
  }

  line(id, seat, text, from) {
    const cut = Math.floor(text.length * 0.6);
    const pieces = id % 4 === 3 ? [{ text: text.slice(0, cut), confidence: 930 }, { text: text.slice(cut, cut + 3), confidence: 480 }, { text: text.slice(cut + 3), confidence: 910 }] : id % 4 === 1 ? [{ text: text.slice(0, 4), confidence: 700 }, { text: text.slice(4), confidence: 940 }] : [{ text, confidence: 950 }];
    return { id, from, to: from + text.length * 220, seat, text, revision: 0, pieces, heard: null, suggestion: null, point: '', wording: 0, cites: null, closed: false };
  }

  snapshotFor(cls) {
    const s = structuredClone(this.state);
    const works = cls === 'bench' || cls === 'clerk';
    if (!works) {
      s.lines.forEach((l) => { l.pieces = []; l.heard = null; l.suggestion = null; });
      s.requests = s.requests.filter((r) => sideOf(r.by) === cls);
      s.ledger = [];
      s.faults = [];
      s.ticks = [];
      s.outline = { ...s.outline, terms: {}, texts: [], phases: s.outline.phases.map((p) => ({ ...p, utterances: [], texts: [], checks: [], merges: [] })) };
    }
    if (cls === 'public') Object.assign(s, { lines: [], evidence: [], signatures: [], signing: [], recordDigest: null });
    return s;
  }

  status() {
    const { course } = this.state;
    return {
      type: 'status', now: this.now(), recording: this.recording, recordedMs: course.opened === null ? 0 : this.now() - course.opened,
      soundOk: true, microphones: [], pictureOk: !this.fault, speechLagMs: 800, model: 'huiting-demo', diskMinutesLeft: 5_400,
      faults: this.fault ? [this.fault] : [], online: [...new Set([...this.screens].map((c) => c.seat)), 'plaintiff', 'defendant', 'clerk', 'public'].filter((v, i, a) => a.indexOf(v) === i).sort(),
      rehearsalMs: this.speaking ? 1000 : null, canRehearse: true, pagesReady: [docs.reduce((n, d) => n + d.pagesReady, 0), docs.reduce((n, d) => n + d.pages.length, 0)],
    };
  }

  /** Sends updates to every screen; `only`: view classes that may see them. */
  send(updates, only = null) {
    for (const screen of this.screens) {
      const visible = only && !only.includes(screen.cls) ? [] : updates.filter((u) => screen.cls !== 'public' || !['line', 'evidence', 'signature', 'recordDigest'].includes(u.part));
      if (visible.length === 0) continue;
      screen.seq += 1;
      screen.say({ type: 'update', seq: screen.seq, at: this.now(), updates: visible });
    }
  }

  /** Does a command; gives a denial or null. */
  act(seat, c) {
    const s = this.state;
    const at = this.now();
    const put = (part, list, item, key = 'id') => {
      const i = s[list].findIndex((x) => x[key] === item[key]);
      if (i < 0) s[list].push(item);
      else s[list][i] = item;
      this.send([{ part, is: item }]);
    };
    const course = (change) => {
      s.course = { ...s.course, ...change };
      this.send([{ part: 'course', is: s.course }]);
    };
    const screens = (change) => {
      s.screens = { ...s.screens, ...change };
      this.send([{ part: 'screens', is: s.screens }]);
    };
    const presiding = seat === 'judge';
    switch (c.do) {
      case 'openSession': this.recording = true; course({ stage: 'inSession', opened: at }); return null;
      case 'enterPhase': course({ phase: c.phase, merged: [], visited: [...new Set([...s.course.visited, c.phase])] }); return null;
      case 'mergePhase': course({ merged: [...s.course.merged, c.phase], visited: [...new Set([...s.course.visited, c.phase])] }); return null;
      case 'tickCheck':
        s.ticks = s.ticks.filter((x) => x.phase !== c.phase || x.item !== c.item);
        if (c.done) s.ticks.push({ phase: c.phase, item: c.item, by: seat, at });
        this.send([{ part: 'ticks', is: s.ticks }], ['bench', 'clerk']);
        return null;
      case 'callRecess': this.recording = false; put('interruption', 'ledger', { id: s.ledger.length + 1, ground: c.ground, holes: [], note: c.note, from: at, to: null, statement: null, reviewedBy: null }); screens({ view: null }); course({ stage: 'recess' }); return null;
      case 'resume': this.recording = true; put('interruption', 'ledger', { ...s.ledger.at(-1), to: at }); course({ stage: 'inSession' }); return null;
      case 'closeSession': this.recording = false; s.recordDigest = sha('record'); course({ stage: 'closed', closed: at, mediaSealed: true }); screens({ view: null }); this.send([{ part: 'recordDigest', is: s.recordDigest }]); return null;
      case 'checkAttendance': put('seat', 'seats', { ...s.seats.find((x) => x.id === c.seat), present: c.present }); return null;
      case 'show': {
        if (s.screens.locked && !presiding) return { why: 'screensLocked' };
        if (!presiding && seat !== 'clerk' && s.screens.presenter !== seat) return { why: 'notPresenting' };
        this.views = (this.views ?? s.screens.view?.number ?? 0) + 1;
        screens({ view: { ...c.view, number: this.views, by: seat, at }, confirmed: {} });
        const e = s.evidence.find((x) => x.doc === c.view.page.doc && x.shown === null);
        if (e) put('evidence', 'evidence', { ...e, shown: at });
        return null;
      }
      case 'hide': screens({ view: null, confirmed: {} }); return null;
      case 'lock': screens({ locked: true }); return null;
      case 'unlock': screens({ locked: false }); return null;
      case 'setPresenter': screens({ presenter: c.presenter }); return null;
      case 'ask': put('request', 'requests', { id: s.requests.length + 1, by: seat, at, want: c.want, state: { is: 'open' } }); return null;
      case 'answer': {
        const r = s.requests.find((x) => x.id === c.request);
        if (!r || r.state.is !== 'open') return { why: 'requestNotOpen', request: c.request };
        put('request', 'requests', { ...r, state: c.granted ? { is: 'granted', by: seat } : { is: 'refused', by: seat, reason: c.reason } });
        if (c.granted && r.want.kind === 'present') screens({ presenter: r.by });
        if (c.granted && r.want.kind === 'correct') this.revise(r.want.line, { text: r.want.text });
        return null;
      }
      case 'withdraw': put('request', 'requests', { ...s.requests.find((x) => x.id === c.request), state: { is: 'withdrawn' } }); return null;
      case 'checkOriginal': put('evidence', 'evidence', { ...s.evidence.find((x) => x.id === c.evidence), originalChecked: c.checked }); return null;
      case 'noteOpinion': {
        const e = s.evidence.find((x) => x.id === c.evidence);
        const others = e.opinions.filter((o) => o.side !== c.side || o.aspect !== c.aspect);
        put('evidence', 'evidence', { ...e, opinions: [...others, { side: c.side, aspect: c.aspect, stance: c.stance, reason: c.reason, line: c.line, by: seat, at, session: null }] });
        return null;
      }
      case 'makeMark': put('mark', 'marks', { id: (s.marks.at(-1)?.id ?? 0) + 1, page: c.page, shape: c.shape, by: seat, side: sideOf(seat), at, undone: null, session: null }); return null;
      case 'undoMark': s.marks = s.marks.filter((m) => m.id !== c.mark); this.send([{ part: 'markGone', is: c.mark }]); return null;
      case 'correctLine': case 'reattributeLine': {
        const l = s.lines.find((x) => x.id === c.line);
        if (l.revision !== c.base) return { why: 'stale', line: l.id, revision: l.revision, text: l.text };
        this.revise(c.line, c.do === 'correctLine' ? { text: c.text } : { seat: c.seat });
        return null;
      }
      case 'insertLine': case 'takeOver': this.add({ ...this.line(s.lines.length + 1, c.seat, c.text, c.from), pieces: [], to: c.from, revision: 0, utterance: c.utterance }); if (c.do === 'takeOver') { this.partial = null; for (const x of this.screens) x.say({ type: 'partialGone', seat: c.seat, utterance: c.utterance }); } return null;
      case 'citeStatute': this.add({ ...this.line(s.lines.length + 1, c.seat, `引用《${c.statute.name}》（${c.statute.version}）${c.statute.label}`, at), pieces: [], to: at, revision: 1, cites: c.statute }); return null;
      case 'sign': {
        const { by, seat: of, digest, ...rest } = c.act;
        const how = { ink: { is: 'ink', strokes: rest.strokes }, paper: { is: 'paper', scan: rest.scan }, refuse: { is: 'refused', reason: rest.reason, attestedBy: null }, later: { is: 'later', until: rest.until } }[by];
        if (how) put('signature', 'signatures', { seat: of, digest, how, notedBy: of === seat ? null : seat, at }, 'seat');
        return null;
      }
      case 'sealRecord': course({ stage: 'sealed', sealedDigest: c.digest }); return null;
      default: return { why: 'malformed', what: `the mock does not know ${c.do}` };
    }
  }

  revise(id, change) {
    const s = this.state;
    const l = s.lines.find((x) => x.id === id);
    Object.assign(l, change, { revision: l.revision + 1, heard: l.heard ?? l.text, pieces: [], suggestion: null });
    this.send([{ part: 'line', is: l }], ['bench', 'clerk', 'plaintiff', 'defendant']);
  }

  add(line) {
    this.state.lines.push(line);
    this.state.lines.sort((a, b) => a.from - b.from || a.id - b.id);
    this.send([{ part: 'line', is: line }]);
  }

  /** Speaks: each sentence grows as a partial, then settles; one taken over settles only as a suggestion. */
  rehearse(play) {
    clearInterval(this.speaking);
    this.speaking = null;
    if (!play) return;
    let [sentence, shown] = [0, 0];
    const desks = () => [...this.screens].filter((x) => x.cls !== 'public');
    this.speaking = setInterval(() => {
      const [seat, text] = spoken[sentence % spoken.length];
      const utterance = 1000 + sentence;
      if (shown === 0) this.utteranceFrom = this.now();
      shown = Math.min(text.length, shown + 4);
      const taken = this.state.lines.find((l) => l.utterance === utterance && l.seat === seat);
      if (shown < text.length) {
        this.partial = taken ? null : { seat, utterance, from: this.utteranceFrom, text: text.slice(0, shown) };
        if (this.partial) for (const x of desks()) x.say({ type: 'partial', ...this.partial });
        return;
      }
      this.partial = null;
      for (const x of desks()) x.say({ type: 'partialGone', seat, utterance });
      if (taken) {
        taken.suggestion = text;
        this.send([{ part: 'line', is: taken }], ['clerk']);
      } else this.add(this.line(this.state.lines.length + 1, seat, text, this.utteranceFrom));
      [sentence, shown] = [sentence + 1, 0];
    }, 400);
  }

  confirm(seat, view) {
    const v = this.state.screens.view;
    if (!v || v.number !== view) return;
    this.state.screens = { ...this.state.screens, confirmed: { ...this.state.screens.confirmed, [seat]: this.now() } };
    this.send([{ part: 'screens', is: this.state.screens }]);
  }

  search(text) {
    return find(text);
  }

  heard(text) {
    return { type: 'heard', text, outcome: { kind: 'page', page: { doc: 'p-statement', page: 2 }, title: '原告证据三 银行流水', rects: [] } };
  }
}
