/** The slots that passed lately, bounded: twice the number of a generation at most, half of it at least. */
const generationSlots = 16_384;

export class Recent {
  #now = new Set<number>();
  #before = new Set<number>();

  has(slot: number): boolean {
    return this.#now.has(slot) || this.#before.has(slot);
  }

  add(slot: number): void {
    this.#now.add(slot);
    if (this.#now.size < generationSlots) return;
    this.#before = this.#now;
    this.#now = new Set();
  }

  delete(slot: number): void {
    this.#now.delete(slot);
    this.#before.delete(slot);
  }
}
