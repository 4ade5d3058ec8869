/**
 * What the relay counts while it works, told to whoever wants to know. Totals only: no address, no device and no
 * topic ever passes here, so whatever is made of it can be shown to anybody.
 *
 * A meter is called on the path of every append. It must not throw, wait or allocate much.
 */
import type { RefusalCode } from '../src/wire/frame.ts';

export interface Meter {
  /** Stored and acknowledged. Repeats of what is kept already are not among them. */
  appended(envelopes: number, bytes: number): void;
  /** One commit, from handing it to the disk until it is safe there. */
  committed(seconds: number): void;
  refused(code: RefusalCode): void;
}

export const quietMeter: Meter = { appended: () => undefined, committed: () => undefined, refused: () => undefined };
