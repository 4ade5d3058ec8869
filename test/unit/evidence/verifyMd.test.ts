import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writePack } from '../../../src/evidence/folder.ts';
import { path } from '../../../src/evidence/pack.ts';
import { sshFingerprint } from '../../../src/evidence/sshsig.ts';
import { type Bytes, fromUtf8 } from '../../../src/wire/bytes.ts';
import { altered, director, flip, samplePack } from '../../kit/pack.ts';
import { inBash } from '../../kit/sshKeygen.ts';

let pack: ReadonlyMap<string, Bytes>;
let folder: string;
let commands: readonly string[];

async function put(files: ReadonlyMap<string, Bytes>): Promise<void> {
  folder = join(mkdtempSync(join(tmpdir(), 'muster-verify-')), 'pack');
  await writePack(folder, files);
}

beforeAll(async () => {
  pack = await samplePack();
  commands = [...fromUtf8(pack.get(path.verify) ?? new Uint8Array()).matchAll(/```bash\n([\s\S]*?)\n```/g)].map(
    ([, command = '']) => command,
  );
});
beforeEach(() => put(pack));

const run = (index: number) => inBash(commands[index] ?? 'false', folder);

describe('the commands of VERIFY.md', () => {
  it('are four, and all succeed on a pack as it was made', () => {
    expect(commands).toHaveLength(4);
    const [key, signature, files, beside] = [run(0), run(1), run(2), run(3)];
    expect([key, signature, files, beside].map((ran) => ran.status)).toEqual([0, 0, 0, 0]);
    expect(key.stdout).toContain(sshFingerprint(director.publicKey));
    expect(signature.stdout).toContain('Good "drill-evidence@muster" signature for director-P01');
    expect(files.stdout).toBe('all files are as signed\n');
    expect(beside.stdout).toBe('');
  });

  it('find a changed list and a changed signature', async () => {
    for (const file of [path.manifest, path.signature]) {
      await put(altered(pack, file, flip(90)));
      expect(run(1).status).not.toBe(0);
    }
  });

  it('find any changed file and any missing one', async () => {
    for (const file of pack.keys()) {
      if (file === path.manifest || file === path.signature) continue;
      await put(altered(pack, file, flip(7)));
      const ran = run(2);
      expect(ran.status).not.toBe(0);
      expect(ran.stdout).toContain(`${file}: FAILED`);
    }
    rmSync(join(folder, path.report));
    expect(run(2).status).not.toBe(0);
  });

  it('find a line added to the list', () => {
    writeFileSync(join(folder, path.manifest), `${fromUtf8(pack.get(path.manifest) ?? new Uint8Array())}nonsense\n`);
    expect(run(2).status).not.toBe(0);
  });

  it('find files and links beside the list, even one named almost like it', () => {
    writeFileSync(join(folder, 'acks', 'extra.json'), '');
    writeFileSync(join(folder, 'SHA256SUMS-sig'), '');
    symlinkSync('report.json', join(folder, 'link'));
    const { status, stdout } = run(3);
    expect(status).not.toBe(0);
    for (const name of ['acks/extra.json', 'SHA256SUMS-sig', 'link']) expect(stdout).toContain(`> ${name}`);
    expect(existsSync(join(folder, 'link'))).toBe(true);
  });
});
