/**
 * Moves the envelopes of a database made before step 2 of schema.ts into the tables of that step. Offsets change: the
 * new ones are above all that were given, so a device gets what is kept once more and drops what it has.
 */
import { bytesOf, type Database, integer } from './driver.ts';
import { marksBytes } from './known.ts';
import { ParcelWriter, itemSize } from './parcel.ts';
import { Slots } from './slot.ts';

export function moveOld(db: Database): void {
  const slots = new Slots(bytesOf(db.value('SELECT secret FROM meta')));
  let offset = integer(db.value('SELECT coalesce(max(last), 0) FROM topic'));
  const totals = new Map<number, number>();
  for (let seq = 0; ; ) {
    const [row] = db.all(
      'SELECT e.seq, e.topic, e.received_at, e.bytes, t.name FROM envelope e JOIN topic t ON t.id = e.topic WHERE e.seq > ? ORDER BY e.seq LIMIT 1',
      [seq],
    );
    if (row === undefined) break;
    seq = integer(row['seq']);
    offset += 1;
    const [topic, receivedAtMs] = [integer(row['topic']), integer(row['received_at'])];
    const [name, envelope] = [bytesOf(row['name']), bytesOf(row['bytes'])];
    const writer = new ParcelWriter(name, itemSize(envelope));
    writer.add(offset, receivedAtMs, envelope);
    slots.enter(name);
    const slot = slots.slotOf(envelope);
    const total = (totals.get(topic) ?? 0) + envelope.length;
    totals.set(topic, total);
    db.run('INSERT INTO parcel (first, last, topic, received_at, size, marks, items) VALUES (?, ?, ?, ?, ?, ?, ?)', [
      ...[offset, offset, topic, receivedAtMs, envelope.length],
      ...[marksBytes(Float64Array.of(slot, offset)), writer.done().items],
    ]);
    db.run('INSERT INTO place (topic, first, last, count, size, total) VALUES (?, ?, ?, 1, ?, ?)', [
      ...[topic, offset, offset, envelope.length, total],
    ]);
    db.run('INSERT INTO known (topic, slot, offset) VALUES (?, ?, ?)', [topic, slot, offset]);
    db.run('UPDATE org SET envelopes = envelopes + 1 WHERE id = (SELECT org FROM topic WHERE id = ?)', [topic]);
  }
  db.run('UPDATE meta SET given = ?, known_to = ?', [offset, offset]);
}
