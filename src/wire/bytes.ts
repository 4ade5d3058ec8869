/**
 * Bytes, hex and UTF-8: the leaf everyone may use. Decoders are strict: one text form for one value,
 * because a second form of the same bytes is a second name for the same thing.
 */
import { PeerFault } from './fault.ts';

export type Bytes = Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** Strict UTF-8; throws `PeerFault('malformed')` on anything else. */
export function fromUtf8(bytes: Bytes): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new PeerFault('malformed', 'a text is not valid UTF-8');
  }
}

export function concat(...parts: readonly Bytes[]): Bytes {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Not constant time: for public values only. Secrets are compared in `core/secret.ts`. */
export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function u32be(n: number): Bytes {
  return new Uint8Array([(n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff]);
}

export function u16be(n: number): Bytes {
  return new Uint8Array([(n >>> 8) & 0xff, n & 0xff]);
}

export function readU16be(bytes: Bytes, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readU32be(bytes: Bytes, at: number): number {
  return readU16be(bytes, at) * 0x10000 + readU16be(bytes, at + 2);
}

const digitCodes = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Characters made at once: as many as fit on the stack as arguments. */
const hexChunk = 512;

/** One flat text. Put together character by character it would be a tree, ten times as large, for as long as it is kept. */
export function hex(bytes: Bytes): string {
  let out = '';
  for (let from = 0; from < bytes.length; from += hexChunk) {
    const codes: number[] = [];
    for (const byte of bytes.subarray(from, from + hexChunk))
      codes.push(digitCodes[byte >> 4] ?? 0, digitCodes[byte & 15] ?? 0);
    out += String.fromCharCode(...codes);
  }
  return out;
}

/** The digit a character stands for, or -1. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x61 + 10 : -1;
}

/** Lower-case hex only, whole bytes only; throws `PeerFault('malformed')`. */
export function fromHex(text: string): Bytes {
  const out = new Uint8Array(text.length >> 1);
  let isHex = text.length % 2 === 0;
  for (let i = 0; i < out.length; i++) {
    const high = digitOf(text.charCodeAt(2 * i));
    const low = digitOf(text.charCodeAt(2 * i + 1));
    isHex &&= high >= 0 && low >= 0;
    out[i] = high * 16 + low;
  }
  if (!isHex) throw new PeerFault('malformed', 'not lower-case hexadecimal');
  return out;
}
