/**
 * What is on its way to the disk: the bytes of each organisation, and the parcels that listeners were shown already.
 * Nothing stays here longer than its wave.
 */
import { type OrgId, type TopicId, topicId } from '../src/wire/id.ts';
import type { Sent } from './batch.ts';
import type { RawPage } from './message.ts';
import { framed, type Parcel, parcelAfter } from './parcel.ts';
import type { Page } from './storage.ts';

export class Afloat {
  readonly #bytes = new Map<OrgId, number>();
  readonly #shown = new Map<OrgId, Map<TopicId, Sent[]>>();

  bytesOf(org: OrgId): number {
    return this.#bytes.get(org) ?? 0;
  }

  /** Shown and not on disk yet, in order. */
  shown(org: OrgId, topic: TopicId): readonly Sent[] {
    return this.#shown.get(org)?.get(topic) ?? [];
  }

  add(sent: Sent): void {
    this.#bytes.set(sent.org, this.bytesOf(sent.org) + sent.size);
  }

  show(sent: Sent): void {
    let topics = this.#shown.get(sent.org);
    if (topics === undefined) {
      topics = new Map();
      this.#shown.set(sent.org, topics);
    }
    const together = topics.get(sent.topic);
    if (together === undefined) topics.set(sent.topic, [sent]);
    else together.push(sent);
  }

  /** It is on disk, or lost. */
  sink(sent: Sent): void {
    this.#bytes.set(sent.org, this.bytesOf(sent.org) - sent.size);
    const topics = this.#shown.get(sent.org);
    const together = topics?.get(sent.topic);
    const at = together?.indexOf(sent) ?? -1;
    if (at >= 0) together?.splice(at, 1);
    if (together?.length === 0) topics?.delete(sent.topic);
  }
}

/** What the database found, and behind it what is on its way there; about `pageBytes` in all. */
export function joinPage(topic: TopicId, page: RawPage, afloat: readonly Sent[], pageBytes: number): Page {
  const { bytes, count, first, last, isLast, damagedTo } = page;
  const highest = Math.max(page.highest, afloat.at(-1)?.parcel.last ?? 0);
  const parcels: Parcel[] = count === 0 ? [] : [framed(topicId.bytes(topic), bytes, count, first, last)];
  let size = bytes.length;
  for (const { parcel } of isLast ? afloat : []) {
    const rest = parcelAfter(topic, parcel, last);
    if (rest === undefined) continue;
    if (parcels.length > 0 && size + rest.items.length > pageBytes)
      return { parcels, isLast: false, last: highest, damagedTo };
    parcels.push(rest);
    size += rest.items.length;
  }
  return { parcels, isLast, last: highest, damagedTo };
}
