/**
 * The slots that passed lately. A table that is written over: it forgets, it never grows, and it costs nothing to keep.
 * What it forgot is shown to listeners once more when it comes again; devices drop it.
 */
const size = 65_536;

export class Recent {
  readonly #slots = new Float64Array(size).fill(-1);

  has(slot: number): boolean {
    return this.#slots[slot % size] === slot;
  }

  add(slot: number): void {
    this.#slots[slot % size] = slot;
  }

  delete(slot: number): void {
    if (this.has(slot)) this.#slots[slot % size] = -1;
  }
}
