/** What must be on disk before anything follows from it, and what a relay tells again. */
import { expect, test } from 'vitest';
import type { Row } from '../../../src/engine/row.ts';
import { isLearntAgain } from '../../../src/vault/rows.ts';
import { deviceId, entryId, roomId } from '../../../src/core/id.ts';
import { envelopeId, relayId, topicId } from '../../../src/wire/id.ts';

const bytes = new Uint8Array(32).fill(7);
const [room, entry, relay] = [roomId.of(bytes), entryId.of(bytes), relayId.of(bytes)];
const parcel = { id: envelopeId.of(bytes), topic: topicId.of(bytes), bytes, held: [], isKept: true };
const learnt: readonly Row[] = [
  { type: 'cursor', relay, topic: parcel.topic, offset: 3 },
  { type: 'at', id: parcel.id, relay, offset: 3, isHeld: true },
  { type: 'have', room, device: deviceId.of(bytes), holding: new Map() },
  { type: 'parcel-done', id: parcel.id, isKept: true },
];

test('what a relay tells again need not be on disk at once', () => {
  expect(isLearntAgain(learnt)).toBe(true);
});

test.each<Row>([
  { type: 'parcel', parcel, atMs: 1 },
  { type: 'shelve', ...parcel, entry: { room, id: entry }, atMs: 1 },
  { type: 'rolled-back', relay, topic: parcel.topic, upTo: 1 },
  { type: 'sealed', room, entry },
  { type: 'unsealed', room, entry },
  { type: 'expired', room, entry },
  { type: 'relay', relay, store: 'another' },
  { type: 'parked', id: parcel.id, topic: parcel.topic, bytes },
  { type: 'retired', atMs: 1 },
])('$type must be, and takes the rest with it', (row) => {
  expect(isLearntAgain([...learnt, row])).toBe(false);
});
