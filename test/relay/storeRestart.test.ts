/** What the store keeps in memory to be fast, over stops and crashes: slots, places, sums and offsets are as if they had been on disk. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from '@signalapp/sqlcipher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RelayLimits, relayLimits } from '../../server/limit.ts';
import { quietMeter } from '../../server/meter.ts';
import { readItems } from '../../server/parcel.ts';
import { Slots } from '../../server/slot.ts';
import type { Store } from '../../server/storage.ts';
import { openStore } from '../../server/store.ts';
import { orgId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { dropDataDir, envelopeNumber, makeDataDir, numberOf, topicNumber } from '../kit/relay.ts';

const org = orgId.of(new Uint8Array(32).fill(9));
const topic = topicNumber(1);
let dataDir = '';
let store: Store;
let nowMs = 0;

const open = async (limits: Partial<RelayLimits> = {}) => {
  const ports = { meter: quietMeter, now: () => nowMs };
  store = await openStore(join(dataDir, 'relay.db'), { ...relayLimits, ...limits }, ports);
};
beforeEach(async () => {
  dataDir = makeDataDir();
  nowMs = 1_800_000_000_000;
  await open();
});
afterEach(async () => {
  await store.close();
  dropDataDir(dataDir);
});

const files = ['relay.db', 'relay.db-wal'];
/** Opened again on what a SIGKILL leaves: the files as they are between two commits. */
async function crash(limits: Partial<RelayLimits> = {}): Promise<void> {
  for (const name of files) copyFileSync(join(dataDir, name), join(dataDir, `old-${name}`));
  await store.close();
  for (const name of files) copyFileSync(join(dataDir, `old-${name}`), join(dataDir, name));
  await open(limits);
}
async function restart(limits: Partial<RelayLimits> = {}): Promise<void> {
  await store.close();
  await open(limits);
}
/** Opens the file past the store. */
function past<T>(work: (file: Sqlite) => T): T {
  const file = new Sqlite(join(dataDir, 'relay.db'));
  const value = work(file);
  file.close();
  return value;
}
const look = (sql: string): number => past((file) => Number(Object.values(file.prepare(sql).get() ?? {})[0]));
const change = (sql: string): void => past((file) => file.exec(sql));

