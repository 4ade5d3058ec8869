/**
 * One vitest project per folder of test/, so that `vitest run --project relay` runs one kind. Projects that start
 * processes run one after another, one file at a time: on two cores they would only measure each other.
 */
import { defineConfig } from 'vitest/config';

interface Kind {
  readonly name: string;
  readonly seconds: number;
  /** Kinds with a turn run alone, in this order, after all the kinds without one. */
  readonly turn?: number;
  readonly setup?: string;
}

const kinds: readonly Kind[] = [
  { name: 'shape', seconds: 20 },
  { name: 'unit', seconds: 10 },
  { name: 'vector', seconds: 20 },
  { name: 'property', seconds: 60 },
  { name: 'scenario', seconds: 30 },
  { name: 'fuzz', seconds: 120 },
  { name: 'simulation', seconds: 1200, turn: 1 },
  { name: 'relay', seconds: 30, turn: 2 },
  { name: 'fault', seconds: 120, turn: 3 },
  { name: 'e2e', seconds: 120, turn: 4, setup: 'test/kit/provideBrowser.ts' },
];

export default defineConfig({
  test: {
    reporters: ['default', './test/kit/reporter.ts'],
    projects: kinds.map(({ name, seconds, turn, setup }) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout: seconds * 1000,
        hookTimeout: seconds * 1000,
        ...(turn === undefined ? {} : { fileParallelism: false, maxWorkers: 1, sequence: { groupOrder: turn } }),
        ...(setup === undefined ? {} : { globalSetup: setup }),
      },
    })),
  },
});
