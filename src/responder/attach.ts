/**
 * Files in and out of the vault: read in from a path a person gives, saved to a path a person gives, piece by piece. No
 * copy of a file lies anywhere else on this machine, and what is saved is whole and checked or is not there.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type Chunk,
  checkChunk,
  chunkBytes,
  cleanFileName,
  countChunks,
  type FileIndex,
  leafOf,
  makeIndex,
  maxFileBytes,
  readIndex,
  sizeWords,
} from '../core/attachment.ts';
import type { EntryId, FileId, RoomId } from '../core/id.ts';
import type { CommandResult } from '../engine/event.ts';
import { maxFilesBytes } from '../engine/file.ts';
import type { Given, Outgoing, Pieces } from '../ipc/given.ts';
import { isWhole, type KeptFile } from '../vault/files.ts';
import type { Vault } from '../vault/vault.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault, Fault, PeerFault, Refused } from '../wire/fault.ts';
import { systemRandom } from './device.ts';
import type { Responder } from './responder.ts';
import { writeNew } from './write.ts';

/** Chunks in one transaction: a megabyte of memory, and few waits for the disk. */
const chunksAtOnce = 16;

interface TakenIn {
  readonly file: FileId;
  readonly salt: Bytes;
  readonly size: number;
}

/**
 * Reads a file in and tells the room of it; it goes to relays from then on. `progress`: bytes read. Throws `CallerFault`:
 * `invalid` (too large), `locked`; `Refused('quota')`; what `pieces` throws, and what the engine does. Nothing is kept then.
 */
export async function sendGiven(
  device: Responder,
  room: RoomId,
  { name, size, pieces }: Given,
  progress: (bytes: number) => void = () => undefined,
): Promise<CommandResult> {
  if (size > maxFileBytes)
    throw new CallerFault('invalid', `${name} is too large: ${size} bytes, and a file may have ${maxFileBytes}.`);
  if (device.state.fileBytes + size > maxFilesBytes)
    throw new Refused(
      'quota',
      `The files on this device have ${sizeWords(device.state.fileBytes)} already. Drop some of them first; nothing was sent.`,
    );
  const { vault } = device;
  const intake = vault.beginIntake();
  let isTold = false;
  try {
    const keep = (chunks: readonly Chunk[]) => {
      if (device.isOver) throw new CallerFault('locked', 'This device was locked meanwhile. Nothing was sent.');
      vault.putIntake(intake, chunks);
    };
    const taken = await takeIn(pieces, keep, progress);
    vault.endIntake(intake, taken.file, taken.index.leaves);
    const { file, salt } = taken;
    const result = await device.command({ type: 'send-file', room, file, salt, size: taken.size, name });
    isTold = true;
    return result;
  } finally {
    if (!isTold && !device.isOver) vault.dropIntake(intake);
  }
}

/** The same from a path. Throws besides `CallerFault`: `not-found`, `not-allowed`, `invalid` (no file, changed meanwhile). */
export async function sendFile(
  device: Responder,
  room: RoomId,
  path: string,
  progress?: (bytes: number) => void,
): Promise<CommandResult> {
  const name = basename(path);
  const handle = await openPlain(path, name);
  try {
    const { size } = await handle.stat();
    return await sendGiven(device, room, { name, size, pieces: piecesIn(handle, name) }, progress);
  } finally {
    await handle.close();
  }
}

async function openPlain(path: string, name: string): Promise<FileHandle> {
  try {
    // Before it is opened: to open a pipe would wait for ever.
    if (!(await stat(path)).isFile()) throw new CallerFault('invalid', `${name} is not a file.`);
    return await open(path, 'r');
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new CallerFault('not-found', `There is no file ${name}. Check the name.`, { cause });
    throw new CallerFault('not-allowed', `${name} cannot be read. Check that you may open it.`, { cause });
  }
}

