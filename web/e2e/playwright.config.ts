import { defineConfig } from '@playwright/test';

// HUITING_E2E_LINKS names a JSON file {judge, clerk, plaintiff, defendant, public: url} with fresh one-time seat links
// of one hearing that is still being prepared. All specs share that hearing, in the order of their names.
export default defineConfig({
  testDir: '.',
  globalSetup: './seats.setup.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  outputDir: '../test-results',
  use: {
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['HUITING_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
