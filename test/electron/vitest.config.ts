/** Apart from the other kinds of test, so that `npm test` neither needs an Electron binary nor leaves a test out. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/electron/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false },
});