/** What is in a file, if it stays as it is while it is read. */
async function* piecesIn(handle: FileHandle, name: string): AsyncGenerator<Bytes> {
  const before = await handle.stat({ bigint: true });
  let size = 0;
  for (;;) {
    const piece = new Uint8Array(chunkBytes);
    const { bytesRead } = await handle.read(piece, 0, piece.length, size);
    size += bytesRead;
    if (bytesRead === 0 || size > maxFileBytes) break;
    yield piece.subarray(0, bytesRead);
  }
  const after = await handle.stat({ bigint: true });
  if (BigInt(size) !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs)
    throw new CallerFault(
      'invalid',
      `${name} changed while it was read. Nothing was sent; close what writes to it, or send a copy.`,
    );
}

/** Cuts a file as it comes. What is kept is what was hashed. */
async function takeIn(
  pieces: Pieces,
  keep: (chunks: readonly Chunk[]) => void,
  progress: (bytes: number) => void,
): Promise<TakenIn & { readonly index: FileIndex }> {
  const salt = systemRandom(16);
  const leaves: Bytes[] = [];
  let waiting: Chunk[] = [];
  let size = 0;
  const store = () => {
    keep(waiting);
    waiting = [];
    progress(size);
  };
  for await (const bytes of wholeChunks(pieces)) {
    const chunk = { number: leaves.length + 1, bytes };
    size += bytes.length;
    leaves.push(leafOf(salt, chunk));
    waiting.push(chunk);
    if (waiting.length === chunksAtOnce) store();
  }
  store();
  return { ...makeIndex(salt, size, leaves), salt, size };
}

/** However it came, in whole chunks and what is left. */
async function* wholeChunks(pieces: Pieces): AsyncGenerator<Bytes> {
  let chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  for await (const piece of pieces)
    for (let from = 0; from < piece.length; ) {
      const part = piece.subarray(from, from + chunkBytes - filled);
      chunk.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < chunkBytes) continue;
      yield chunk;
      chunk = new Uint8Array(chunkBytes);
      filled = 0;
    }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** A file as it is kept. Throws `CallerFault('not-found')`. */
export function keptFile(vault: Vault, room: RoomId, entry: EntryId): KeptFile {
  const kept = vault.fileOf(room, entry);
  if (kept === undefined) throw new CallerFault('not-found', 'There is no such file in this room.');
  return kept;
}

/** Begins to fetch a file, or to bring it to relays again. Rejects as `command` does, and with `CallerFault('not-found')`. */
export async function moveFile(
  device: Responder,
  type: 'fetch-file' | 'offer-file',
  room: RoomId,
  entry: EntryId,
): Promise<CommandResult> {
  const { facts, name } = keptFile(device.vault, room, entry);
  const here = new Set(device.vault.chunkNumbers(facts.file));
  return device.command({ type, room, entry, known: { ...facts, name }, here });
}

/** A file as it is kept, piece by piece, each checked. Throws `CallerFault`: `not-found`, `not-allowed` (not whole here). */
export function openFile(vault: Vault, room: RoomId, entry: EntryId): Outgoing {
  const kept = keptFile(vault, room, entry);
  if (!isWhole(kept))
    throw new CallerFault('not-allowed', 'This file is not whole on this device yet. Fetch it first.');
  return { name: cleanFileName(kept.name), pieces: piecesOf(vault, kept) };
}

/** Writes a file out. Throws as `openFile` and `writeNew` do, and `Broken('corrupt')`. */
export async function saveFile(vault: Vault, room: RoomId, entry: EntryId, path: string): Promise<void> {
  await writeNew(path, openFile(vault, room, entry).pieces);
}

function* piecesOf(vault: Vault, { facts }: KeptFile): Generator<Bytes> {
  try {
    const [first] = vault.chunksOf(facts.file, 0, 1);
    const index = readIndex(facts, first ?? new Uint8Array());
    for (let number = 1; number <= countChunks(facts.size); number++) {
      const [bytes] = vault.chunksOf(facts.file, number, 1);
      const chunk = { number, bytes: bytes ?? new Uint8Array() };
      checkChunk(facts, index, chunk);
      yield chunk.bytes;
    }
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    throw new Broken('corrupt', 'This file is damaged on this device. Drop it and fetch it again.', { cause });
  }
}
