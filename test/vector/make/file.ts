/** Chunks of attachments: what is sealed, under which nonce and topic, and what must never be. */
import {
  type Chunk,
  chunkBytes,
  type FileFacts,
  type FileIndex,
  fileTopic,
  sealChunk,
} from '../../../src/core/attachment.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import { hex } from '../../../src/wire/bytes.ts';
import { cutFile } from '../../kit/file.ts';
import type { Input, Vector } from '../subject.ts';
import { bad, flip, ok, runs, type Scene } from './scene.ts';

/** Runs of one byte each, so that 64 KiB fit a line. */
const textOf = (size: number, byte: number) => new Uint8Array(size).fill(byte);

export function fileVectors({ random }: Scene): readonly Vector[] {
  const long = cutFile(new Uint8Array([...textOf(chunkBytes, 0x61), ...textOf(9, 0x62)]), random);
  const empty = cutFile(new Uint8Array(), random);
  const [index, first, last] = long.chunks;
  const [none] = empty.chunks;
  if (index === undefined || first === undefined || last === undefined || none === undefined)
    throw new Error('two chunks were cut');
  const input = (facts: FileFacts, { leaves }: FileIndex, { number, bytes }: Chunk): Input => ({
    file: facts.file,
    salt: hex(facts.salt),
    key: hex(facts.key),
    size: facts.size,
    index: hex(leaves),
    number,
    bytes: bytes.length > 1000 ? runs([bytes.subarray(0, 1), bytes.length]) : hex(bytes),
  });
  const good = (name: string, of: typeof long, chunk: Chunk) => {
    const envelope = sealChunk(of.facts, of.index, chunk);
    const output = { topic: fileTopic(of.facts), header: envelope.subarray(0, 6), nonce: envelope.subarray(6, 30) };
    return ok(name, input(of.facts, of.index, chunk), { ...output, envelope: idOfEnvelope(envelope) });
  };
  const wrong = (name: string, expect: string, chunk: Chunk, facts: Partial<FileFacts> = {}, from = long) =>
    bad(name, expect, input({ ...long.facts, ...facts }, from.index, chunk));
  return [
    good('the index', long, index),
    good('the first chunk', long, first),
    good('the last chunk, padded like the others', long, last),
    good('the index of an empty file', empty, none),
    wrong('a chunk with one bit changed', 'bad-signature', { number: 2, bytes: flip(last.bytes, 0) }),
    wrong('a chunk under another number', 'bad-signature', { number: 1, bytes: first.bytes.map(() => 0x62) }),
    wrong('a chunk that is too short', 'malformed', { number: 2, bytes: last.bytes.subarray(1) }),
    wrong('a chunk beyond the end', 'malformed', { number: 3, bytes: last.bytes }),
    wrong('an index with a leaf too few', 'malformed', { number: 0, bytes: index.bytes.subarray(32) }),
    wrong('an index with one bit changed', 'bad-signature', { number: 0, bytes: flip(index.bytes, 3) }),
    wrong('the index, and another salt', 'bad-signature', index, { salt: random(16) }),
    wrong('the index, and a size that is a byte too large', 'bad-signature', index, { size: long.facts.size + 1 }),
    wrong('the index, and a size of a chunk less', 'malformed', index, { size: chunkBytes }),
  ];
}
