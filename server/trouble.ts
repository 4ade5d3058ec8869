/** What keeps the store from writing, in words for whoever asks how the relay is, and whether it can pass by itself. */
import { Broken, Fault, Refused } from '../src/wire/fault.ts';

export class Trouble {
  #text: string | undefined;
  #lasting: Fault | undefined;

  get text(): string | undefined {
    return this.#text;
  }

  /** Set when trying again makes no sense: what to answer instead. */
  get lasting(): Fault | undefined {
    return this.#lasting;
  }

  /** What a call that failed says about the store. */
  note(fault: unknown): void {
    if (this.#lasting !== undefined || !(fault instanceof Fault)) return;
    if (fault.code === 'corrupt') {
      this.#lasting = new Refused('disk', 'the relay database is damaged', { cause: fault });
      this.#text =
        'the database is damaged; what can be read is still served, nothing is stored; restore a backup, or move the file away and start again';
    } else if (fault.code === 'disk') {
      this.#text = 'the last write to the database failed';
    }
  }

  /** A write went well. */
  pass(): void {
    if (this.#lasting === undefined) this.#text = undefined;
  }

  fall(): void {
    this.#text = 'the store stopped by itself and is started again';
  }

  stop(): void {
    this.#lasting = new Broken('broken', 'the store stopped');
    this.#text = 'the store stopped by itself; nothing is stored until the relay is started again';
  }
}
