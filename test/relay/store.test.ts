/** The store under what can go wrong: repeats in flight, a disk that does not write, a crash in the middle, a copy put back. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from '@signalapp/sqlcipher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RelayLimits, relayLimits } from '../../server/limit.ts';
import { quietMeter } from '../../server/meter.ts';
import { type Stored, readItems } from '../../server/parcel.ts';
import { migrations } from '../../server/schema.ts';
import { Slots } from '../../server/slot.ts';
import type { Page, Store } from '../../server/storage.ts';
import { openStore } from '../../server/store.ts';
import { orgId, topicId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { dropDataDir, envelopeNumber, makeDataDir, numberOf, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const org = orgId.of(new Uint8Array(32).fill(9));
const topic = topicNumber(1);
let dataDir = '';
let store: Store;
let nowMs = 0;
let shown: Stored[] = [];

const open = async (limits: Partial<RelayLimits> = {}) => {
  const made = await openStore(
    join(dataDir, 'relay.db'),
    { ...relayLimits, ...limits },
    { meter: quietMeter, now: () => nowMs },
  );
  made.listen((_org, _topic, parcel) => void shown.push(...readItems(parcel.items)));
  return made;
};
beforeEach(async () => {
  dataDir = makeDataDir();
  nowMs = 1_800_000_000_000;
  shown = [];
  store = await open();
});
afterEach(async () => {
  await store.close();
  dropDataDir(dataDir);
});

const append = (numbers: readonly number[], quotaBytes = 1e9) =>
  store.append({ org, items: numbers.map((n) => [topic, envelopeNumber(n)] as const), quotaBytes });
const offsets = async (numbers: readonly number[]) => (await append(numbers)).map(({ offset }) => offset);
async function kept(from: Store = store): Promise<Stored[]> {
  const all: Stored[] = [];
  for (let after = 0; ; ) {
    const page = await from.read(org, topic, after);
    for (const { items } of page.parcels) all.push(...readItems(items));
    if (page.isLast) return all;
    after = all.at(-1)?.offset ?? 0;
  }
}
const numbers = (items: readonly Stored[]) => items.map(({ envelope }) => numberOf(envelope));
/** Somebody else holds the write lock: to the store the same as a disk that takes nothing. */
function block(): () => void {
  const other = new Sqlite(join(dataDir, 'relay.db'));
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

describe('the same envelope again', () => {
  it('while the first commit is under way is shown once, kept once, and gets the first receipt', async () => {
    const first = append([1, 2]);
    await until(() => shown.length === 2, 'the first is shown, before its commit');
    const second = append([2, 1, 3]);
    const [[a, b], [b2, a2, c]] = await Promise.all([first, second]);
    expect([a2, b2]).toEqual([a, b]);
    expect(numbers(shown)).toEqual([1, 2, 3]);
    expect((await kept()).map(({ offset }) => offset)).toEqual([a?.offset, b?.offset, c?.offset]);
  });

  it('after a restart gets the receipt it had, also when only one of many is a repeat', async () => {
    const before = await offsets([1, 2, 3]);
    await store.close();
    store = await open();
    nowMs += 5000;
    const [x, again, y] = await append([7, 2, 8]);
    expect(again).toEqual({ offset: before[1], receivedAtMs: nowMs - 5000 });
    expect(numbers(await kept())).toEqual([1, 2, 3, 7, 8]);
    expect((await kept()).slice(-2).map(({ offset }) => offset)).toEqual([x?.offset, y?.offset]);
  });

  it('is known when very many came in between, and its slot went from memory to the table', async () => {
    const [first] = await offsets([0]);
    for (let n = 1; n < 30_000; n += 500)
      await store.append({
        org,
        items: Array.from({ length: 500 }, (_, i) => [topic, envelopeNumber(n + i, 40)] as const),
        quotaBytes: 1e9,
      });
    const [early] = await append([0]);
    expect(early?.offset).toBe(first);
    await store.close();
    store = await open();
    expect(await offsets([0])).toEqual([first]);
    const { envelopes } = await store.stats();
    expect(envelopes).toBe(30_001);
  });

  it('is kept once when it comes twice in one append and was forgotten in between', async () => {
    const db = new Sqlite(join(dataDir, 'relay.db'));
    const [secret] = db.prepare('SELECT secret FROM meta', { pluck: true }).all();
    db.close();
    const slots = new Slots(secret instanceof Uint8Array ? Uint8Array.from(secret) : new Uint8Array());
    slots.enter(topicId.bytes(topic));
    // The table of what passed lately has a place for each slot modulo its size.
    const placeOf = (n: number) => slots.slotOf(envelopeNumber(n)) % 65_536;
    let other = 2;
    while (placeOf(other) !== placeOf(1)) other += 1;
    const [a, , again] = await append([1, other, 1]);
    expect(again).toEqual(a);
    expect(numbers(await kept())).toEqual([1, other]);
  });

  it('is kept once when it comes from eight sockets at once near the quota', async () => {
    const large = limit.envelopeBytes;
    const quotaBytes = 2 * large;
    const appendLarge = () => store.append({ org, items: [[topic, envelopeNumber(9, large)]], quotaBytes });
    await appendLarge();
    await store.close();
    store = await open(); // what passed lately is forgotten
    const repeat = appendLarge(); // on its way at once, and looks like something new
    const receipts = await Promise.all(Array.from({ length: 8 }, () => append([1], quotaBytes)));
    await repeat;
    expect(new Set(receipts.map(([receipt]) => receipt?.offset)).size).toBe(1);
    expect(numbers(await kept())).toEqual([9, 1]);
  });

  it('is new once it was dropped for its age', async () => {
    const [first] = await offsets([1]);
    await store.close();
    nowMs += relayLimits.ageMs + 1;
    store = await open();
    await store.sweep(nowMs);
    await store.sweep(nowMs);
    expect(await kept()).toEqual([]);
    const [second] = await offsets([1]);
    expect(second).toBeGreaterThan(first ?? 0);
    expect(numbers(await kept())).toEqual([1]);
  });
});

describe('offsets', () => {
  it('are not given twice when a crash takes back what listeners saw', async () => {
    await append([1]);
    // What a SIGKILL leaves: the files as they are between two commits.
    for (const name of ['relay.db', 'relay.db-wal']) copyFileSync(join(dataDir, name), join(dataDir, `old-${name}`));
    const lost = await offsets([2, 3]);
    await store.close();
    for (const name of ['relay.db', 'relay.db-wal']) copyFileSync(join(dataDir, `old-${name}`), join(dataDir, name));
    store = await open();
    expect(numbers(await kept())).toEqual([1]);
    const [next] = await offsets([4]);
    expect(next).toBeGreaterThan(Math.max(...lost));
    // A device that saw what was lost goes on from there and misses nothing.
    const page = await store.read(org, topic, lost.at(-1) ?? 0);
    expect(numbers(page.parcels.flatMap(({ items }) => readItems(items)))).toEqual([4]);
  });

  it('ascend over restarts, and say nothing of how much others sent', async () => {
    const [first] = await offsets([1]);
    await store.append({
      org,
      items: Array.from({ length: 400 }, (_, i) => [topicNumber(2), envelopeNumber(i)] as const),
      quotaBytes: 1e9,
    });
    await store.close();
    store = await open();
    const [second] = await offsets([2]);
    expect(second).toBeGreaterThan((first ?? 0) + 1000);
  });
});

describe('a tail that starts between showing and commit', () => {
  it('reads what is on its way behind what is on disk, without a gap', async () => {
    await append([1]);
    const coming = append([2, 3]);
    await until(() => shown.length === 3, 'they are shown');
    expect(numbers(await kept())).toEqual([1, 2, 3]);
    await coming;
    const [, middle] = await kept();
    const page = await store.read(org, topic, middle?.offset ?? 0);
    expect(numbers(page.parcels.flatMap(({ items }) => readItems(items)))).toEqual([3]);
  });
});

describe('a read in the moment of showing', () => {
  it.each([
    ['has what is on its way behind all that is on disk', relayLimits.pageBytes, [1, 2, 3, 4, 5, 6, 7], true],
    ['leaves it for the last page, or what lies between would be skipped', 1200, [1, 2, 3], false],
  ])('%s', async (_, pageBytes, expected, isLast) => {
    await store.close();
    store = await open({ pageBytes });
    for (let n = 1; n <= 6; n++) await append([n]);
    let reading: Promise<Page> | undefined;
    store.listen(() => {
      reading = store.read(org, topic, 0);
    });
    // Small enough that there would be room for it in the page.
    await store.append({ org, items: [[topic, envelopeNumber(7, 40)]], quotaBytes: 1e9 });
    const page = await reading;
    expect(numbers(page?.parcels.flatMap(({ items }) => readItems(items)) ?? [])).toEqual(expected);
    expect(page?.isLast).toBe(isLast);
  });
});

describe('a disk that does not write', () => {
  it('refuses, keeps nothing, shows nothing twice, and takes the same envelope when it writes again', async () => {
    await append([1]);
    const free = block();
    await expect(append([2])).rejects.toMatchObject({ code: 'disk' });
    expect(store.trouble).toBeDefined();
    await expect(append([2])).rejects.toMatchObject({ code: 'disk' });
    await expect(append([2])).rejects.toMatchObject({ code: 'disk' });
    expect(numbers(shown)).toEqual([1, 2]);
    expect(numbers(await kept())).toEqual([1]);
    free();
    const both = await Promise.all([append([2]), append([3])]);
    expect(both.flat().map(({ offset }) => offset)).toEqual((await kept()).slice(1).map(({ offset }) => offset));
    expect(numbers(await kept())).toEqual([1, 2, 3]);
    expect(numbers(shown)).toEqual([1, 2, 2, 3]);
    expect(store.trouble).toBeUndefined();
  });

  it('finds out by itself that the trouble is over, with nobody sending', async () => {
    const free = block();
    await expect(append([1])).rejects.toMatchObject({ code: 'disk' });
    await store.sweep(nowMs);
    expect(store.trouble).toBeDefined();
    free();
    await store.sweep(nowMs);
    expect(store.trouble).toBeUndefined();
  });

  it('says so when the file is damaged, takes nothing more, and reads what can be read', async () => {
    const other = topicNumber(2);
    await store.append({ org, items: [[other, envelopeNumber(50)]], quotaBytes: 1e9 });
    for (let n = 0; n < 20; n++)
      await store.append({ org, items: [[topic, envelopeNumber(n, 100_000)]], quotaBytes: 1e9 });
    await store.append({ org, items: [[other, envelopeNumber(51)]], quotaBytes: 1e9 });
    await store.close();
    const path = join(dataDir, 'relay.db');
    const bytes = readFileSync(path);
    bytes.fill(0x11, bytes.length / 2, bytes.length / 2 + 400_000);
    writeFileSync(path, bytes);
    store = await open();
    const left = numbers(await kept());
    expect(left.length).toBeLessThan(20);
    expect([left[0], left.at(-1)]).toEqual([0, 19]);
    expect(store.trouble).toContain('damaged');
    await expect(append([60])).rejects.toMatchObject({ code: 'disk' });
    const page = await store.read(org, other, 0);
    expect(numbers(page.parcels.flatMap(({ items }) => readItems(items)))).toEqual([50, 51]);
    await store.sweep(nowMs);
    expect(store.trouble).toContain('damaged');
  });
});

describe('the quota', () => {
  it('refuses before anything is shown, and a repeat never', async () => {
    await append([1, 2, 3], 1000);
    await expect(append([3, 4], 1000)).rejects.toMatchObject({ code: 'quota' });
    expect(numbers(shown)).toEqual([1, 2, 3]);
    expect((await append([1, 2, 3], 1000)).length).toBe(3);
    // Near the limit a small one that fits is taken, though it had to be looked up first.
    await store.append({ org, items: [[topic, envelopeNumber(5, 60)]], quotaBytes: 1000 });
    expect(numbers(await kept())).toEqual([1, 2, 3, 5]);
  });
});

describe('the clock', () => {
  it('never stamps backwards, and says when it stands behind or jumped', async () => {
    const [first] = await append([1]);
    nowMs -= 3 * 86_400_000;
    const [second] = await append([2]);
    expect(second?.receivedAtMs).toBe(first?.receivedAtMs);
    expect(store.notice).toContain('72 hours behind');
    nowMs += 13 * 86_400_000;
    expect(store.notice).toContain('jumped');
    // Nobody's envelopes are dropped for a clock that jumped.
    nowMs += relayLimits.ageMs;
    await store.sweep(nowMs);
    await store.sweep(nowMs);
    expect(numbers(await kept())).toEqual([1, 2]);
    expect(store.trouble).toBeUndefined();
  });
});

describe('a backup', () => {
  it('is whole though appends go on, and opened takes another id, because what came later is missing', async () => {
    await append([1, 2]);
    const path = join(dataDir, 'copy.db');
    const copying = store.backup(path);
    await append([3]);
    await copying;
    await append([4]);
    expect(existsSync(`${path}.part`)).toBe(false);
    const copy = await openStore(path, relayLimits, { meter: quietMeter, now: () => nowMs });
    expect(copy.id).not.toEqual(store.id);
    const inCopy = numbers(await kept(copy));
    expect(inCopy.slice(0, 2)).toEqual([1, 2]);
    const { id } = copy;
    await copy.close();
    const again = await openStore(path, relayLimits, { meter: quietMeter, now: () => nowMs });
    expect(again.id).toEqual(id);
    await again.close();
    expect(numbers(await kept())).toEqual([1, 2, 3, 4]);
  });

  it('that cannot be written is refused, and leaves the store as it was', async () => {
    await append([1]);
    await expect(store.backup(join(dataDir, 'nowhere', 'copy.db'))).rejects.toMatchObject({ code: 'disk' });
    expect(store.trouble).toBeUndefined();
    await append([2]);
  });

  it('that fails leaves nothing of it on the disk that it may have filled', async () => {
    await append([1]);
    const path = join(dataDir, 'copy.db');
    mkdirSync(path); // takes the name: the copy is whole, and cannot be put there
    await expect(store.backup(path)).rejects.toThrow();
    expect(readdirSync(dataDir).filter((name) => name.startsWith('copy.db.'))).toEqual([]);
  });
});

describe('a file of a later version', () => {
  it('is refused by that code, and left as it is', async () => {
    await append([1]);
    await store.close();
    const path = join(dataDir, 'relay.db');
    const later = new Sqlite(path);
    later.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    later.close();
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject({ code: 'unsupported-version' });
    expect(readFileSync(path).equals(before)).toBe(true);
    const back = new Sqlite(path);
    back.exec(`PRAGMA user_version = ${migrations.length}`);
    back.close();
    store = await open();
    expect(numbers(await kept())).toEqual([1]);
  });
});

describe('a file of the first version', () => {
  it('is opened with all it holds, the same id, and offsets above those it gave', async () => {
    await store.close();
    dropDataDir(dataDir);
    dataDir = makeDataDir();
    const old = new Sqlite(join(dataDir, 'relay.db'));
    old.exec(migrations[0] ?? '');
    old.exec('PRAGMA user_version = 1');
    const bytes = (value: Uint8Array) => Uint8Array.from(value);
    old.prepare('INSERT INTO meta (store) VALUES (?)').run([new Uint8Array(16).fill(3)]);
    old.prepare('INSERT INTO org (fingerprint, bytes) VALUES (?, ?)').run([bytes(orgId.bytes(org)), 600]);
    old.prepare('INSERT INTO topic (org, name, last, bytes) VALUES (1, ?, 40, 600)').run([new Uint8Array(32).fill(1)]);
    for (const n of [39, 40])
      old
        .prepare('INSERT INTO envelope (topic, offset, id, received_at, bytes) VALUES (1, ?, ?, 5, ?)')
        .run([n, new Uint8Array(32).fill(n), bytes(envelopeNumber(n))]);
    old.close();
    store = await open();
    expect(store.id).toEqual(new Uint8Array(16).fill(3));
    expect(numbers(await kept())).toEqual([39, 40]);
    expect((await kept()).every(({ offset }) => offset > 40)).toBe(true);
    const [repeat] = await offsets([39]);
    expect(repeat).toBe((await kept())[0]?.offset);
    expect(await store.stats()).toMatchObject({ envelopes: 2, bytes: 600, topics: 1 });
  });
});
