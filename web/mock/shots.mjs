// node mock/shots.mjs [name …]: pictures of every screen into web/shots/, to be looked at.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { start } from './main.mjs';

const OUT = fileURLToPath(new URL('../shots/', import.meta.url));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const SIZES = { wide: { width: 1920, height: 1080 }, small: { width: 1366, height: 768 } };

const click = (id) => (page) => page.getByTestId(id).click();
const SHOTS = [
  ['judge', 'live', 'judge'],
  ['judge-private', 'live', 'judge', async (p) => { await p.getByTestId('search').fill('违约金'); await p.keyboard.press('Enter'); await p.waitForTimeout(400); }],
  ['judge-table', 'live', 'judge', async (p) => { await click('tab-table')(p); await p.getByTestId('opinion-defendant-purpose').first().click(); }],
  ['judge-statutes', 'live', 'judge', async (p) => { await click('tab-statutes')(p); await p.getByTestId('statute-query').fill('点灯'); await p.waitForTimeout(500); }],
  ['judge-cite', 'live', 'judge', async (p) => { await click('tab-statutes')(p); await p.getByTestId('statute-query').fill('点灯'); await p.getByTestId('statute-hit').first().click(); await p.waitForTimeout(200); await click('cite')(p); await p.waitForTimeout(300); }],
  ['clerk-cited', 'live', 'clerk', async (p) => { await click('tab-statutes')(p); await p.getByTestId('statute-query').fill('点灯'); await p.getByTestId('statute-hit').first().click(); await p.waitForTimeout(200); await click('cite')(p); await p.waitForTimeout(300); await click('cite-link')(p); await p.waitForTimeout(300); }],
  ['party-statutes', 'live', 'plaintiff', async (p) => { await click('tab-statutes')(p); await p.getByTestId('statute-query').fill('灯'); await p.waitForTimeout(500); }],
  ['judge-spoken', 'live', 'judge', async (p) => { await p.keyboard.down('F8'); await p.waitForTimeout(200); await p.keyboard.up('F8'); await p.waitForTimeout(600); }],
  ['judge-outline', 'live', 'judge', async (p) => { await p.keyboard.press('Shift+F7'); await p.waitForTimeout(200); }],
  ['judge-further', 'further', 'judge', async (p) => { await click('tab-table')(p); await p.waitForTimeout(200); }],
  ['judge-open', 'preparing', 'judge', async (p) => { await click('open-session')(p); await p.waitForTimeout(300); }],
  ['judge-recess', 'live', 'judge', async (p) => { await p.keyboard.press('Shift+F9'); }],
  ['judge-fault', 'fault', 'judge'],
  ['judge-closed', 'closed', 'judge'],
  ['judge-keys', 'live', 'judge', async (p) => { await p.keyboard.press('F1'); }],
  ['clerk', 'live', 'clerk', async (p) => { await p.keyboard.press('ArrowUp'); }],
  ['clerk-edit', 'live', 'clerk', async (p) => { await p.keyboard.press('ArrowUp'); await p.keyboard.press('F2'); }],
  ['clerk-texts', 'live', 'clerk', async (p) => { await p.keyboard.press('F7'); await p.waitForTimeout(200); }],
  ['clerk-outline', 'live', 'clerk', async (p) => { await p.keyboard.press('Shift+F7'); await p.waitForTimeout(200); }],
  ['clerk-dossier', 'live', 'clerk', async (p) => { await click('tab-dossier')(p); await click('deposit-open')(p); }],
  ['clerk-closed', 'closed', 'clerk'],
  ['party', 'live', 'plaintiff'],
  ['party-away', 'live', 'plaintiff', async (p) => { await p.keyboard.press('PageDown'); await p.waitForTimeout(300); }],
  ['party-record', 'live', 'defendant', async (p) => { await click('tab-record')(p); await p.getByTestId('line').nth(10).click(); await p.getByTestId('ask-correct').click(); }],
  ['party-closed', 'closed', 'defendant'],
  ['party-recess', 'recess', 'plaintiff'],
  ['public', 'live', 'public'],
  ['public-recess', 'recess', 'public'],
  ['public-waiting', 'preparing', 'public'],
  ['lobby', 'live', null],
];

await mkdir(OUT, { recursive: true });
const asked = process.argv.slice(2);
const lights = (process.env.LIGHT ?? 'light,dark').split(',');
const sizes = (process.env.SIZE ?? 'wide,small').split(',');
const prefs = { language: process.env.LANGUAGE_OF ?? 'zh', large: process.env.LARGE === '1' };
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
const troubles = [];
for (const [name, scene, seat, act] of SHOTS) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const size of sizes) {
    for (const light of lights) {
      const mock = await start(0, scene);
      const context = await browser.newContext({ viewport: SIZES[size], colorScheme: light });
      const page = await context.newPage();
      page.on('console', (m) => ['error', 'warning'].includes(m.type()) && troubles.push(`${name}: ${m.text()}`));
      page.on('pageerror', (e) => troubles.push(`${name}: ${e}`));
      await page.addInitScript((p) => localStorage.setItem('huiting.desk', JSON.stringify(p)), prefs);
      const address = seat ? `h/demo/${seat}/` : 'admin/';
      await page.goto(`http://127.0.0.1:${mock.port}/${address}`);
      await page.waitForTimeout(900);
      try {
        await act?.(page);
      } catch (e) {
        troubles.push(`${name}: ${e}`);
      }
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${OUT}${name}-${size}-${light}.png` });
      await context.close();
      mock.stop();
    }
  }
}
await browser.close();
console.log([...new Set(troubles)].join('\n') || 'no trouble');
process.exit(0);
