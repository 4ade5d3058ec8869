/**
 * Secrets in a box that does not print: String(), JSON, inspect and template literals all show only what kind of
 * secret it is. The bytes come out through `open()` alone, so every use can be found by that one word.
 */
import type { Bytes } from '../wire/bytes.ts';
import { sodium } from './sodium.ts';

export type SecretKind = 'sign' | 'prekey' | 'pair' | 'epoch' | 'rendezvous' | 'vault' | 'proxy';

export class Secret<K extends SecretKind = SecretKind> {
  readonly kind: K;
  readonly #bytes: Bytes;

  /** Takes a copy: views into larger buffers would keep those alive, and callers may wipe theirs. */
  constructor(kind: K, bytes: Bytes) {
    this.kind = kind;
    this.#bytes = bytes.slice();
  }

  /** The bytes themselves, not a copy. Never log, keep or hand them on. */
  open(): Bytes {
    return this.#bytes;
  }

  /** Overwrites the bytes. JavaScript may have made copies we cannot reach; docs/threat-model.md says so. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return `[secret ${this.kind}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Constant-time comparison for values an attacker may guess at. */
export function sameSecret(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && sodium().memcmp(a, b);
}
