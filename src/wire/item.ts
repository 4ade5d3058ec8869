/**
 * CBOR data items as bytes (RFC 8949 section 3): heads in their shortest form, and what follows them. What may stand
 * where is cbor.ts. A length from outside is not trusted before the bytes are there.
 */
import type { Bytes } from './bytes.ts';
import { CallerFault, PeerFault } from './fault.ts';

export const malformed = (what: string) => new PeerFault('malformed', `not canonical: ${what}`);
export const misfit = (what: string) => new CallerFault('invalid', `cannot encode: ${what}`);

export const UINT = 0;
export const NINT = 1;
export const BSTR = 2;
export const TSTR = 3;
export const ARRAY = 4;
export const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;

export class Reader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed('ends too early');
    this.#at += 1;
    return byte;
  }

  /** The argument of a head of the given major type, minimal form only. */
  head(major: number): number {
    const first = this.#next();
    if (first >> 5 !== major) throw malformed('another type was expected');
    const info = first & 0x1f;
    if (info < 24) return info;
    if (info > 27) throw malformed('indefinite or reserved length');
    const size = 1 << (info - 24);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#next();
    if (value > Number.MAX_SAFE_INTEGER) throw malformed('an integer is too large');
    const least = size === 1 ? 24 : 256 ** (size / 2);
    if (value < least) throw malformed('a length is not in its shortest form');
    return value;
  }

  take(size: number): Bytes {
    if (size > this.#bytes.length - this.#at) throw malformed('ends too early');
    const out = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return out;
  }

  bool(): boolean {
    const byte = this.#next();
    if (byte === TRUE) return true;
    if (byte === FALSE) return false;
    throw malformed('true or false was expected');
  }

  /** Major type of the next item, without taking it. */
  peekMajor(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed('ends too early');
    return byte >> 5;
  }
}

export class Writer {
  #bytes = new Uint8Array(256);
  #at = 0;

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + size));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }

  head(major: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw misfit('an integer out of range');
    this.#room(9);
    const top = major << 5;
    if (value < 24) {
      this.#bytes[this.#at++] = top | value;
      return;
    }
    const info = value < 0x100 ? 24 : value < 0x10000 ? 25 : value < 0x100000000 ? 26 : 27;
    this.#bytes[this.#at++] = top | info;
    if (info === 27) this.#uint(Math.floor(value / 0x100000000), 4);
    this.#uint(value, Math.min(4, 1 << (info - 24)));
  }

  #uint(value: number, size: number): void {
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.#bytes[this.#at++] = value >>> shift;
  }

  raw(bytes: Bytes): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  bool(value: boolean): void {
    this.#room(1);
    this.#bytes[this.#at++] = value ? TRUE : FALSE;
  }

  done(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }
}
