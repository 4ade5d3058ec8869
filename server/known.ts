/**
 * Where an envelope may be, by its slot. New slots stay in memory and go into their table later, some hundred at a time
 * and sorted by topic: written one by one they would touch a page each. They go after an answer, when nobody waits, and
 * are on disk with the next commit.
 *
 * Nothing is lost by that. The parcels on disk carry their slots as well, and `meta.known_to` says up to which offset
 * the table is complete; what lies above is read into memory at the start. It must never say where an envelope is
 * without somebody comparing the bytes there.
 */
import { type Database, integer } from './driver.ts';
import { Sieve } from './sieve.ts';

/** Slots that are sorted together. Twice as many are read at most at the start after a crash: a tenth of a second. */
const generationSlots = 8192;
/** Slots that go into the table together: half a millisecond. */
const portion = 256;
/** A little faster than they come, so that a generation is written before the next one is full. */
const pace = 1.25;

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
  /** Slots that should have been written by now. */
  #due = 0;
  #undo: (() => void)[] = [];
  readonly #sieve: Sieve;

  constructor(db: Database) {
    this.#db = db;
    this.#sieve = new Sieve(db);
  }

  /** Reads what the table does not have yet. */
  load(): void {
    const rows = this.#db.all(
      'SELECT topic, marks FROM parcel WHERE first > (SELECT known_to FROM meta) ORDER BY first',
    );
    this.#oldTop = integer(this.#db.value('SELECT known_to FROM meta'));
    for (const row of rows) {
      const topic = integer(row['topic']);
      eachMark(row['marks'], (slot, offset) => this.add(topic, slot, offset));
    }
    this.#due = 0;
    this.keep();
  }

  /** An offset at which an envelope with this slot lies, if `far` or the memory has one. */
  find(slot: number, far: ReadonlyMap<number, number>): number | undefined {
    if (!this.#sieve.mayHave(slot)) return undefined;
    return this.#fresh.bySlot.get(slot) ?? this.#old.bySlot.get(slot) ?? far.get(slot);
  }

  /** What the table says of the slots in these pairs of slot and offset. */
  look(topic: number, pairs: ArrayLike<number>): ReadonlyMap<number, number> {
    let found: Map<number, number> | undefined;
    const slots: number[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const slot = pairs[i] ?? 0;
      if (this.#sieve.mayHave(slot)) slots.push(slot);
    }
    for (let from = 0; from < slots.length; ) {
      const size = sizeFor(slots.length - from);
      const values = [topic, ...slots.slice(from, from + size)];
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
    this.#sieve.add(slot);
    this.#due += pace;
  }

  drop(topic: number, slot: number, offset: number): void {
    for (const { bySlot } of [this.#fresh, this.#old]) {
      if (bySlot.get(slot) !== offset) continue;
      bySlot.delete(slot);
      this.#undo.push(() => bySlot.set(slot, offset));
    }
    this.#db.run('DELETE FROM known WHERE topic = ? AND slot = ? AND offset = ?', [topic, slot, offset]);
  }

  /** What came so far is on disk: `back` comes back to this. */
  keep(): void {
    const [fresh, old, written, oldTop, due] = [this.#fresh, this.#old, this.#written, this.#oldTop, this.#due];
    const count = fresh.marks.length;
    this.#undo = [
      () => {
        for (const [, slot, offset] of fresh.marks.splice(count))
          if (fresh.bySlot.get(slot) === offset) fresh.bySlot.delete(slot);
        [this.#fresh, this.#old, this.#written, this.#oldTop, this.#due] = [fresh, old, written, oldTop, due];
      },
    ];
  }

  /** What came since is not. */
  back(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.keep();
  }

  /** Takes in more of what the table had at the start. */
  readOn(): void {
    this.#sieve.read();
  }

  /** There is a portion to write. */
  get isDue(): boolean {
    return this.#due >= portion;
  }

  /** For long nothing could be written: somebody has to hear of it, and memory must not grow. */
  get isLate(): boolean {
    return this.#due >= generationSlots;
  }

  /**
   * Inside a transaction: writes slots of the old generation. `top`: the highest offset added so far. `isLast`: all of
   * them, and the next generation is begun though this one is not full.
   */
  write(top: number, isLast = false): void {
    const some = isLast ? this.#old.marks.length : Math.ceil(this.#due);
    const end = Math.min(this.#old.marks.length, this.#written + some);
    this.#due = 0;
    // Dropped meanwhile: only what is still found in memory is still there.
    const left = this.#old.marks.slice(this.#written, end).filter(([, slot]) => this.#old.bySlot.has(slot));
    this.#written = end;
    for (let from = 0; from < left.length; ) {
      const size = sizeFor(left.length - from);
      this.#db.run(inserts.get(size) ?? '', left.slice(from, from + size).flat());
      from += size;
    }
    if (this.#written < this.#old.marks.length) return;
    if (!isLast && this.#fresh.marks.length < generationSlots) return;
    this.#db.run('UPDATE meta SET known_to = ?', [this.#oldTop]);
    this.#old = { bySlot: this.#fresh.bySlot, marks: this.#fresh.marks.toSorted(inOrder) };
    this.#oldTop = top;
    this.#fresh = generation();
    this.#written = 0;
  }

  /** Inside a transaction, before the end: everything, so that the next start has nothing to read. */
  writeAll(top: number): void {
    for (let generations = 0; generations < 2; generations++) this.write(top, true);
  }
}

/**
 * Slot and offset of each envelope, as they lie in `parcel.marks`; answers how many there are. It calls back and makes
 * no list of pairs: a start waits for this.
 */
export function eachMark(value: unknown, visit: (slot: number, offset: number) => void): number {
  if (!(value instanceof Uint8Array)) return 0;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const end = value.length & ~15;
  for (let at = 0; at < end; at += 16) visit(view.getFloat64(at, true), view.getFloat64(at + 8, true));
  return end >> 4;
}

export const marksBytes = (marks: Float64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(marks.buffer, marks.byteOffset, marks.byteLength);
