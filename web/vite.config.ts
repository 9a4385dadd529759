import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The page is served at /h/<hearing>/<seat>/ and /admin/, its assets always at /assets/.
export default defineConfig({
  base: '/',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    // The content policy of the server allows no inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
