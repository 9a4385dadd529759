// node mock/main.mjs [--port 4180] [--scene preparing|live|further|recess|fault|closed]
// Serves web/dist and speaks the hub's protocol from memory, for looking at the screens.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { docs, image, lines, seats } from './case.mjs';
import { NAMES, outline } from './outline.mjs';
import { Hearing, pageHash, sideOf } from './hearing.mjs';
import { statute, statutes } from './statutes.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };
const POLICY = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
}

export function start(port, scene) {
  const hearing = new Hearing(scene);
  const json = (res, body, status = 200) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  const file = async (res, path) => {
    const safe = normalize(path).replace(/^(\.\.[/\\])+/, '');
    try {
      const body = await readFile(join(DIST, safe));
      res.writeHead(200, { 'content-type': TYPES[extname(safe)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
      res.end(body);
    } catch {
      json(res, { sentence: 'not found' }, 404);
    }
  };
  let pack = { state: 'none' };
  const server = createServer((req, res) => {
    const url = new URL(req.url, 'http://localhost');
    const [, room, , seat, ...rest] = url.pathname.split('/');
    const path = rest.join('/');
    if (room === 'assets' || room === 'favicon.svg') return void file(res, url.pathname);
    if (url.pathname.startsWith('/admin/')) return admin(url.pathname.slice(7), req, res);
    if (room !== 'h' || !seats.some((s) => s.id === seat)) return json(res, { sentence: '没有这个席位' }, 404);
    if (path === 'join') {
      const right = url.searchParams.get('code') === '7KQ2-M4TX';
      if (right) res.writeHead(303, { location: './', 'set-cookie': `seat=${seat}; HttpOnly; SameSite=Strict; Path=/h/demo/${seat}/` });
      else res.writeHead(403, { 'content-type': 'text/html; charset=utf-8' });
      return res.end(right ? '' : '<p>席位码不对或已经用过，请向书记员索取新的链接。</p>');
    }
    if (!req.headers.cookie?.includes(`seat=${seat}`) && process.env.MOCK_SESSIONS) return json(res, { sentence: '请用席位链接进入。' }, 401);
    if (path === '') return void file(res, 'index.html');
    if (path === 'api/dossier' && sideOf(seat) === 'public') return json(res, { sentence: 'this is not open to your seat' }, 403);
    if (path === 'api/dossier') return json(res, { revision: 1, docs, retired: [] });
    if (path.startsWith('api/statutes') && sideOf(seat) === 'public') return json(res, { sentence: 'this is not open to your seat' }, 403);
    if (path === 'api/statutes') return json(res, statutes(url.searchParams.get('q') ?? '', url.searchParams.get('date') ?? new Date().toISOString().slice(0, 10)));
    const article = /^api\/statutes\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path);
    if (article) {
      const page = statute(...article.slice(1));
      return page ? json(res, page) : json(res, { sentence: 'this article is not among the imported statutes' }, 404);
    }
    if (path === 'api/check') {
      return json(res, [
        { ok: true, found: { is: 'diskRoom', hours: 90 } },
        { ok: true, found: { is: 'clock', now: '2026-03-18 09:00:00', kept: true } },
        { ok: true, found: { is: 'microphones' } },
        { ok: scene !== 'fault', found: { is: scene === 'fault' ? 'noPicture' : 'picture' } },
        { ok: true, found: { is: 'model', name: 'huiting-demo' } },
        { ok: true, found: { is: 'dossier', pages: 56, ready: 54 } },
      ]);
    }
    if (path === 'api/papers') {
      const papers = [['record', '法庭笔录（第1次）'], ['pretrial', '庭前会议笔录'], ['deliberation', '合议庭评议笔录'], ['judgment', '宣判笔录'], ['mediation', '调解笔录'], ['examination', '质证表（第1次）'], ['fault-1', '情况说明（中断1）'], ['service', '送达回证']];
      return json(res, { papers: papers.map(([name, title]) => ({ name, title })), faults: [] });
    }
    if (path === 'api/package') {
      if (req.method === 'POST') {
        pack = { state: 'writing' };
        setTimeout(() => (pack = { state: 'done', name: 'loan-318-demo-20261123', verified: true }), 1500);
        return json(res, pack, 202);
      }
      return json(res, pack);
    }
    if (/^api\/seats\/[^/]+\/code$/.test(path)) return json(res, { url: `/h/demo/${path.split('/')[2]}/join?code=7KQ2-M4TX` });
    const page = /^api\/pages\/([^/]+)\/(\d+)(\/image)?$/.exec(path);
    if (page) {
      const [, doc, n, isImage] = page;
      const number = Number(n);
      if (isImage) {
        res.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'private, max-age=3600' });
        return res.end(image(doc, number));
      }
      return json(res, { size: [59_528, 84_189], turn: 0, imageHash: pageHash(doc, number), lines: lines(doc, number), textReady: true, marks: [] });
    }
    json(res, { sentence: '没有这个地址' }, 404);
  });

  const cases = [{ id: 'loan-318', number: '（2026）清0102民初318号', cause: '民间借贷纠纷', court: '松江市清源区人民法院', procedure: 'civil-ordinary' }];
  const admin = (path, req, res) => {
    if (path === '') return void file(res, 'index.html');
    if (path === 'api/me') return json(res, { name: '', role: 'administrator', prepares: true, files: true, archives: true, manages: true });
    if (path === 'api/cases') return json(res, cases);
    if (path === 'api/outlines') {
      const outlines = NAMES.map(outline).map(({ id, name, en }) => ({ id, name, en, own: id === 'reception' }));
      return json(res, { outlines, faults: ['data/outlines/inquiry.toml, line 18: code "tzjl" is there twice: give each text its own'] });
    }
    if (path === 'api/hearings') {
      const links = seats.map((s) => ({ seat: s.id, url: `/h/demo/${s.id}/join?code=7KQ2-M4TX` }));
      return json(res, req.method === 'POST' ? { hearing: 'demo', links } : [{ hearing: 'demo', case: 'loan-318', number: cases[0].number, cause: cases[0].cause, session: 1, procedure: hearing.state.outline.name, stage: hearing.state.course.stage, seats: hearing.state.seats }]);
    }
    if (path === 'api/cases/loan-318/dossier') return json(res, { revision: 1, docs, retired: [] });
    const code = /^api\/hearings\/demo\/seats\/([^/]+)\/code$/.exec(path);
    if (code) return json(res, { seat: code[1], url: `/h/demo/${code[1]}/join?code=7KQ2-M4TX` });
    json(res, { sentence: '没有这个地址' }, 404);
  };

  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (ws, req) => {
    const seat = req.url.split('/')[3];
    const screen = { seat, cls: sideOf(seat), seq: 0, say: (msg) => ws.readyState === 1 && ws.send(JSON.stringify(msg)) };
    ws.on('close', () => hearing.screens.delete(screen));
    ws.on('message', (data) => receive(screen, JSON.parse(data)));
  });

  function receive(screen, msg) {
    switch (msg.type) {
      case 'hello':
        hearing.screens.add(screen);
        screen.say({ type: 'welcome', epoch: hearing.epoch, seq: screen.seq, seat: screen.seat, class: screen.cls, now: hearing.now(), snapshot: hearing.snapshotFor(screen.cls) });
        screen.say(hearing.status());
        if (hearing.partial && screen.cls !== 'public') screen.say({ type: 'partial', ...hearing.partial });
        return;
      case 'command': {
        const denial = hearing.act(screen.seat, msg.command);
        return screen.say(denial ? { type: 'denied', cmdId: msg.cmdId, denial, sentence: denial.why } : { type: 'done', cmdId: msg.cmdId });
      }
      case 'search':
        return screen.say({ type: 'results', queryId: msg.queryId, text: msg.text, hits: hearing.search(msg.text), tookUs: 412 });
      case 'confirm':
        return hearing.confirm(screen.seat, msg.view);
      case 'talkKey':
        return msg.down ? undefined : screen.say(hearing.heard('请翻到原告证据三第二页'));
      case 'ephemeral':
        for (const other of hearing.screens) if (other !== screen) other.say({ type: 'ephemeral', by: screen.seat, what: msg.what });
        return;
      case 'rehearse':
        return hearing.rehearse(msg.play);
      case 'ping':
        return screen.say({ type: 'pong', sentMs: msg.sentMs, now: hearing.now(), utc: Date.now() });
      default:
    }
  }

  const beat = setInterval(() => {
    const level = () => -18 - Math.round(Math.random() * 30);
    for (const s of hearing.screens) {
      s.say(hearing.status());
      if (s.cls === 'bench' || s.cls === 'clerk') s.say({ type: 'levels', levels: ['judge', 'clerk', 'plaintiff', 'defendant'].map((id) => [id, level()]) });
    }
  }, 1000);
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ hearing, port: server.address().port, stop: () => { clearInterval(beat); hearing.rehearse(false); sockets.close(); server.closeAllConnections?.(); server.close(); } })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await start(Number(option('port', '4180')), option('scene', 'live'));
  for (const id of ['judge', 'clerk', 'plaintiff', 'defendant', 'public']) console.log(`http://127.0.0.1:${port}/h/demo/${id}/`);
  console.log(`http://127.0.0.1:${port}/admin/`);
}
