/**
 * Which slots are certainly not known. Most envelopes are new, and asking the table of known slots for each of them was
 * the largest piece of a commit. It is a Bloom filter: a no is sure, a maybe is looked up, and until all of the table has
 * been read every answer is maybe.
 *
 * It must never say no to a slot that is known, or an envelope would be kept twice. Slots hang on the store's secret, so
 * nobody outside can aim at it; what fills it makes it slower and never wrong.
 */
import { type Database, integer } from './driver.ts';

/** 4 MiB. With a million envelopes one new one in 400 is looked up in vain, with five million one in 20. */
const words = 2 ** 20;
/** Rows read at a time: about a millisecond. */
const together = 4096;

export class Sieve {
  readonly #db: Database;
  readonly #words = new Uint32Array(words);
  /** The table has been read up to here. */
  #topic = 0;
  #slot = -1;
  #isComplete = false;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Of every slot that becomes known, before it is in the table. */
  add(slot: number): void {
    const at = wordOf(slot);
    this.#words[at] = (this.#words[at] ?? 0) | bitsOf(slot);
  }

  mayHave(slot: number): boolean {
    const bits = bitsOf(slot);
    return !this.#isComplete || ((this.#words[wordOf(slot)] ?? 0) & bits) === bits;
  }

  /** Reads on in what was in the table at the start. */
  read(): void {
    if (this.#isComplete) return;
    const from = [this.#topic, this.#slot];
    const slots = this.#db.values(`SELECT slot ${behind} LIMIT ?`, [...from, together]);
    for (const slot of slots) this.add(integer(slot));
    this.#isComplete = slots.length < together;
    if (this.#isComplete) return;
    this.#topic = integer(this.#db.value(`SELECT topic ${behind} LIMIT 1 OFFSET ?`, [...from, together - 1]));
    this.#slot = integer(slots.at(-1));
  }
}

const behind = 'FROM known WHERE (topic, slot) > (?, ?) ORDER BY topic, slot';

// A slot has 48 bits: 20 choose a word, 3 times 5 the bits in it.
const wordOf = (slot: number): number => (slot >>> 0) % words;
function bitsOf(slot: number): number {
  const high = Math.floor(slot / words);
  return (1 << (high & 31)) | (1 << ((high >>> 5) & 31)) | (1 << ((high >>> 10) & 31));
}
