/**
 * A short number for an envelope in its topic, to find out fast whether it may be there already. Two envelopes can
 * share one, so it decides nothing: whoever finds a slot taken compares the bytes.
 *
 * SHA-256 of Node and not the protocol's BLAKE2b, because the number never leaves the relay and Node's own code is
 * four times as fast. It is keyed, so that nobody can prepare envelopes that share a slot and have them compared.
 */
import { hash } from 'node:crypto';
import type { Bytes } from '../src/wire/bytes.ts';
import { limit } from '../src/wire/limit.ts';

const secretBytes = 32;
const topicBytes = 32;
const from = secretBytes + topicBytes;

export class Slots {
  readonly #scratch = Buffer.alloc(from + limit.envelopeBytes);

  constructor(secret: Bytes) {
    this.#scratch.set(secret.subarray(0, secretBytes));
  }

  /** For the calls of `slotOf` that follow. */
  enter(topic: Bytes): void {
    this.#scratch.set(topic, secretBytes);
  }

  /** 0 … 2^48 - 1. */
  slotOf(envelope: Bytes): number {
    this.#scratch.set(envelope, from);
    const digest = hash('sha256', this.#scratch.subarray(0, from + envelope.length), 'binary');
    let slot = 0;
    for (let i = 0; i < 6; i++) slot = slot * 256 + digest.charCodeAt(i);
    return slot;
  }
}
