/**
 * What a relay lost when it was put back, and nobody can know. Who is told less than before sees it and brings what it keeps;
 * where others appended beyond that before anybody was told who keeps what was lost, nobody is any more
 * (docs/threat-model.md), so it is not claimed to be there.
 */
import type { EntryId } from '../../src/core/id.ts';
import type { TopicId } from '../../src/wire/id.ts';
import type { Watched } from '../kit/upheavalWatch.ts';
import type { World } from '../kit/world.ts';
import type { Stored, WorldRelay } from '../kit/worldRelay.ts';

export class Overtaken {
  /** By relay and topic, what no device keeps that was told less there than before. */
  readonly #lost = new Map<string, Stored[]>();

  constructor(world: World) {
    const before = world.onStep;
    world.onStep = (device, state, event, args, made) => {
      before?.(device, state, event, args, made);
      if (event.type !== 'frame' || event.frame.type !== 'live') return;
      const { topic, upTo } = event.frame;
      const cursor = state.relays.get(event.relay)?.cursors.get(topic) ?? 0;
      if (upTo >= cursor) return;
      const key = `${event.relay} ${topic}`;
      this.#lost.set(
        key,
        (this.#lost.get(key) ?? []).filter(({ id }) => !device.vault.shelf.has(id)),
      );
    };
  }

  /** Puts a relay back to what it had then. */
  rollBack(relay: WorldRelay, toMs: number): void {
    const before = new Map([...relay.topics].map(([topic, stored]): [TopicId, Stored[]] => [topic, [...stored]]));
    relay.rollBack(toMs);
    for (const [topic, stored] of before) {
      const key = `${relay.id} ${topic}`;
      const left = relay.topics.get(topic) ?? [];
      this.#lost.set(key, [...(this.#lost.get(key) ?? []), ...stored.filter((each) => !left.includes(each))]);
    }
  }

  /** Entries of which that is so at this relay. */
  entriesAt(relay: WorldRelay, { parcels }: Watched): ReadonlySet<EntryId> {
    const lost = [...this.#lost].flatMap(([key, stored]) => (key.startsWith(`${relay.id} `) ? stored : []));
    return new Set(lost.flatMap(({ id }) => parcels.get(id)?.entry?.id ?? []));
  }
}
