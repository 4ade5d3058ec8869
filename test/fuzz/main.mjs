/** `npm run fuzz [-- --seed S --frames N --minutes M --episode E --keep]`: hostile frames at the relay, by the million. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../kit/load.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    frames: { type: 'string', default: '1000000' },
    minutes: { type: 'string' },
    episode: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const number = (text) => (text === undefined ? undefined : Number(text));
const seed = number(values.seed) ?? Date.now() % 1_000_000_000;

const { module, close } = await load(new URL('./run.ts', import.meta.url));
const { fuzz, readCorpus, writeCorpus } = module;
const corpusPath = here('./corpus/frames.txt');
const corpus = readCorpus(readFileSync(corpusPath, 'utf8'));

console.log(`seed ${seed}, ${corpus.size} frames kept from earlier runs`);
const startMs = performance.now();
const result = await fuzz({
  seed,
  frames: Number(values.frames),
  minutes: number(values.minutes),
  episode: number(values.episode),
  corpus: [...corpus.values()],
  say: (text) => console.log(text),
});
const seconds = (performance.now() - startMs) / 1000;
await close();

for (const [outcome, count] of [...result.outcomes].sort()) console.log(`${String(count).padStart(9)}  ${outcome}`);
if (values.keep) {
  const short = [...result.fresh].filter(([outcome, bytes]) => !corpus.has(outcome) && bytes.length <= 1024);
  writeFileSync(corpusPath, writeCorpus(new Map([...corpus, ...short].sort(([a], [b]) => (a < b ? -1 : 1)))));
  console.log(`${short.length} new frames kept in test/fuzz/corpus`);
}
console.log(
  `${result.frames} frames in ${result.episodes} episodes, ${result.acknowledged} envelopes acknowledged, ${result.outcomes.size} outcomes, ${seconds.toFixed(0)} s`,
);
if (result.failure !== undefined) {
  console.error(`\nFOUND: ${result.failure}`);
  process.exitCode = 1;
}
