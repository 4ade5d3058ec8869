/**
 * Files that cross the window: one that a person gave to it, and one that they take out of it. Bytes come in pieces, and
 * neither side ever learns a path of the other's.
 */
import { z } from 'zod';
import { CallerFault } from '../wire/fault.ts';
import { maxGivenBytes } from './limit.ts';

/** What a window says of a file before its bytes. */
export const facts = z.strictObject({ name: z.string().min(1).max(1024), size: z.int().min(0).max(maxGivenBytes) });

export type Pieces = AsyncIterable<Uint8Array>;

export interface Given {
  readonly name: string;
  /** Bytes. `pieces` gives exactly so many, or throws. */
  readonly size: number;
  readonly pieces: Pieces;
}

export interface Outgoing {
  /** Fit to be the name of a file on any system. */
  readonly name: string;
  readonly pieces: Pieces | Iterable<Uint8Array>;
}

/** Holds what comes to what was said of it. */
export async function* measured(size: number, pieces: Pieces): AsyncGenerator<Uint8Array> {
  let rest = size;
  for await (const piece of pieces) {
    rest -= piece.length;
    if (rest < 0) break;
    yield piece;
  }
  if (rest !== 0)
    throw new CallerFault(
      'invalid',
      'The file changed while it was read, or was not read to its end. Close what writes to it, or use a copy of it.',
    );
}
