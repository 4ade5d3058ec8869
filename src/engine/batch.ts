/** Many things that go out in few frames or packets. Never takes one apart, and never leaves one out for its size. */

/** At most this many of them, and this many bytes: of a larger one, that one alone. */
export interface Bound {
  readonly items: number;
  readonly bytes: number;
}

/** The same items, in order, in runs that keep to the bound. No run is empty. */
export function batchesOf<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  bound: Bound,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let last: T[] = [];
  let size = 0;
  for (const item of items) {
    const more = sizeOf(item);
    if (batches.length === 0 || last.length === bound.items || size + more > bound.bytes) {
      last = [];
      size = 0;
      batches.push(last);
    }
    last.push(item);
    size += more;
  }
  return batches;
}
