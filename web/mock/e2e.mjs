// node mock/e2e.mjs [playwright arguments]: the end-to-end specs against the mock, to try the specs and the screens
// without a hub. The product is tested by the same specs against `huiting serve`.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PORT = 4181;
const mock = spawn(process.execPath, [join(root, 'mock/main.mjs'), '--port', String(PORT), '--scene', 'preparing'], { env: { ...process.env, MOCK_SESSIONS: '1' } });
await new Promise((resolve) => mock.stdout.once('data', resolve));
const links = join(mkdtempSync(join(tmpdir(), 'huiting-')), 'links.json');
const seats = ['judge', 'clerk', 'plaintiff', 'defendant', 'public'];
writeFileSync(links, JSON.stringify(Object.fromEntries(seats.map((s) => [s, `http://127.0.0.1:${PORT}/h/demo/${s}/join?code=7KQ2-M4TX`]))));
const run = spawnSync('npx', ['playwright', 'test', '--config', 'e2e/playwright.config.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env: { ...process.env, HUITING_E2E_LINKS: links } });
mock.kill();
process.exit(run.status ?? 1);
