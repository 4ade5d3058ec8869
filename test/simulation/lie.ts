/** What a relay that lies makes of the frames it has for one device. Each lie has its own chance, from its place in the plan. */
import type { RelayFrame } from '../../src/wire/frame.ts';
import { seeded } from '../kit/random.ts';
import type { Lie } from './type.ts';

type Deliver = Extract<RelayFrame, { readonly type: 'deliver' }>;

/** Frames it remembers to bring again. */
const remembered = 24;

export class Liar {
  readonly #how: Lie;
  readonly #random: ReturnType<typeof seeded>;
  readonly #before: RelayFrame[] = [];

  constructor(how: Lie, seed: number) {
    this.#how = how;
    this.#random = seeded(seed);
  }

  tell(frame: RelayFrame): readonly RelayFrame[] {
    if (frame.type === 'appended' || this.#pick(3) === 0) return [frame];
    const old = this.#before[this.#pick(this.#before.length)];
    this.#before.push(frame);
    if (this.#before.length > remembered) this.#before.shift();
    switch (this.#how) {
      case 'drop':
        return [];
      case 'replay':
        return old === undefined ? [frame] : [frame, old];
      case 'swap':
        return 'topic' in frame && old !== undefined && 'topic' in old && old.topic !== undefined
          ? [{ ...frame, topic: old.topic } as RelayFrame]
          : [frame];
      case 'forge':
        return [this.#forge(frame)];
      case 'equivocate':
        return frame.type === 'deliver' ? [this.#another(frame, old)] : [frame];
      default:
        return this.#how satisfies never;
    }
  }

  #forge(frame: RelayFrame): RelayFrame {
    const move = [-3, -1, 1, 2, 1_000, 2 ** 40][this.#pick(6)] ?? 0;
    const off = [0, -86_400_000, 86_400_000 * 300][this.#pick(3)] ?? 0;
    if (frame.type === 'live') return { ...frame, upTo: Math.max(0, frame.upTo + move) };
    if (frame.type !== 'deliver') return frame;
    return {
      ...frame,
      items: frame.items.map(
        ([offset, atMs, bytes]) => [Math.max(1, offset + move), Math.max(0, atMs + off), bytes] as const,
      ),
    };
  }

  /** Other envelopes in the same places, or the same in other places. */
  #another(frame: Deliver, old: RelayFrame | undefined): RelayFrame {
    const [first] = frame.items;
    if (old?.type === 'deliver' && old.topic === frame.topic && first !== undefined)
      return { ...frame, items: old.items.map(([, , bytes], i) => [first[0] + i, first[1], bytes] as const) };
    const bytes = frame.items.map(([, , each]) => each).reverse();
    return {
      ...frame,
      items: frame.items.map(([offset, atMs, each], i) => [offset, atMs, bytes[i] ?? each] as const),
    };
  }

  #pick = (count: number): number => Math.floor(this.#random.next() * count);
}
