/**
 * A page of a topic, read from disk: parcels one behind the other as one deliver frame, bounded in items and bytes.
 *
 * It must never hand on a parcel whose form is damaged: no device could read the frame, and each would be sent it
 * again whenever it asks.
 */
import { concat } from '../src/wire/bytes.ts';
import { limit } from '../src/wire/limit.ts';
import { bytesOf, type Database, isDamage } from './driver.ts';
import type { RawPage } from './message.ts';
import { headRoom, isWhole, readItems } from './parcel.ts';
import type { PlaceRow, Shelf } from './shelf.ts';

interface Part {
  readonly first: number;
  readonly count: number;
  readonly items: Uint8Array;
}

/** What comes after offset `after`. Throws `Broken('corrupt')`, or what the driver throws, when even its places cannot be read. */
export function readPage(
  db: Database,
  shelf: Shelf,
  topic: number | undefined,
  after: number,
  pageBytes: number,
): RawPage {
  const rows = topic === undefined ? [] : shelf.from(topic, after, limit.itemsPerDelivery + 1);
  const parts: Part[] = [];
  let [size, count, last, damagedTo] = [0, 0, after, 0];
  let isLast = rows.length <= limit.itemsPerDelivery;
  for (const row of rows) {
    if (row.last <= after) continue;
    // Sizes first: large envelopes must not come into memory to send the first few of them.
    const isFull = count + row.count > limit.itemsPerDelivery || size + row.size > pageBytes;
    if (count > 0 && isFull) {
      isLast = false;
      break;
    }
    const part = partAfter(db, row, after);
    if (part === undefined) {
      // Of the row only this is sure: it is the key by which it was found.
      damagedTo = Math.max(after, row.first);
      continue;
    }
    parts.push(part);
    size += part.items.length;
    count += part.count;
    last = row.last;
  }
  const bytes = new Uint8Array(headRoom + size);
  let at = headRoom;
  for (const { items } of parts) {
    bytes.set(items, at);
    at += items.length;
  }
  const highest = topic === undefined ? 0 : shelf.ends(topic).last;
  return { bytes, count, first: parts[0]?.first ?? 0, last, isLast, highest, damagedTo };
}

/** Nothing when it is damaged. */
function partAfter(db: Database, { first, last, count }: PlaceRow, after: number): Part | undefined {
  try {
    const items = bytesOf(db.value('SELECT items FROM parcel WHERE first = ?', [first]));
    if (!isWhole(items, first, last, count)) return undefined;
    if (first > after) return { items, count, first };
    const rest = readItems(items).filter(({ offset }) => offset > after);
    return { items: concat(...rest.map(({ bytes }) => bytes)), count: rest.length, first: rest[0]?.offset ?? 0 };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}
