/** A file cut into chunks as a sender cuts it. */
import {
  type Chunk,
  chunkBytes,
  type FileFacts,
  type FileIndex,
  leafOf,
  makeIndex,
} from '../../src/core/attachment.ts';
import type { Random } from '../../src/core/key.ts';

export interface CutFile {
  readonly facts: FileFacts;
  readonly index: FileIndex;
  /** The index first: the place of each is its number. */
  readonly chunks: readonly Chunk[];
}

export function cutFile(text: Uint8Array, random: Random): CutFile {
  const salt = random(16);
  const chunks: Chunk[] = [];
  for (let at = 0; at < text.length; at += chunkBytes)
    chunks.push({ number: chunks.length + 1, bytes: text.slice(at, at + chunkBytes) });
  const { file, index } = makeIndex(
    salt,
    text.length,
    chunks.map((chunk) => leafOf(salt, chunk)),
  );
  return {
    facts: { file, salt, key: random(32), size: text.length },
    index,
    chunks: [{ number: 0, bytes: index.leaves }, ...chunks],
  };
}
