/**
 * A backup: a folder with a copy of the store, the relay's key, and a list of hashes that is written last. Without the
 * list it is no backup, so one that was cut short is never restored.
 *
 * The copy of the store is made by the process that has it open, into the data folder; what carries it elsewhere is the
 * operator's command. So a relay that may write nowhere but its own folder can be backed up anywhere, and no path ever
 * comes over the control socket.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Broken, CallerFault, Fault, PeerFault, Refused } from '../src/wire/fault.ts';
import { identityFiles, readIdentity } from './certificate.ts';
import { configFile } from './config.ts';
import { makeFolder, syncFolder, writeWhole } from './file.ts';
import { cardFile, placeFile } from './place.ts';
import type { Store } from './storage.ts';

export const storeFile = 'relay.db';
const copyFile = 'copy.db';
const listFile = 'backup.json';

/** The store first, the key last: a restore that was cut short leaves no relay that could start without its store. */
const files: readonly string[] = [storeFile, placeFile, configFile, cardFile, ...identityFiles.toReversed()];

const list = z.object({
  /** Milliseconds since 1970. */
  madeAtMs: z.number(),
  /** SHA-256 by name. */
  files: z.record(z.string(), z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});

/** Makes `copy.db` in the data folder, one at a time. Throws `Refused('busy' | 'disk')`. */
export function copier(store: Store, dataDir: string): () => Promise<void> {
  let isCopying = false;
  return async () => {
    if (isCopying) throw new Refused('busy', 'another backup of this relay is being made');
    isCopying = true;
    try {
      dropCopy(dataDir);
      await store.backup(join(dataDir, copyFile));
    } finally {
      isCopying = false;
    }
  };
}

/** The copy, and what is left of one that was killed: a whole store's worth of disk. */
export function dropCopy(dataDir: string): void {
  for (const name of [copyFile, `${copyFile}.part`]) rmSync(join(dataDir, name), { force: true });
}

/**
 * Carries the copy and what belongs to it to `folder`, which must not exist. Throws `CallerFault`, `Refused('disk')`,
 * `Broken('corrupt')`.
 */
export function writeBackup(dataDir: string, folder: string, nowMs: number): void {
  readIdentity(dataDir); // a key and a certificate that do not belong together could not be restored
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if (existsSync(folder))
      throw new CallerFault(
        'already-there',
        'The backup is there already and is never written over. Choose another name.',
      );
    throw new CallerFault(
      'not-allowed',
      'The backup cannot be written there. Check that its folder is there and yours.',
      {
        cause,
      },
    );
  }
  const hashes: Record<string, string> = {};
  try {
    for (const name of files) {
      const source = join(dataDir, name === storeFile ? copyFile : name);
      if (existsSync(source)) hashes[name] = copyFileWhole(source, join(folder, name));
    }
    writeWhole(join(folder, listFile), `${JSON.stringify({ madeAtMs: nowMs, files: hashes }, null, 2)}\n`, 0o600);
  } catch (cause) {
    throw new Refused('disk', 'The backup could not be written whole. Remove what is there of it, and make room.', {
      cause,
    });
  }
}

/**
 * Makes a data folder out of a backup. Throws `CallerFault` for a folder that holds something, `PeerFault('malformed')`
 * for a backup that is not what its list says; nothing is left behind then.
 */
export function restoreBackup(folder: string, dataDir: string): { readonly madeAtMs: number } {
  const { madeAtMs, files: hashes } = readList(folder);
  if (hashes[storeFile] === undefined || Object.keys(hashes).some((name) => !files.includes(name)))
    throw new PeerFault('malformed', `The backup is damaged: its ${listFile} names other files than a relay has.`);
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw new CallerFault('already-there', 'There is something in that data folder already. Restore into a new one.');
  const isOurs = !existsSync(dataDir);
  makeFolder(dataDir);
  const written: string[] = [];
  try {
    for (const name of files) {
      const expected = hashes[name];
      if (expected === undefined) continue;
      written.push(name);
      if (copyFileWhole(join(folder, name), join(dataDir, name)) !== expected)
        throw new PeerFault(
          'malformed',
          `The backup is damaged: ${name} is not what was written. Nothing was restored.`,
        );
    }
    readIdentity(dataDir); // key and certificate belong together
    syncFolder(dataDir);
    return { madeAtMs };
  } catch (cause) {
    for (const name of written) rmSync(join(dataDir, name), { force: true });
    if (isOurs) rmSync(dataDir, { recursive: true, force: true });
    if (cause instanceof Fault) throw cause;
    throw new Broken('io', 'The backup could not be restored: a file of it is missing, or the disk takes no more.', {
      cause,
    });
  }
}

function readList(folder: string): z.output<typeof list> {
  let text: string;
  try {
    text = readFileSync(join(folder, listFile), 'utf8');
  } catch (cause) {
    throw new CallerFault(
      'not-found',
      `That is no backup of a relay: there is no ${listFile} in it, or it was cut short.`,
      {
        cause,
      },
    );
  }
  try {
    return list.parse(JSON.parse(text));
  } catch (cause) {
    throw new PeerFault('malformed', `The backup is damaged: its ${listFile} cannot be read. Nothing was restored.`, {
      cause,
    });
  }
}

const pieceBytes = 1024 * 1024;

/** Copies in pieces, for a store may be larger than memory; on disk when it returns its SHA-256. For the owner alone. */
function copyFileWhole(from: string, to: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(pieceBytes);
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'wx', 0o600);
    try {
      for (;;) {
        const size = readSync(source, piece);
        if (size === 0) break;
        hash.update(piece.subarray(0, size));
        for (let at = 0; at < size; ) at += writeSync(target, piece, at, size - at);
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
  return hash.digest('hex');
}
