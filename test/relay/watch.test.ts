/** What a relay shows of itself: health, numbers and log. First of all what must never be in them. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from '../../server/log.ts';
import { openMetrics } from '../../server/metric.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  getPage,
  greet,
  makeDataDir,
  prove,
  type RelayProcess,
  spawnRelay,
  startTestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until, within } from '../kit/until.ts';

let org: TestOrg;
let device: TestDevice;
let dataDir = '';
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
  dataDir = makeDataDir();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  dropDataDir(dataDir);
});

async function spawnOne(...args: readonly string[]): Promise<RelayProcess> {
  const admission = join(dataDir, 'list');
  writeFileSync(admission, org.list([device]));
  const relay = await spawnRelay(dataDir, org.org, admission, { args });
  ends.push(() => relay.child.kill('SIGKILL'));
  return relay;
}
const topic = topicNumber(7);
const append = async (client: Awaited<ReturnType<typeof enter>>, n: number): Promise<void> => {
  client.send({ type: 'append', ref: n, items: [[topic, envelopeNumber(n)]] });
  await client.take('appended');
};
/** A device that works, a stranger that is refused, and a frame that is refused with its topic. */
async function useAll(relay: RelayProcess): Promise<void> {
  const client = await enter(relay, org, device);
  await append(client, 1);
  const { client: stranger, challenge } = await greet(relay.port);
  prove(stranger, challenge, relay.pin, org.org, await makeDevice());
  await stranger.take('refused');
  client.send({ type: 'tail', topic, from: 0 });
  await client.take('live');
  client.send({ type: 'tail', topic: topicNumber(8), from: 0 });
  client.socket.send('text');
  await client.take('refused');
}

