/** What comes out of the heap is in order of time, and of two of one time the first that went in. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../../kit/heap.ts';

it('gives back what is due first, whatever came in which order', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), (operations) => {
      const heap = new Heap<{ readonly atMs: number; readonly order: number }>();
      const model: { readonly atMs: number; readonly order: number }[] = [];
      for (const [order, atMs] of operations.entries()) {
        if (atMs === null) expect(heap.pop()).toEqual(model.shift());
        else {
          heap.push({ atMs, order });
          model.push({ atMs, order });
          model.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        }
        expect(heap.peek()).toEqual(model[0]);
      }
    }),
  );
});
