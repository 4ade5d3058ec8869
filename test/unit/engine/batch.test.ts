import { describe, expect, it } from 'vitest';
import { batchesOf } from '../../../src/engine/batch.ts';

const split = (sizes: readonly number[], items: number, bytes: number) =>
  batchesOf(sizes, (size) => size, { items, bytes });

describe('batches', () => {
  it('leaves out nothing that is larger than the bound, and takes nothing along with it', () => {
    expect(split([9, 1, 1, 9, 9], 10, 4)).toEqual([[9], [1, 1], [9], [9]]);
  });

  it('makes none of nothing', () => {
    expect(split([], 10, 4)).toEqual([]);
  });

  it('keeps to both bounds, up to and with them', () => {
    expect(split([2, 2, 1], 10, 4)).toEqual([[2, 2], [1]]);
    expect(split([0, 0, 0, 0, 0], 2, 4)).toEqual([[0, 0], [0, 0], [0]]);
  });
});