describe('what is secret', () => {
  it('is in neither log, health nor numbers: no key, no device, no address, no topic', async () => {
    const relay = await spawnOne('--metrics', '127.0.0.1:0', '--log-level', 'debug');
    await useAll(relay);
    const pages = await Promise.all(['/healthz', '/metrics'].map((path) => getPage(relay.metricsPort, path)));
    const outside = await getPage(relay.port, '/healthz', 'https');
    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
    await relay.stop();
    const all = [...pages.map(({ text }) => text), outside.text, relay.log()].join('\n');
    expect(relay.log()).toContain('"code":"malformed"');
    for (const secret of [device.access, topic, topicNumber(8), 'PRIVATE']) expect(all).not.toContain(secret);
    expect(relay.log().replace(/"host":"[^"]*"/g, '')).not.toMatch(/127\.0\.0\.1|::1/);
    // Whom it serves is for the operator's page alone.
    expect(all.split(org.org)).toHaveLength(2);
    expect(pages[1]?.text).not.toContain(org.org);
    expect(outside.text).toBe('{"ok":true,"trouble":null}\n');
  }, 20_000);

  it('is in the log when it was asked for', async () => {
    const relay = await spawnOne('--log-addresses', '--log-topics', '--log-level', 'info');
    const client = await enter(relay, org, device);
    await append(client, 1);
    client.socket.send('text');
    await client.whenClosed();
    await relay.stop();
    expect(relay.log()).toMatch(/"address":"(::ffff:)?127\.0\.0\.1"/);
    const lines: string[] = [];
    for (const hasTopics of [false, true])
      openLog({ level: 'info', hasAddresses: false, hasTopics }, (line) => lines.push(line)).info(
        { topic, address: '203.0.113.7' },
        'x',
      );
    expect(lines.map((line) => [line.includes(topic), line.includes('203.0.113.7')])).toEqual([
      [false, false],
      [true, false],
    ]);
  }, 20_000);

  it('stays on its own port: the relay’s has neither numbers nor commands, the operator’s no commands', async () => {
    const relay = await spawnOne('--metrics', '127.0.0.1:0');
    for (const path of ['/metrics', '/copy', '/admit', '/', '/healthz?x', '/__proto__'])
      expect(await getPage(relay.port, path, 'https')).toEqual({ status: 404, text: '' });
    for (const path of ['/copy', '/admit', '/']) expect((await getPage(relay.metricsPort, path)).status).toBe(404);
  }, 20_000);
});

describe('health', () => {
  it('is 503 with a reason while it cannot write, for everybody, and well again by itself', async () => {
    const relay = await startTestRelay([org.org], {
      dataDir,
      admission: org.list([device]),
      metrics: { host: '127.0.0.1', port: 0 },
      limits: { sweepMs: 20 },
    });
    ends.push(() => relay.close());
    const { default: Database } = await import('@signalapp/sqlcipher');
    const other = new Database(join(dataDir, 'relay.db'));
    other.exec('BEGIN IMMEDIATE'); // somebody else holds the write lock: the same path as a full disk
    const client = await enter(relay, org, device);
    client.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    expect((await client.take('refused', 20_000)).code).toBe('disk');
    const outside = await getPage(relay.port, '/healthz', 'https');
    expect([outside.status, outside.text]).toEqual([
      503,
      expect.stringMatching(/"ok":false,"trouble":"the last write/),
    ]);
    const inside = await getPage(relay.metricsPort ?? 0, '/healthz');
    expect([inside.status, inside.text]).toEqual([503, expect.stringContaining('"ok":false')]);
    expect((await getPage(relay.metricsPort ?? 0, '/metrics')).text).toMatch(/^muster_relay_ok 0$/m);
    other.exec('ROLLBACK');
    other.close();
    let isWell = false;
    const ask = async () => {
      isWell = (await relay.health()).ok;
    };
    await until(() => {
      void ask();
      return isWell;
    }, 'it is well again');
    expect((await getPage(relay.port, '/healthz', 'https')).status).toBe(200);
    await append(client, 2);
  }, 40_000);
});

describe('numbers', () => {
  it('count what was stored, committed and refused, and who is there', async () => {
    const relay = await spawnOne('--metrics', '127.0.0.1:0');
    await useAll(relay);
    const client = await enter(relay, org, device);
    await append(client, 2);
    await append(client, 2); // a repeat is not stored again
    const { text } = await getPage(relay.metricsPort, '/metrics');
    const value = (name: string) =>
      Number(new RegExp(`^${name.replace(/[{}"+]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1]);
    expect(value('muster_relay_appended_envelopes_total')).toBe(2);
    expect(value('muster_relay_appended_bytes_total')).toBe(600);
    expect(value('muster_relay_commit_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(value('muster_relay_commit_seconds_bucket{le="+Inf"}')).toBe(value('muster_relay_commit_seconds_count'));
    expect(value('muster_relay_refusals_total{code="not-admitted"}')).toBe(1);
    expect(value('muster_relay_refusals_total{code="malformed"}')).toBe(1);
    expect(value('muster_relay_connections{kind="admitted"}')).toBe(1);
    expect(value('muster_relay_kept_envelopes')).toBe(2);
    for (const name of ['disk_bytes', 'disk_free_bytes', 'memory_bytes'])
      expect(value(`muster_relay_${name}`)).toBeGreaterThan(0);
    expect(value('muster_relay_waiting_envelopes')).toBe(0);
  }, 20_000);

  it('have no label but the kind of a connection, the code of a refusal and the edge of a bucket', async () => {
    const { meter, page } = await openMetrics();
    meter.refused('rate');
    const health = { ok: true, trouble: null, clock: null, pin: '', host: '', port: 1, startedAtMs: 0, store: '' };
    const counts = { admitted: 1, strangers: 1, topics: 1, envelopes: 1, bytes: 1, waiting: 1, diskBytes: 1 };
    const text = await page({ ...health, ...counts, lists: [], diskFreeBytes: null, memoryBytes: 1 });
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, name]) => name));
    expect([...labels].toSorted()).toEqual(['code', 'kind', 'le']);
  });
});

describe('stop', () => {
  it('says goodbye, commits what waits and exits 0, whoever dawdles', async () => {
    const relay = await spawnOne();
    const client = await enter(relay, org, device);
    // Neither has begun with TLS, nor answers the goodbye.
    const silent = connect(relay.port, '127.0.0.1');
    ends.push(() => silent.destroy());
    await until(() => silent.readyState === 'open', 'the silent one is connected');
    client.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    await client.take('appended');
    client.socket.pause();
    expect(await within(relay.stop(), 'it stops', 5000)).toBe(0);
    expect(relay.log()).toContain('Everything it acknowledged is on its disk');
  }, 20_000);

  it('ends there and then at the second signal', async () => {
    const relay = await spawnOne();
    const client = await enter(relay, org, device);
    client.socket.pause();
    const gone = new Promise<string | null>((resolve) => relay.child.once('exit', (_, signal) => resolve(signal)));
    relay.child.kill('SIGINT');
    await until(() => {
      relay.child.kill('SIGTERM');
      return relay.child.exitCode !== null || relay.child.signalCode !== null;
    }, 'it is gone');
    expect(await gone).toBe('SIGTERM');
  }, 20_000);
});
