/**
 * Where an envelope may be, by its slot. New slots stay in memory and go into their table a few with every commit,
 * sorted by topic: written one by one they would touch a page each, and a commit would be ten times as large.
 *
 * Nothing is lost by that. The parcels on disk carry their slots as well, and `meta.known_to` says up to which offset
 * the table is complete; what lies above is read into memory at the start. It must never say where an envelope is
 * without somebody comparing the bytes there.
 */
import { type Database, integer } from './driver.ts';

/** Slots that are written together. Twice as many are read at most at the start after a crash: a tenth of a second. */
const generationSlots = 8192;

/** Statements for many at once, one for each power of two: crossing into the driver costs more than the row. */
const most = 64;
const repeated = (text: string, count: number): string => Array(count).fill(text).join();
const selects = new Map<number, string>();
const inserts = new Map<number, string>();
for (let count = 1; count <= most; count *= 2) {
  selects.set(count, `SELECT slot, offset FROM known WHERE topic = ? AND slot IN (${repeated('?', count)})`);
  inserts.set(count, `INSERT OR IGNORE INTO known (topic, slot, offset) VALUES ${repeated('(?, ?, ?)', count)}`);
}
/** The largest of them that `count` fills. */
const sizeFor = (count: number): number => Math.min(most, 2 ** Math.floor(Math.log2(count)));

const none: ReadonlyMap<number, number> = new Map();

type Mark = readonly [topic: number, slot: number, offset: number];
interface Generation {
  readonly bySlot: Map<number, number>;
  readonly marks: Mark[];
}

const generation = (): Generation => ({ bySlot: new Map(), marks: [] });
const inOrder = (a: Mark, b: Mark): number => a[0] - b[0] || a[1] - b[1];

export class Known {
  readonly #db: Database;
  #fresh = generation();
  /** What is being written, and how much of it is. */
  #old = generation();
  #written = 0;
  #oldTop = 0;
  #undo: (() => void)[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads what the table does not have yet. */
  load(): void {
    const rows = this.#db.all(
      'SELECT topic, marks FROM parcel WHERE first > (SELECT known_to FROM meta) ORDER BY first',
    );
    this.#oldTop = integer(this.#db.value('SELECT known_to FROM meta'));
    for (const row of rows) {
      const topic = integer(row['topic']);
      const { marks } = row;
      if (!(marks instanceof Uint8Array)) continue;
      // No pair of them as a value of its own, as `marksOf` makes them: a start waits for this.
      const view = new DataView(marks.buffer, marks.byteOffset, marks.length);
      for (let at = 0; at + 16 <= marks.length; at += 16)
        this.add(topic, view.getFloat64(at, true), view.getFloat64(at + 8, true));
    }
    this.#undo = [];
  }

  /** An offset at which an envelope with this slot lies, if `far` or the memory has one. */
  find(slot: number, far: ReadonlyMap<number, number>): number | undefined {
    return this.#fresh.bySlot.get(slot) ?? this.#old.bySlot.get(slot) ?? far.get(slot);
  }

  /** What the table says of the slots in these pairs of slot and offset. */
  look(topic: number, pairs: ArrayLike<number>): ReadonlyMap<number, number> {
    let found: Map<number, number> | undefined;
    const count = pairs.length >> 1;
    for (let from = 0; from < count; ) {
      const size = sizeFor(count - from);
      const values = [topic];
      for (let i = from; i < from + size; i++) values.push(pairs[2 * i] ?? 0);
      from += size;
      for (const row of this.#db.all(selects.get(size) ?? '', values)) {
        found ??= new Map();
        found.set(integer(row['slot']), integer(row['offset']));
      }
    }
    return found ?? none;
  }

  add(topic: number, slot: number, offset: number): void {
    const { bySlot, marks } = this.#fresh;
    bySlot.set(slot, offset);
    marks.push([topic, slot, offset]);
  }

  drop(topic: number, slot: number, offset: number): void {
    for (const { bySlot } of [this.#fresh, this.#old]) {
      if (bySlot.get(slot) !== offset) continue;
      bySlot.delete(slot);
      this.#undo.push(() => bySlot.set(slot, offset));
    }
    this.#db.run('DELETE FROM known WHERE topic = ? AND slot = ? AND offset = ?', [topic, slot, offset]);
  }

  /** Before a transaction: `back` comes back to this. */
  begin(): void {
    const [fresh, old, written, oldTop] = [this.#fresh, this.#old, this.#written, this.#oldTop];
    const count = fresh.marks.length;
    this.#undo = [
      () => {
        for (const [, slot, offset] of fresh.marks.splice(count))
          if (fresh.bySlot.get(slot) === offset) fresh.bySlot.delete(slot);
        [this.#fresh, this.#old, this.#written, this.#oldTop] = [fresh, old, written, oldTop];
      },
    ];
  }

  /** The transaction was rolled back. */
  back(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /**
   * Inside a transaction: writes some slots of the old generation. `top`: the highest offset added so far. `isDue`: the
   * next generation is begun though this one is not full.
   */
  write(some: number, top: number, isDue = false): void {
    const end = Math.min(this.#old.marks.length, this.#written + some);
    // Dropped meanwhile: only what is still found in memory is still there.
    const left = this.#old.marks.slice(this.#written, end).filter(([, slot]) => this.#old.bySlot.has(slot));
    this.#written = end;
    for (let from = 0; from < left.length; ) {
      const size = sizeFor(left.length - from);
      this.#db.run(inserts.get(size) ?? '', left.slice(from, from + size).flat());
      from += size;
    }
    if (this.#written < this.#old.marks.length) return;
    if (!isDue && this.#fresh.marks.length < generationSlots) return;
    this.#db.run('UPDATE meta SET known_to = ?', [this.#oldTop]);
    this.#old = { bySlot: this.#fresh.bySlot, marks: this.#fresh.marks.toSorted(inOrder) };
    this.#oldTop = top;
    this.#fresh = generation();
    this.#written = 0;
  }

  /** Inside a transaction, before the end: everything, so that the next start has nothing to read. */
  writeAll(top: number): void {
    for (let generations = 0; generations < 2; generations++) this.write(Number.POSITIVE_INFINITY, top, true);
  }
}

/** Slot and offset in pairs, as they lie in `parcel.marks`. */
export function marksOf(value: unknown): (readonly [number, number])[] {
  if (!(value instanceof Uint8Array)) return [];
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: value.length >> 4 }, (_, i) => [
    view.getFloat64(16 * i, true),
    view.getFloat64(16 * i + 8, true),
  ]);
}

export const marksBytes = (marks: Float64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(marks.buffer, marks.byteOffset, marks.byteLength);
