/**
 * SIGKILL of a device at random moments while it catches up, always on the same vault: nothing that was said is passed
 * over, or there twice. Its signatures are checked in a second thread meanwhile.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { reopenEntry } from '../../src/core/entry.ts';
import { Vault } from '../../src/vault/vault.ts';
import { isLetIn, Live, reaches } from '../kit/live.ts';
import { seeded } from '../kit/random.ts';
import { until } from '../kit/until.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const textsAtOnce = 500;
const killsInTheMiddle = 3;

let live: Live;
beforeEach(async () => {
  live = await Live.found({ members: 2, relays: 2 });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

const writtenAtMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

it('has everything in the end, once and in order, and never a gap before', { timeout: 240_000 }, async () => {
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  const { dir, passphrase } = live.device(1);
  const passphraseFile = join(live.work, 'passphrase');
  writeFileSync(passphraseFile, passphrase);
  const [author, before] = [await live.open(0), await live.open(1)];
  for (const device of [author, before]) {
    await reaches(device, 2);
    await isLetIn(device);
  }
  before.close();
  const { device: writer } = author.state.self;

  const writeMore = async () => {
    for (let i = 0; i < 4; i++) {
      const room = live.everyone;
      const texts = Array.from({ length: textsAtOnce }, (_, n) => `text ${n} of ${i}, long enough to be one of many`);
      await Promise.all(texts.map((text) => author.command({ type: 'send-text', room, text })));
      await until(() => author.state.outbox.size === 0, 'both relays have it', 60_000);
    }
  };
  const written = () => author.state.rooms.get(live.everyone)?.feeds.get(writer)?.count ?? 0;

  /** Places of what the writer said, in the order in which it came to the vault. */
  const kept = async (): Promise<readonly number[]> => {
    const vault = await Vault.open(dir, passphrase);
    vault.load();
    const entries = vault.entriesOf(live.everyone).map((bytes) => reopenEntry(bytes, live.everyone));
    vault.close();
    return entries.filter(({ device }) => device === writer).map(({ seq }) => seq);
  };

  await writeMore();
  let inTheMiddle = 0;
  for (let round = 0; inTheMiddle < killsInTheMiddle; round++) {
    expect(round, 'kills come too early or too late').toBeLessThan(60);
    const had = (await kept()).length;
    if (had === written()) await writeMore();
    const journal = join(dir, 'vault.db-wal');
    const muster = join(import.meta.dirname, '../../bin/muster.js');
    const args = ['room', 'read', 'Everyone', '--dir', dir, '--passphrase-file', passphraseFile];
    const child = spawn(process.execPath, [muster, ...args], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    let [writes, last] = [0, writtenAtMs(journal)];
    const enough = 1 + Math.floor(random.next() * 30);
    await until(
      () => {
        const now = writtenAtMs(journal);
        if (now !== last) [writes, last] = [writes + 1, now];
        return writes >= enough || child.exitCode !== null;
      },
      'it has written some',
      30_000,
    );
    child.kill('SIGKILL');
    await ended;
    const places = await kept();
    expect(places).toEqual(places.map((_, i) => i));
    expect(places.length).toBeGreaterThanOrEqual(had);
    if (places.length > had && places.length < written()) inTheMiddle += 1;
  }

  const reader = await live.open(1);
  await until(
    () => reader.state.rooms.get(live.everyone)?.feeds.get(writer)?.count === written(),
    'all has come',
    60_000,
  );
  reader.close();
  expect(await kept()).toEqual(Array.from({ length: written() }, (_, i) => i));
});
