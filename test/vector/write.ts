/** What `write.mjs` writes. */
import { loadSodium } from '../../src/core/sodium.ts';
import { refreshExamples } from './example.ts';
import { makeScenarios } from './make/scenario.ts';
import { fileOf, makeExamples, makeVectors } from './make.ts';

export async function writeAll(
  write: (path: string, text: string) => void,
  read: (path: string) => string,
): Promise<void> {
  await loadSodium();
  const files = makeVectors();
  for (const file of files) write(`./data/${file.subject}.json`, fileOf(file));
  write('./data/scenario.json', fileOf(makeScenarios()));
  const page = '../../docs/protocol.md';
  write(page, refreshExamples(read(page), makeExamples(files)));
}
