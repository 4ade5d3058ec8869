/** What was acknowledged is there after SIGKILL; nothing is acknowledged that is not on disk. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from '@signalapp/sqlcipher';
import { afterEach, describe, expect, it } from 'vitest';
import { relayLimits } from '../../server/limit.ts';
import { quietMeter } from '../../server/meter.ts';
import { openStore } from '../../server/store.ts';
import { hex } from '../../src/wire/bytes.ts';
import { makeDevice, makeOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  makeDataDir,
  numberOf,
  type RelayProcess,
  spawnRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const topic = topicNumber(1);
let dataDir = '';
let process_: RelayProcess | undefined;
afterEach(async () => {
  process_?.child.kill('SIGKILL');
  process_ = undefined;
  dropDataDir(dataDir);
});

describe('a relay process', () => {
  it('keeps its port, pin, store and every acknowledged envelope, in order, over SIGKILL under load', async () => {
    dataDir = makeDataDir();
    const org = await makeOrg();
    const device = await makeDevice();
    const path = join(dataDir, 'admission');
    writeFileSync(path, org.list([device]));
    const acknowledged = new Map<number, number>();
    let relay = await spawnRelay(dataDir, org.org, path);
    process_ = relay;
    const { pin, port } = relay;
    let next = 0;
    for (let round = 1; round <= 5; round++) {
      const client = await enter(relay, org, device);
      const sentOf = new Map<number, readonly number[]>();
      const answered = () => {
        for (const frame of client.frames.splice(0)) {
          if (frame.type !== 'appended') throw new Error(`not expected here: ${frame.type}`);
          for (const [i, [offset]] of frame.receipts.entries())
            acknowledged.set(offset, sentOf.get(frame.ref)?.[i] ?? -1);
        }
        return acknowledged.size;
      };
      const goal = acknowledged.size + 40 * round;
      await until(() => {
        const numbers = [next, next + 1, next + 2];
        next += 3;
        sentOf.set(next, numbers);
        client.send({ type: 'append', ref: next, items: numbers.map((n) => [topic, envelopeNumber(n)] as const) });
        return answered() >= goal;
      }, 'enough was acknowledged');
      await relay.kill(); // with appends in flight
      await client.whenClosed();
      answered();
      relay = await spawnRelay(dataDir, org.org, path);
      process_ = relay;
      expect([relay.pin, relay.port]).toEqual([pin, port]);
    }
    const reader = await enter(relay, org, device);
    reader.send({ type: 'tail', topic, from: 0 });
    await reader.take('live');
    const kept = reader.frames.flatMap((frame) =>
      frame.type === 'deliver' ? frame.items.map(([offset, , envelope]) => [offset, numberOf(envelope)] as const) : [],
    );
    expect(new Set(kept.map(([offset]) => offset)).size).toBe(kept.length);
    expect(new Set(kept.map(([, n]) => n)).size).toBe(kept.length);
    const byOffset = new Map(kept);
    expect(acknowledged.size).toBeGreaterThan(500);
    for (const [offset, n] of acknowledged) expect(byOffset.get(offset)).toBe(n);
    expect(await relay.stop()).toBe(0);
  }, 60_000);

  it('says on one line what is wrong and by whose fault', async () => {
    dataDir = makeDataDir();
    await expect(spawnRelay(dataDir, 'nonsense' as never)).rejects.toThrow(/ended with 2: .*64 hexadecimal digits/);
  }, 20_000);
});

describe('the store', () => {
  const open = () => openStore(join(dataDir, 'relay.db'), relayLimits, { meter: quietMeter, now: () => 1000 });

  it('answers an append only when another connection can already see it, and in one commit per turn', async () => {
    dataDir = makeDataDir();
    const { org } = await makeOrg();
    const store = await open();
    const other = new Database(join(dataDir, 'relay.db'));
    const count = () => other.prepare('SELECT coalesce(sum(length(marks) / 16), 0) AS n FROM parcel').get()?.['n'];
    const seen: unknown[] = [];
    const appends = [1, 2, 3].map(async (n) => {
      const [receipt] = await store.append({ org, items: [[topic, envelopeNumber(n)]], quotaBytes: 1e9 });
      seen.push(count());
      return receipt?.offset ?? 0;
    });
    expect(count()).toBe(0);
    const offsets = await Promise.all(appends);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(seen).toEqual([3, 3, 3]);
    other.close();
    await store.close();
  });

  it('commits with fsync: synchronous is FULL, in WAL', async () => {
    dataDir = makeDataDir();
    const asked: string[] = [];
    const pragma = Database.prototype.pragma;
    Database.prototype.pragma = function (this: Database, ...args: [string]) {
      asked.push(args[0]);
      return Reflect.apply(pragma, this, args);
    } as typeof pragma;
    try {
      await (await open()).close();
    } finally {
      Database.prototype.pragma = pragma;
    }
    expect(asked).toEqual(expect.arrayContaining(['journal_mode = WAL', 'synchronous = FULL']));
  });

  it('keeps its id, gets another one when the file was lost', async () => {
    dataDir = makeDataDir();
    const first = await open();
    const id = hex(first.id);
    await first.close();
    const again = await open();
    expect(hex(again.id)).toBe(id);
    await again.close();
    dropDataDir(dataDir);
    dataDir = makeDataDir();
    const fresh = await open();
    expect(hex(fresh.id)).not.toBe(id);
    await fresh.close();
  });

  it('refuses with "disk" while it cannot write, keeps nothing of it, goes on reading and recovers', async () => {
    dataDir = makeDataDir();
    const { org } = await makeOrg();
    const store = await open();
    const append = (n: number) => store.append({ org, items: [[topic, envelopeNumber(n)]], quotaBytes: 1e9 });
    await append(1);
    const other = new Database(join(dataDir, 'relay.db'));
    other.exec('BEGIN IMMEDIATE'); // somebody else holds the write lock: the same path as a full disk
    await expect(append(2)).rejects.toMatchObject({ code: 'disk' });
    expect(store.trouble).toBeDefined();
    expect((await store.read(org, topic, 0)).parcels).toHaveLength(1);
    other.exec('ROLLBACK');
    const [receipt] = await append(3);
    expect(receipt?.receivedAtMs).toBe(1000);
    expect(store.trouble).toBeUndefined();
    other.close();
    await store.close();
  });
});
