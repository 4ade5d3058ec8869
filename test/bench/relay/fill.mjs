/** A store with many envelopes in many topics, made once and copied: node fill.mjs DIR ENVELOPES TOPICS BYTES. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../dist/server/store.js';
import { relayLimits } from '../../../dist/server/limit.js';
import { quietMeter } from '../../../dist/server/meter.js';
import { organisation } from './peer.mjs';

const [dir, envelopes, topics, bytes] = process.argv.slice(2).map((arg, i) => (i === 0 ? arg : Number(arg)));
mkdirSync(dir, { recursive: true });
const { org } = organisation(dir);
const store = await openStore(join(dir, 'relay.db'), relayLimits, { meter: quietMeter, now: Date.now });
const names = Array.from({ length: topics }, (_, i) => createHash('sha256').update(`filler ${i}`).digest('hex'));
let random = Buffer.alloc(0);
const body = (i) => {
  const at = (i % 4096) * 8;
  if (at === 0) random = randomBytes(bytes + 4096 * 8);
  return random.subarray(at, at + bytes);
};
// Ten at a time to a topic, so that its parcels lie apart as they do when they came over months.
const parcel = 10;
const together = 500;
for (let first = 0; first < envelopes; first += parcel * together) {
  const appends = Array.from({ length: together }, (_, k) => {
    const from = first + k * parcel;
    const topic = names[(from / parcel) % topics];
    const items = Array.from({ length: parcel }, (_item, i) => [topic, body(from + i)]);
    return store.append({ org, items, quotaBytes: Number.MAX_SAFE_INTEGER });
  });
  await Promise.all(appends);
}
await store.close();
