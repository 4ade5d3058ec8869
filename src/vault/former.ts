/**
 * What a device that was copied or put back wrote and no relay has. It may contradict what the same device said elsewhere:
 * as another device it must neither publish that nor keep it in the place of what was said. Decides nothing.
 */
import { reopenEntry } from '../core/entry.ts';
import { type DeviceId, deviceId, type EntryId, entryId, roomId } from '../core/id.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, numberOf, type Sqlite } from './database.ts';
import { forgetFile } from './files.ts';
import { headIds } from './rows.ts';
import { unindex } from './search.ts';

/** An entry that waits for an epoch, or is owed to relays and on the disk of none. */
const isUnsent = `(sealed = 0 OR EXISTS (
  SELECT 1 FROM shelf WHERE shelf.room = entry.room AND shelf.entry = entry.id AND owed = 1 AND own = 1
  AND NOT EXISTS (SELECT 1 FROM shelfAt WHERE shelfAt.position = shelf.position AND held = 1)
))`;

/** Takes the end of each feed of this device off, as far as nobody was sent it. What comes before one that was sent stays. */
export function dropUnsent(db: Sqlite, device: DeviceId): void {
  const author = deviceId.bytes(device);
  for (const line of db.all('SELECT room, heads FROM room')) {
    const room = bytesOf(line, 'room');
    const [last] = db.all(
      `SELECT id, seq FROM entry WHERE room = ? AND device = ? AND NOT ${isUnsent} ORDER BY seq DESC LIMIT 1`,
      room,
      author,
    );
    const dropped = db.all(
      'SELECT position, id, bytes FROM entry WHERE room = ? AND device = ? AND seq > ?',
      room,
      author,
      last === undefined ? -1 : numberOf(last, 'seq'),
    );
    if (dropped.length === 0) continue;
    const gone = new Set<EntryId>();
    for (const each of dropped) {
      const id = entryId.of(bytesOf(each, 'id'));
      const position = numberOf(each, 'position');
      gone.add(id);
      unindex(db, position, reopenEntry(bytesOf(each, 'bytes'), roomId.of(room)));
      forgetFile(db, roomId.of(room), id);
      db.run('DELETE FROM shelf WHERE room = ? AND entry = ?', room, entryId.bytes(id));
      db.run('DELETE FROM entry WHERE position = ?', position);
    }
    const heads = decode(headIds, bytesOf(line, 'heads')).filter((id) => !gone.has(id));
    const ends = last === undefined ? heads : [...new Set([...heads, entryId.of(bytesOf(last, 'id'))])];
    db.run('UPDATE room SET heads = ? WHERE room = ?', encode(headIds, ends), room);
  }
}
