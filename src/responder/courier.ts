/**
 * Courier files of a running device: what is on its shelf written out, and what somebody carried here taken in. Where the
 * bytes come from and go to is the caller's business. It holds one part of a file at a time, and never all of it.
 */
import { CourierReader, CourierWriter, maxNames, namesOf, readNames, shortName } from '../core/courier.ts';
import { idOfEnvelope } from '../core/verify.ts';
import { batchesOf } from '../engine/batch.ts';
import { appendBound } from '../engine/outbox.ts';
import { hasSeen, spotOf } from '../engine/seen.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { EnvelopeId, TopicId } from '../wire/id.ts';
import type { Responder } from './responder.ts';

/** Rows read from the shelf at a time: of the largest envelopes eight megabytes. */
const rowsAtOnce = 64;
/** Envelopes that the other side may say it has, so that its file cannot fill our memory. */
const maxKnown = 4 * 1024 * 1024;

export interface PackOptions {
  /** Only what came or was written here since then. */
  readonly sinceMs: number;
  /** What the other side has, as its file of that kind says. */
  readonly has: ReadonlySet<string>;
}

/** What this device keeps, as a courier file, piece by piece. Rejects with a Fault. */
export async function* packCourier(device: Responder, { sinceMs, has }: PackOptions): AsyncGenerator<Bytes> {
  await device.pack();
  const writer = new CourierWriter();
  yield writer.begin();
  for (let after = 0; ; ) {
    const rows = device.vault.shelf(after, sinceMs, rowsAtOnce);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.position;
    const missing = rows.filter(({ id }) => !has.has(shortName(id)));
    for (const batch of batchesOf(missing, ({ bytes }) => bytes.length, appendBound))
      yield writer.block({ type: 'envelopes', items: batch.map(({ topic, bytes }) => [topic, bytes] as const) });
  }
  yield writer.end();
}

/** What this device has, without any of it: the other side then packs what it lacks. */
export function* packHave(device: Responder): Generator<Bytes> {
  const writer = new CourierWriter();
  yield writer.begin();
  for (let after = 0; ; ) {
    const rows = device.vault.shelfIds(after, maxNames);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.position;
    yield writer.block({ type: 'have', names: namesOf(rows.map(({ id }) => id)) });
  }
  yield writer.end();
}

/** What the other side says it has. Throws `PeerFault` if the file does not hold. */
export async function readHave(pieces: AsyncIterable<Bytes>): Promise<ReadonlySet<string>> {
  const reader = new CourierReader();
  const has = new Set<string>();
  for await (const piece of pieces)
    for (const block of reader.push(piece)) {
      if (block.type !== 'have') throw new PeerFault('malformed', 'it holds envelopes, and not what somebody has');
      noteNames(has, block.names);
    }
  reader.end();
  return has;
}

export interface Taken {
  /** Envelopes in what could be read of the file. */
  readonly envelopes: number;
  /** Of these: taken in, here already, passed over. */
  readonly fresh: number;
  readonly known: number;
  readonly foreign: number;
  /** Entries that are new here. */
  readonly entries: number;
  /** What the one who wrote the file has, if that is what it says. */
  readonly has: ReadonlySet<string>;
  /** Why the file does not hold to its end; what came before was taken in. */
  readonly fault?: PeerFault;
}

/**
 * Takes a courier file in as if a relay had delivered it. What it brings twice is taken once, what is not for this device
 * is passed over. Rejects with a Fault when this device's own disk refuses; what was taken before stays.
 */
export async function takeCourier(device: Responder, pieces: AsyncIterable<Bytes>): Promise<Taken> {
  const reader = new CourierReader();
  const before = entriesIn(device);
  const sum = { envelopes: 0, fresh: 0, known: 0, foreign: 0 };
  const has = new Set<string>();
  let fault: PeerFault | undefined;
  try {
    for await (const piece of pieces)
      for (const block of reader.push(piece)) {
        if (block.type === 'have') noteNames(has, block.names);
        else await takeBlock(device, block.items, sum);
      }
    reader.end();
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    fault = cause;
  }
  return { ...sum, has, entries: entriesIn(device) - before, ...(fault === undefined ? {} : { fault }) };
}

async function takeBlock(
  device: Responder,
  items: readonly (readonly [TopicId, Bytes])[],
  sum: { envelopes: number; fresh: number; known: number; foreign: number },
): Promise<void> {
  const ids = items.map(([topic, envelope]) => ({ topic, id: idOfEnvelope(envelope) }));
  const isSeen = ({ topic, id }: { topic: TopicId; id: EnvelopeId }) => hasSeen(device.state.seen, spotOf(topic, id));
  // What was seen long ago is on the shelf and no more in memory.
  const rest = ids.filter((each) => !isSeen(each) && !device.vault.isOnShelf(each.id));
  await device.bring(items);
  const fresh = rest.filter(isSeen).length;
  sum.envelopes += items.length;
  sum.known += ids.length - rest.length;
  sum.fresh += fresh;
  sum.foreign += rest.length - fresh;
}

function noteNames(has: Set<string>, names: Bytes): void {
  for (const name of readNames(names)) has.add(name);
  if (has.size > maxKnown) throw new PeerFault('too-large', 'it names more envelopes than anyone keeps');
}

const entriesIn = ({ state }: Responder): number =>
  [...state.rooms.values()].reduce(
    (sum, room) => sum + [...room.feeds.values()].reduce((all, { from, count }) => all + count - from, 0),
    0,
  );
