import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readPack, writePack } from '../../../src/evidence/folder.ts';
import { utf8 } from '../../../src/wire/bytes.ts';

const files = new Map([
  ['a.txt', utf8('a')],
  ['b/c.txt', utf8('c')],
]);
let above: string;
let folder: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'muster-folder-'));
  folder = join(above, 'pack');
});

describe('a folder', () => {
  it('comes back as it was written, for its owner alone, with nothing left beside it', async () => {
    await writePack(folder, files);
    expect(await readPack(folder)).toEqual({ files, oddities: [] });
    expect(readdirSync(above)).toEqual(['pack']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'b', 'c.txt')).mode & 0o777).toBe(0o600);
  });

  it('is never written over', async () => {
    mkdirSync(folder);
    await expect(writePack(folder, files)).rejects.toMatchObject({ code: 'already-there' });
  });

  it.each(['../a', '/a', 'a/../b', '.a', 'a b', ''])('is not written with a file named %j', async (name) => {
    await expect(writePack(folder, new Map([[name, utf8('x')]]))).rejects.toMatchObject({ code: 'invalid' });
    expect(readdirSync(above)).toEqual([]);
  });

  it('leaves nothing behind when it cannot be written', async () => {
    const clash = new Map([
      ['a', utf8('x')],
      ['a/b', utf8('y')],
    ]);
    await expect(writePack(folder, clash)).rejects.toMatchObject({ code: 'io' });
    expect(readdirSync(above)).toEqual([]);
  });

  it('is named as missing, or as no folder', async () => {
    await expect(readPack(folder)).rejects.toMatchObject({ side: 'caller', code: 'not-found' });
    writeFileSync(folder, 'x');
    await expect(readPack(folder)).rejects.toMatchObject({ side: 'caller', code: 'invalid' });
    await expect(readPack(join(folder, 'x'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('names links, pipes, odd names and giants, and opens none of them', async () => {
    await writePack(folder, files);
    symlinkSync('a.txt', join(folder, 'link'));
    symlinkSync('/', join(folder, 'way-out'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    writeFileSync(join(folder, '.hidden'), '');
    writeFileSync(join(folder, 'a\u001b[31m'), '');
    mkdirSync(join(folder, 'two words'));
    writeFileSync(join(folder, 'giant'), '');
    truncateSync(join(folder, 'giant'), 64 * 1024 * 1024 + 1);
    const read = await readPack(folder);
    expect(read.files).toEqual(files);
    expect(read.oddities.map((each) => each.file).sort()).toEqual([
      '.hidden',
      'a?[31m',
      'giant',
      'link',
      'pipe',
      'two words',
      'way-out',
    ]);
    expect(new Set(read.oddities.map((each) => each.code))).toEqual(new Set(['odd']));
  });
});
