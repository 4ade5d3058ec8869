/**
 * Gives out offsets, each once in the life of a store, whatever crashes in between: those above `given` may not be used
 * before a higher `given` is on disk, and a start begins above the one it finds there.
 *
 * They are microseconds that this store has run, counted on where envelopes come faster: so they tell a device nothing
 * of what others send here.
 */

/** Set aside on disk at a time: a quarter of an hour, or as many envelopes. */
const atOnce = 2 ** 30;

export class Offsets {
  readonly #startAt: number;
  readonly #startMs = performance.now();
  #given: number;
  #last: number;

  /** `given`: every offset of an earlier run is at most this. */
  constructor(given: number) {
    this.#startAt = given;
    this.#given = given;
    this.#last = given;
  }

  /** The first of `count` offsets in a row; undefined when so many are not set aside. */
  take(count: number): number | undefined {
    const now = this.#now();
    const first = now > this.#last && now + count < this.#given ? now : this.#last + 1;
    if (count > 0 && first + count > this.#given) return undefined;
    this.#last = first + count - 1;
    return first;
  }

  /** They run short: what to put on disk next. */
  get wanted(): number | undefined {
    return this.#given - Math.max(this.#last, this.#now()) < atOnce / 2 ? this.next : undefined;
  }

  get next(): number {
    return Math.max(this.#given, this.#now()) + atOnce;
  }

  /** It is on disk. */
  set(given: number): void {
    this.#given = Math.max(this.#given, given);
  }

  #now(): number {
    return this.#startAt + Math.floor((performance.now() - this.#startMs) * 1000);
  }
}
