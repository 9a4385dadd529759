import { defineConfig } from '@playwright/test';
import specs from './playwright.config';

// Benches of the screens: each opens a house of its own and prints JSON lines.
const { globalSetup: _, ...rest } = specs;
export default defineConfig({ ...rest, testMatch: '*.bench.ts', timeout: 600_000 });
