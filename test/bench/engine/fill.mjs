/** Writes a room as it is after years straight into a vault: signed entries, in the order in which they came. */
import { encodeBody } from '../../../dist/src/core/body.js';
import { makeEntry } from '../../../dist/src/core/entry.js';
import { deviceOf } from '../../../dist/src/core/id.js';
import { systemRandom } from '../../../dist/src/responder/device.js';
import { makeText, stream } from './text.mjs';

const perTransaction = 2_000;
const dayMs = 86_400_000;

/** `count` texts of `bytes` by these people in turns, the newest a minute old. Answers how long the vault took, in ms. */
export function fillRoom(vault, room, people, { count, bytes }) {
  const next = stream(7);
  const feeds = people.map(({ ring }) => ({
    ring,
    device: deviceOf(ring.keys.sign.publicKey),
    seq: 0,
    previous: undefined,
  }));
  const endMs = Date.now() - 60_000;
  let newest;
  let spentMs = 0;
  for (let first = 0; first < count; first += perTransaction) {
    const rows = [];
    for (let i = first; i < Math.min(count, first + perTransaction); i++) {
      const feed = feeds[i % feeds.length];
      const timeMs = endMs - Math.floor(((count - i) * 300 * dayMs) / count);
      const entry = makeEntry(feed.ring.keys.sign, room, {
        device: feed.device,
        seq: feed.seq,
        ...(feed.previous === undefined ? {} : { previous: feed.previous }),
        heads: newest === undefined || newest === feed.previous ? [] : [newest],
        timeMs,
        control: [],
        body: encodeBody({ type: 'text', text: makeText(next, bytes) }),
        salt: systemRandom(16),
      });
      feed.seq += 1;
      feed.previous = entry.id;
      newest = entry.id;
      rows.push({ type: 'entry', entry, sealed: true, receivedAtMs: timeMs, isNotable: false });
    }
    const startedMs = performance.now();
    vault.apply(rows);
    spentMs += performance.now() - startedMs;
  }
  return spentMs;
}
