/**
 * The window. Its output is static files that an Electron window or any loopback server can show under a policy of
 * `default-src 'none'; script-src 'self'; style-src 'self'`: relative addresses, nothing inline, no data: addresses.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: here('dist/renderer'),
    emptyOutDir: true,
    // Both lanes that show the window are a current Chromium or a browser of the last two years.
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
  },
});
