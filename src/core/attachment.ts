/**
 * Attachments (docs/protocol.md section 4.10): a file is cut into chunks that travel on a topic of their own, each
 * sealed with the file's key, each checked by itself against what the signed entry names.
 *
 *   leaf   = H("file-chunk", salt, u32 number, bytes)          numbers from 1
 *   index  = leaf 1 ‖ leaf 2 ‖ …                               chunk number 0
 *   file   = H("file", salt, u32 size, index)
 *   header = suite ‖ 0x03 ‖ u32 number
 *   envelope = header ‖ aead(key, nonce = KDF(key, "file-nonce", file, u32 number), aad = header, pad(bytes))
 *
 * The nonce is not chance: under one (file, number) there is one text, because the file's id covers every byte of it.
 * So whoever has the file makes the same envelopes, and a relay keeps each once. It also means that nothing may ever be
 * sealed that was not checked first: a changed text under the same nonce would give both away.
 */
import { type Bytes, concat, equal, readU32be, u32be, utf8 } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { type TopicId, topicId } from '../wire/id.ts';
import { open, seal, sealOverhead } from './aead.ts';
import { type FileId, fileId } from './id.ts';
import { derive } from './key.ts';
import { suite } from './label.ts';
import { pad, unpad } from './padding.ts';
import { hash } from './verify.ts';

/** 100 MB: photographs, logs and a disk's memory in parts, not the disk. */
export const maxFileBytes = 100 * 1024 * 1024;
export const maxFileNameBytes = 255;
/** With the four bytes of its length 64 KiB, so that all chunks of all files look the same to a relay. */
export const chunkBytes = 65_532;
const PADDED = 65_536;
const TYPE = 3;
const HEADER = 2 + 4;
const LEAF = 32;
/** Every chunk has this size, also the last one and the index. */
export const chunkEnvelopeBytes: number = HEADER + sealOverhead + PADDED;

/** What the signed entry says that the chunks rest on. */
export interface FileFacts {
  readonly file: FileId;
  /** 16 bytes, so that the id confirms no guess at what a file holds. */
  readonly salt: Bytes;
  readonly key: Bytes;
  readonly size: number;
}

/** Number 0 is the index. */
export interface Chunk {
  readonly number: number;
  readonly bytes: Bytes;
}

/** All leaves of a file. Only `readIndex` and `makeIndex` make one. */
export interface FileIndex {
  readonly leaves: Bytes;
}

/** Chunks of a file of this size, without the index: numbers 1 up to and with this. */
export const countChunks = (size: number): number => Math.ceil(size / chunkBytes);

/** Bytes in the chunk of this number. */
export const sizeOfChunk = (size: number, number: number): number =>
  number === 0 ? countChunks(size) * LEAF : Math.min(chunkBytes, size - (number - 1) * chunkBytes);

/** Where the chunks of a file are: follows from its key, so a relay cannot tell which room it is of. */
export const fileTopic = ({ key, file }: Pick<FileFacts, 'key' | 'file'>): TopicId =>
  topicId.of(derive(key, 'topic-file', 32, fileId.bytes(file)));

export const leafOf = (salt: Bytes, { number, bytes }: Chunk): Bytes => hash('file-chunk', salt, u32be(number), bytes);

/** From the leaves of all chunks, in order. */
export function makeIndex(salt: Bytes, size: number, leaves: readonly Bytes[]): { file: FileId; index: FileIndex } {
  const joined = concat(...leaves);
  return { file: idOf(salt, size, joined), index: { leaves: joined } };
}

const idOf = (salt: Bytes, size: number, leaves: Bytes): FileId => fileId.of(hash('file', salt, u32be(size), leaves));

/** Throws `PeerFault`: `malformed` (not as many leaves as the size has chunks), `bad-signature` (of another file). */
export function readIndex({ file, salt, size }: FileFacts, bytes: Bytes): FileIndex {
  if (bytes.length !== sizeOfChunk(size, 0)) throw new PeerFault('malformed', 'an index that does not fit its file');
  if (idOf(salt, size, bytes) !== file) throw new PeerFault('bad-signature', 'an index of another file');
  return { leaves: bytes.slice() };
}

/** Throws `PeerFault`: `malformed` (no such number, or not its size), `bad-signature` (not what the index names). */
export function checkChunk({ salt, size }: FileFacts, { leaves }: FileIndex, chunk: Chunk): void {
  const { number, bytes } = chunk;
  if (number < 1 || number > countChunks(size) || bytes.length !== sizeOfChunk(size, number))
    throw new PeerFault('malformed', 'a chunk that does not fit its file');
  if (!equal(leafOf(salt, chunk), leaves.subarray((number - 1) * LEAF, number * LEAF)))
    throw new PeerFault('bad-signature', 'a chunk is not what the entry of its file names');
}

/** The one envelope of this chunk. Checks it first; throws as `checkChunk`, and for number 0 as `readIndex`. */
export function sealChunk(facts: FileFacts, index: FileIndex, chunk: Chunk): Bytes {
  if (chunk.number === 0) readIndex(facts, chunk.bytes);
  else checkChunk(facts, index, chunk);
  const header = concat(new Uint8Array([suite, TYPE]), u32be(chunk.number));
  const nonce = derive(facts.key, 'file-nonce', 24, fileId.bytes(facts.file), u32be(chunk.number));
  return concat(
    header,
    seal(facts.key, header, pad(chunk.bytes, PADDED), () => nonce),
  );
}

/**
 * Opens an envelope of this file's topic. What is in it is still to be checked, with `readIndex` or `checkChunk`: all
 * who may read the file have its key. Throws `PeerFault`: `malformed`, `unknown-suite`, and what `open` and `unpad` throw.
 */
export function openChunk({ key, size }: FileFacts, envelope: Bytes): Chunk {
  if (envelope[0] !== suite) throw new PeerFault('unknown-suite', 'a chunk of an unknown suite');
  if (envelope[1] !== TYPE || envelope.length !== chunkEnvelopeBytes) throw new PeerFault('malformed', 'not a chunk');
  const number = readU32be(envelope, 2);
  // Before anything is decrypted: 2^32 numbers would be 2^32 texts to look at.
  if (number > countChunks(size)) throw new PeerFault('malformed', 'a chunk beyond the end of its file');
  const bytes = unpad(open(key, envelope.subarray(0, HEADER), envelope.subarray(HEADER)), PADDED);
  return { number, bytes };
}

/** `1.2 MB`: in thousands, as a file manager shows it. */
export function sizeWords(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 999_950 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** Names that some system takes for a device, whatever their ending. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A file's name as it may be shown and offered for saving: its last part, without what turns the direction of text, hides
 * or steers (an override of direction makes a program read as a picture), never `..`, hidden, or empty.
 */
export function cleanFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, '_').replace(/^[\s.]+|[\s.]+$/gu, '');
  if (plain === '') return 'file';
  return reserved.test(plain) ? `_${plain}` : plain;
}

/** The same, as it may be sent: cut where it is too long. */
export function fileNameFor(name: string): string {
  let kept = '';
  let size = 0;
  for (const character of cleanFileName(name)) {
    size += utf8(character).length;
    if (size > maxFileNameBytes) break;
    kept += character;
  }
  return kept;
}
