/**
 * What is on its way to the disk: the bytes of each organisation, and the parcels that listeners were shown already.
 * Nothing stays here longer than its wave.
 */
import type { OrgId, TopicId } from '../src/wire/id.ts';
import type { Sent } from './batch.ts';

export class Afloat {
  readonly #bytes = new Map<OrgId, number>();
  readonly #shown = new Map<string, Sent[]>();

  bytesOf(org: OrgId): number {
    return this.#bytes.get(org) ?? 0;
  }

  /** Shown and not on disk yet, in order. */
  shown(org: OrgId, topic: TopicId): readonly Sent[] {
    return this.#shown.get(org + topic) ?? [];
  }

  add(sent: Sent): void {
    this.#bytes.set(sent.org, this.bytesOf(sent.org) + sent.size);
  }

  show(sent: Sent): void {
    const key = sent.org + sent.topic;
    const together = this.#shown.get(key);
    if (together === undefined) this.#shown.set(key, [sent]);
    else together.push(sent);
  }

  /** It is on disk, or lost. */
  sink(sent: Sent): void {
    this.#bytes.set(sent.org, this.bytesOf(sent.org) - sent.size);
    const key = sent.org + sent.topic;
    const together = this.#shown.get(key);
    const at = together?.indexOf(sent) ?? -1;
    if (at >= 0) together?.splice(at, 1);
    if (together?.length === 0) this.#shown.delete(key);
  }
}
