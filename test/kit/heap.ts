/** What is due next, of many: a binary heap by time, then by the order in which it was put in. */

interface Timed {
  readonly atMs: number;
  readonly order: number;
}

const isBefore = (a: Timed, b: Timed): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class Heap<T extends Timed> {
  readonly #items: T[] = [];

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = items[above];
      if (other === undefined || !isBefore(item, other)) break;
      items[at] = other;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, two] = [items[left], items[left + 1]];
      if (one === undefined) break;
      const [below, child] = two !== undefined && isBefore(two, one) ? [left + 1, two] : [left, one];
      if (!isBefore(child, last)) break;
      items[at] = child;
      at = below;
    }
    items[at] = last;
    return first;
  }
}
