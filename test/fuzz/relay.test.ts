/** A small run of the fuzzer: the same frames every time, and some that nobody has sent before. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seeded } from '../kit/random.ts';
import { headsOf, mutate } from './mutate.ts';
import { fuzz, readCorpus, writeCorpus } from './run.ts';

const corpus = readCorpus(readFileSync(join(import.meta.dirname, 'corpus/frames.txt'), 'utf8'));

async function hold(seed: number): Promise<void> {
  const result = await fuzz({ seed, frames: 6000, corpus: [...corpus.values()] });
  expect(result.failure).toBeUndefined();
  // It went everywhere: strangers, greeted and admitted devices, good frames and bad ones.
  const outcomes = [...result.outcomes.keys()];
  for (const state of ['new', 'greeted', 'inside', 'over'])
    expect(outcomes.filter((each) => each.startsWith(`${state}:`)).length, state).toBeGreaterThan(8);
  expect(result.acknowledged).toBeGreaterThan(100);
}

it('holds against the frames of a fixed seed', () => hold(4), 120_000);

it('holds against frames of a seed from the clock', async () => {
  const seed = Date.now() % 1_000_000_000;
  console.log(`fuzz seed ${seed}`);
  await hold(seed);
}, 120_000);

it('keeps its corpus as data that reads back', () => {
  expect(corpus.size).toBeGreaterThan(50);
  expect(readCorpus(writeCorpus(corpus))).toEqual(corpus);
});

it('spoils by structure: it finds every head, and most of what it makes differs', () => {
  // append {ref: 7, items: [[h'aa…', h'bb…']]}
  const frame = Uint8Array.of(0x82, 3, 0xa2, 1, 7, 2, 0x81, 0x82, 0x42, 0xaa, 0xaa, 0x42, 0xbb, 0xbb);
  expect(headsOf(frame).map(({ at, major, end }) => [at, major, end])).toEqual([
    [0, 4, 14],
    [1, 0, 2],
    [2, 5, 14],
    [3, 0, 4],
    [4, 0, 5],
    [5, 0, 6],
    [6, 4, 14],
    [7, 4, 14],
    [8, 2, 11],
    [11, 2, 14],
  ]);
  const dice = seeded(3);
  const made = new Set(Array.from({ length: 500 }, () => String(mutate(frame, dice, frame))));
  expect(made.size).toBeGreaterThan(300);
});
