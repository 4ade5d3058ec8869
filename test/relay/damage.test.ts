/** One wrong bit in what the disk gives back: nobody is sent a frame that no device can read, and it is said. */
import { join } from 'node:path';
import Database from '@signalapp/sqlcipher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  numberOf,
  type RawClient,
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const topic = topicNumber(1);
let org: TestOrg;
let device: TestDevice;
let relay: TestRelay;
let client: RawClient;

const start = async (dataDir?: string) => {
  relay = await startTestRelay([org.org], { admission: org.list([device]), ...(dataDir && { dataDir }) });
  client = await enter(relay, org, device);
};
beforeEach(async () => {
  [org, device] = [await makeOrg(), await makeDevice()];
  await start();
});
afterEach(async () => {
  await relay.close();
  dropDataDir(relay.dataDir);
});

async function append(n: number, to = topic) {
  client.send({ type: 'append', ref: n, items: [[to, envelopeNumber(n)]] });
  return (await client.take('appended')).receipts[0]?.[0] ?? 0;
}
/** Stops the relay, spoils the parcels of these, and starts it again. */
async function damage(offsets: readonly number[], spoil: (items: Uint8Array) => void) {
  const { dataDir } = relay;
  await relay.close();
  const database = new Database(join(dataDir, 'relay.db'));
  for (const first of offsets) {
    const items = database.prepare('SELECT items FROM parcel WHERE first = ?').get([first])?.['items'];
    if (!(items instanceof Uint8Array)) throw new Error('no parcel');
    const damaged = Uint8Array.from(items);
    spoil(damaged);
    database.prepare('UPDATE parcel SET items = ? WHERE first = ?').run([damaged, first]);
  }
  database.close();
  await start(dataDir);
}
/** `at`: from the beginning, or if negative from the end. */
const flip = (at: number) => (items: Uint8Array) =>
  items.set([(items.at(at) ?? 0) ^ 1], (at + items.length) % items.length);
/** What a tail brings until it is live: numbers of envelopes, and words of refusals. */
async function tail(from = 0, of = topic) {
  client.send({ type: 'tail', topic: of, from });
  await until(() => client.frames.some(({ type }) => type === 'live'), 'live');
  return client.frames.splice(0).flatMap((frame): (number | string)[] => {
    if (frame.type === 'deliver') return frame.items.map(([, , envelope]) => numberOf(envelope));
    return frame.type === 'refused' ? [`${frame.code} ${frame.topic ?? '-'}`] : [];
  });
}

describe('a parcel whose form is damaged', () => {
  it.each([
    ['the head of the triple', 0],
    ['the offset', 3],
    ['the length of the envelope', -1 - envelopeNumber(1).length],
  ])('in %s is not passed on; what is behind it is', async (_, at) => {
    const offsets: number[] = [];
    for (let n = 1; n <= 3; n++) offsets.push(await append(n));
    await append(10, topicNumber(2));
    await damage(offsets.slice(1, 2), flip(at));
    expect(await tail(0)).toEqual(['broken -', 1, 3]);
    expect((await relay.health()).trouble).toContain('damaged');
    expect(await tail(0, topicNumber(2))).toEqual([10]);
    // A device that goes on from the last it was given is past it.
    expect(await tail(offsets[2])).toEqual([]);
    client.send({ type: 'append', ref: 9, items: [[topic, envelopeNumber(9)]] });
    expect((await client.take('refused')).code).toBe('disk');
  });

  it('as the only one there is refused, and the topic lives', async () => {
    await damage([await append(1)], flip(0));
    expect(await tail()).toEqual(['broken -']);
    expect((await relay.health()).trouble).toContain('damaged');
  });

  it('and met by a repeat is trouble too, and not a refusal for ever without a word', async () => {
    await damage([await append(1)], flip(0));
    client.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    expect((await client.take('refused')).ref).toBe(1);
    expect((await relay.health()).trouble).toContain('damaged');
  });
});