async function append(numbers: readonly number[], { quotaBytes = 1e9, size = 300, to = topic } = {}) {
  const items = numbers.map((n) => [to, envelopeNumber(n, size)] as const);
  return (await store.append({ org, items, quotaBytes })).map(({ offset }) => offset);
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** In appends of 500. */
async function appendRange(from: number, to: number): Promise<number[]> {
  const offsets: number[] = [];
  for (let n = from; n < to; n += 500) offsets.push(...(await append(range(n, Math.min(to, n + 500)), { size: 40 })));
  return offsets;
}
async function kept(of = topic): Promise<number[]> {
  const numbers: number[] = [];
  for (let after = 0; ; ) {
    const page = await store.read(org, of, after);
    for (const { items, last } of page.parcels) {
      numbers.push(...readItems(items).map(({ envelope }) => numberOf(envelope)));
      after = last;
    }
    after = Math.max(after, page.damagedTo);
    if (page.isLast) return numbers;
  }
}

describe('an envelope that is there', () => {
  it('is known wherever its slot is: in memory, on its way to the table, in it, and after a crash', async () => {
    const first = await appendRange(0, 8500);
    // The first slots have just begun to go to the table.
    expect(await appendRange(0, 8500)).toEqual(first);
    const all = [...first, ...(await appendRange(8500, 18_000))];
    expect(await appendRange(0, 18_000)).toEqual(all);
    await crash();
    expect(await appendRange(0, 18_000)).toEqual(all);
    expect((await store.stats()).envelopes).toBe(18_000);
  }, 60_000);

  it('is known while the table is read in after a start, and when all of it is', async () => {
    const first = await appendRange(0, 18_000);
    await restart();
    for (let n = 18_000; n < 18_020; n++) {
      await append([n]);
      const again = n % 36;
      expect(await append(range(again * 500, again * 500 + 500), { size: 40 })).toEqual(
        first.slice(again * 500, again * 500 + 500),
      );
    }
    expect(await appendRange(0, 18_000)).toEqual(first);
    expect((await store.stats()).envelopes).toBe(18_020);
  }, 60_000);

  it('is known after a stop that left nothing to read at the start, and after what came then', async () => {
    const all = await appendRange(0, 9000);
    await store.close();
    expect(look('SELECT known_to - (SELECT max(last) FROM parcel) FROM meta')).toBe(0);
    expect(look('SELECT count(*) FROM known')).toBe(9000);
    await open();
    all.push(...(await appendRange(9000, 9500)));
    await crash();
    expect(await appendRange(0, 9500)).toEqual(all);
    await restart();
    expect(await appendRange(0, 9500)).toEqual(all);
    expect((await store.stats()).envelopes).toBe(9500);
  }, 60_000);

  it('is still said to be in its table after a stop of a file that could not be read whole', async () => {
    await append([1]);
    await store.close();
    const path = join(dataDir, 'relay.db');
    const upTo = () => look('SELECT placed_to + known_to FROM meta');
    const before = upTo();
    expect(before).toBeGreaterThan(0);
    const file = readFileSync(path);
    const whole = Uint8Array.from(file);
    const at = file.indexOf(envelopeNumber(1, 300));
    file[at - (at % 8192)] = 0xff; // the kind of that page
    writeFileSync(path, file);
    await open();
    expect(store.trouble).toContain('damaged');
    await store.close();
    expect(upTo()).toBe(before);
    writeFileSync(path, whole);
    await open();
  });

  it('is known after a crash when a repeat came with it', async () => {
    await append([1, 2, 3]);
    await restart();
    const offsets = await append([4, 2, 5]);
    await crash();
    expect(await append([4, 2, 5])).toEqual(offsets);
  });

  it('is not taken for another one that has the same slot', async () => {
    const { slotOf } = Slots.prototype;
    Slots.prototype.slotOf = () => 7;
    try {
      const offsets = await append([1]);
      offsets.push(...(await append([2])), ...(await append([3])));
      expect(new Set(offsets).size).toBe(3);
      expect(await kept()).toEqual([1, 2, 3]);
    } finally {
      Slots.prototype.slotOf = slotOf;
    }
  });

  it('leaves nothing behind when it is dropped', async () => {
    await appendRange(0, 11_000);
    expect(look('SELECT count(*) FROM known')).toBeGreaterThan(0);
    nowMs += relayLimits.ageMs + 1;
    await restart();
    for (let i = 0; i < 3; i++) await store.sweep(nowMs);
    expect(await store.stats()).toMatchObject({ envelopes: 0, bytes: 0 });
    // Slots of what was dropped are not written later either.
    await appendRange(20_000, 20_500);
    expect(look('SELECT count(*) FROM known WHERE offset < (SELECT min(first) FROM parcel)')).toBe(0);
  });
});

describe('what an organisation keeps', () => {
  it('is counted the same after a stop and after a crash', async () => {
    await append([1, 2, 3]);
    await restart();
    await append([4, 5]);
    await crash();
    expect(await store.stats()).toMatchObject({ envelopes: 5, bytes: 1500 });
    await expect(append([6], { quotaBytes: 1500 })).rejects.toMatchObject({ code: 'quota' });
    await append([6], { quotaBytes: 1800 });
    await restart();
    expect(await store.stats()).toMatchObject({ envelopes: 6, bytes: 1800 });
    await expect(append([7], { quotaBytes: 1800 })).rejects.toMatchObject({ code: 'quota' });
  });

  it('counts a repeat once, whatever came with it', async () => {
    await append([1, 2, 3]);
    await restart();
    await append([4, 2, 5]);
    expect(await store.stats()).toMatchObject({ envelopes: 5, bytes: 1500 });
    expect(look('SELECT sum(size) FROM parcel')).toBe(1500);
  });
});

describe('the share of a topic', () => {
  it('is kept over a stop and a crash: the oldest go, and no more than must', async () => {
    const limits = { topicBytes: 3000 };
    await restart(limits);
    for (const n of range(1, 5)) await append([n]);
    await restart(limits);
    for (const n of range(5, 9)) await append([n]);
    await crash(limits);
    for (const n of range(9, 15)) await append([n]);
    expect(await kept()).toEqual(range(5, 15));
  });
});

describe('an offset', () => {
  it('is never one that the run before a crash could have given', async () => {
    await append([1]);
    const given = look('SELECT given FROM meta');
    await crash();
    expect((await append([2]))[0]).toBeGreaterThan(given);
  });
});

describe('a stop', () => {
  it('keeps and acknowledges what arrived just before it', async () => {
    const coming = append([1, 2]);
    await store.close();
    expect(await coming).toHaveLength(2);
    await open();
    expect(await kept()).toEqual([1, 2]);
  });
});

describe('a page', () => {
  it('has no more envelopes than a frame may, and all of them come', async () => {
    for (const n of [0, 300, 600]) await append(range(n, n + 300), { size: 40 });
    const page = await store.read(org, topic, 0);
    expect(page.parcels.every(({ count }) => count <= limit.itemsPerDelivery)).toBe(true);
    expect(await kept()).toEqual(range(0, 900));
  });
});

describe('more damaged parcels than are looked at for one page', () => {
  it('are left behind page by page, and what comes after them is read', async () => {
    const count = limit.itemsPerDelivery + 3;
    for (const n of range(0, count)) await append([n]);
    await store.close();
    change("UPDATE parcel SET items = x'00' WHERE first < (SELECT max(first) FROM parcel)");
    await open();
    expect(await kept()).toEqual([count - 1]);
    expect(store.trouble).toContain('damaged');
  });
});

describe('a commit that failed', () => {
  it('leaves no organisation, topic or slot behind in memory', async () => {
    change('CREATE TRIGGER stop BEFORE INSERT ON parcel BEGIN SELECT RAISE(ABORT, "a disk that is full"); END');
    for (let i = 0; i < 2; i++) await expect(append([1, 2])).rejects.toBeDefined();
    change('DROP TRIGGER stop');
    const offsets = await append([1, 2]);
    await append([3], { to: topicNumber(2) });
    expect(await append([1, 2])).toEqual(offsets);
    await restart();
    expect([await kept(), await kept(topicNumber(2))]).toEqual([[1, 2], [3]]);
    expect(await append([1, 2])).toEqual(offsets);
    expect(await store.stats()).toMatchObject({ topics: 2, envelopes: 3, bytes: 900 });
  });

  it('does not count slots as written that were on their way to the table', async () => {
    const first = await appendRange(0, 8500);
    const count = look('SELECT count(*) FROM known');
    const letSlots = stopSlots();
    // They go there after the answer, so nobody is refused for it.
    await appendRange(8500, 9500);
    letSlots();
    expect(look('SELECT count(*) FROM known')).toBe(count);
    // Enough that the first ones are in the table and nowhere else.
    await appendRange(9500, 18_000);
    expect(await appendRange(0, 8500)).toEqual(first);
  }, 60_000);

  it('is one when slots did not get into the table for long, and goes well once they do', async () => {
    const first = await appendRange(0, 8500);
    const letSlots = stopSlots();
    await expect(appendRange(8500, 20_000)).rejects.toMatchObject({ code: 'disk' });
    letSlots();
    await appendRange(20_000, 38_000);
    expect(await appendRange(0, 8500)).toEqual(first);
  }, 60_000);
});

/** From its third statement on nothing gets into the table of slots, until what this answers is called. */
function stopSlots(): () => void {
  const { prepare } = Sqlite.prototype;
  let left = 2;
  Sqlite.prototype.prepare = function (this: Sqlite, ...args: Parameters<typeof prepare>) {
    if (args[0].startsWith('INSERT OR IGNORE INTO known') && --left < 0)
      throw new Error('SQLITE_FULL: a disk that is full');
    return Reflect.apply(prepare, this, args);
  } as typeof prepare;
  return () => {
    Sqlite.prototype.prepare = prepare;
  };
}
