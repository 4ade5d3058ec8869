/** One wrong bit in what the disk gives back: nobody is sent a frame that no device can read, and it is said. */
import { join } from 'node:path';
import Database from '@signalapp/sqlcipher';
import { expect, it } from 'vitest';
import { makeDevice, makeOrg } from '../kit/org.ts';
import { dropDataDir, enter, envelopeNumber, startTestRelay, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

it('a parcel whose form is damaged is not passed on', async () => {
  const [org, device] = [await makeOrg(), await makeDevice()];
  const topic = topicNumber(1);
  const admission = org.list([device]);
  let relay = await startTestRelay([org.org], { admission });
  const writer = await enter(relay, org, device);
  writer.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
  await writer.take('appended');
  await relay.close();
  const database = new Database(join(relay.dataDir, 'relay.db'));
  const items = database.prepare('SELECT items FROM parcel').get()?.['items'];
  if (!(items instanceof Uint8Array)) throw new Error('no parcel');
  const damaged = Uint8Array.from(items);
  damaged[0] = (damaged[0] ?? 0) ^ 1; // the head of the first triple
  database.prepare('UPDATE parcel SET items = ?').run([damaged]);
  database.close();

  relay = await startTestRelay([org.org], { admission, dataDir: relay.dataDir });
  const reader = await enter(relay, org, device);
  let frames = 0;
  reader.socket.removeAllListeners('message');
  const kinds: number[] = [];
  reader.socket.on('message', (data) => {
    frames += 1;
    if (data instanceof Uint8Array) kinds.push(data[1] ?? 0);
  });
  reader.send({ type: 'tail', topic, from: 0 });
  await until(() => frames > 0, 'an answer');
  expect(kinds[0]).toBe(8); // refused, and not deliver
  expect((await relay.health()).trouble).toContain('damaged');
  await relay.close();
  dropDataDir(relay.dataDir);
});
