/**
 * A small disk that can be filled and emptied under a running relay: a file system of its own where this machine lets
 * us mount one, else the limit that the kernel puts on the size of a process's files. The relay meets ENOSPC on the
 * one and EFBIG on the other; both are a write that the disk does not take.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { dropDataDir, makeDataDir } from './relay.ts';

export interface SmallDisk {
  readonly dataDir: string;
  readonly kind: 'mounted' | 'limited';
  /** From now on nothing more can be written. */
  fill(pid: number): void;
  free(pid: number): void;
  drop(): void;
}

export function makeSmallDisk(): SmallDisk {
  return tryMount() ?? limited();
}

/** A limit of the process alone: no byte may be written to any file. */
export const forbidWriting = (pid: number): void => setLimit(pid, '0:');
export const allowWriting = (pid: number): void => setLimit(pid, 'unlimited:');

const setLimit = (pid: number, soft: string): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}`], { stdio: 'ignore' });
};

function limited(): SmallDisk {
  const dataDir = makeDataDir();
  return { dataDir, kind: 'limited', fill: forbidWriting, free: allowWriting, drop: () => dropDataDir(dataDir) };
}

function tryMount(): SmallDisk | undefined {
  const place = makeDataDir();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', place], { stdio: 'ignore' });
  } catch {
    dropDataDir(place);
    return undefined;
  }
  const filler = join(place, 'filler');
  const dataDir = join(place, 'data');
  mkdirSync(dataDir);
  return {
    dataDir,
    kind: 'mounted',
    fill: () => fillUp(filler),
    free: () => rmSync(filler),
    drop() {
      execFileSync('umount', ['-l', place], { stdio: 'ignore' });
      dropDataDir(place);
    },
  };
}

function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const size of [65_536, 4096, 512]) writeUntilFull(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  for (;;) {
    try {
      writeSync(file, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}
