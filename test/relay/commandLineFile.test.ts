/** Files from the command line: sent, listed, fetched and saved between two devices and a relay that are really there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dirOf, foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { makeTerminal, type Ran } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-file-'));
const muster = makeTerminal(dir);
const people = ['ada', 'bela'] as const;
let relay: { interrupt(): Promise<Ran> } | undefined;
let fingerprint = '';

const ada = dirOf('ada');
const bela = dirOf('bela');
/** Two and a half megabytes: more than comes by itself. */
const text = Buffer.alloc(2_500_000, 'what happened when, line by line\n');

async function run(...args: readonly string[]): Promise<Ran> {
  const ran = await muster.run(...args);
  expect([ran.code, ran.err.replace(/^ {2}\d+ %$|^With a threshold of 1.*$/gm, '').trim()]).toEqual([0, '']);
  return ran;
}

async function startRelay(): Promise<void> {
  const started = muster.start('relay', 'start', '--data', 'r', '--org', fingerprint, '--admission', 'list.admission');
  await until(() => started.out().includes('Relay listens on'), 'the relay listens');
  relay = started;
}

interface Listed {
  readonly files: readonly { readonly entry: string; readonly name: string; readonly state: string }[];
}
const listed = async (who: readonly string[]): Promise<Listed['files']> =>
  (JSON.parse((await run('file', 'list', 'Everyone', '--json', ...who)).out) as Listed).files;

beforeAll(async () => {
  const ok = async (...args: readonly string[]) => (await run(...args)).out;
  ({ fingerprint } = await foundByHand(ok, dir, people));
  await issueByHand(ok, dir, people, []);
  writeFileSync(join(dir, 'traffic.log'), text);
  await startRelay();
});
afterAll(async () => {
  await relay?.interrupt();
  rmSync(dir, { recursive: true, force: true });
});

test('a file is sent, and how far it came is said', async () => {
  const { out, err } = await run('file', 'send', 'Everyone', 'traffic.log', ...ada);
  expect(out).toBe('Sent traffic.log (2.5 MB) to Everyone: on 1 of 1 relay, on disk.');
  expect(err).toContain('  100 %');
  expect((await run('file', 'list', 'Everyone', ...ada)).out).toMatch(
    /traffic\.log +2\.5 MB +Ada Brandt .* here, on 1 of 1 relay/,
  );
});

test('the other device is told of it, fetches it when it is asked to, and saves it under its own name', async () => {
  const [file] = await listed(bela);
  expect(file).toEqual(expect.objectContaining({ name: 'traffic.log', state: 'elsewhere' }));
  mkdirSync(join(dir, 'inbox'));
  const { out } = await run('file', 'save', 'Everyone', file?.entry.slice(0, 8) ?? '', 'inbox', ...bela);
  expect(out).toContain('Saved traffic.log (2.5 MB) as inbox/traffic.log.');
  expect(readFileSync(join(dir, 'inbox', 'traffic.log')).equals(text)).toBe(true);
  const twice = await muster.run('file', 'save', 'Everyone', 'traffic.log', 'inbox', ...bela);
  expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('is there already')]);
  expect((await listed(bela)).map(({ state }) => state)).toEqual(['here']);
});

test('without a relay it is kept, and goes out when one is there', async () => {
  await relay?.interrupt();
  const sent = await muster.run('file', 'send', 'Everyone', 'list.muster', '--wait', '1', ...ada);
  expect(sent.code).toBe(3);
  expect(sent.err).toContain('list.muster is kept on this device; 0 of its 2 parts are on a relay.');
  await startRelay();
  expect((await listed(ada)).map(({ name }) => name)).toEqual(['traffic.log', 'list.muster']);
  const { out } = await run('file', 'offer', 'Everyone', 'list.muster', ...ada);
  expect(out).toMatch(/^Sent list\.muster .* on 1 of 1 relay, on disk\.$/);
  expect(readFileSync(join(dir, 'list.muster')).length).toBeGreaterThan(0);
});

test('a file that was dropped can be fetched again', async () => {
  expect((await run('file', 'drop', 'Everyone', 'traffic.log', ...bela)).out).toContain('Dropped traffic.log');
  expect((await listed(bela)).find(({ name }) => name === 'traffic.log')?.state).toBe('elsewhere');
  await run('file', 'save', 'Everyone', 'traffic.log', 'again.log', ...bela);
  expect(readFileSync(join(dir, 'again.log')).equals(text)).toBe(true);
});

test.each([
  ['a file that is not there', ['file', 'send', 'Everyone', 'nothing', ...ada], 2, 'There is no file nothing'],
  ['a folder', ['file', 'send', 'Everyone', 'inbox', ...ada], 2, 'inbox is not a file'],
  ['a file nobody sent', ['file', 'save', 'Everyone', 'ffff', 'x', ...ada], 2, 'There is no file "ffff"'],
])('%s is said', async (_, args, code, sentence) => {
  const ran = await muster.run(...args);
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(sentence)]);
});
