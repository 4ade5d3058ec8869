/** The README's first command, as a newcomer runs it, and what an auditor does with what it leaves behind. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { orgWords } from '../../src/core/words.ts';
import { checkPack } from '../../src/evidence/check.ts';
import { encodeFingerprints } from '../../src/evidence/fingerprint.ts';
import { readPack } from '../../src/evidence/folder.ts';
import { makeLogCheck } from '../../src/evidence/log.ts';
import { path } from '../../src/evidence/pack.ts';
import { encodeAllowedSigners } from '../../src/evidence/sshsig.ts';
import { type Bytes, utf8 } from '../../src/wire/bytes.ts';
import { orgId } from '../../src/wire/id.ts';
import { signAgain, signerOf } from '../kit/pack.ts';

const muster = join(import.meta.dirname, '../../bin/muster.js');
const out = mkdtempSync(join(tmpdir(), 'muster-out-'));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [muster, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const lastObject = (text: string): Record<string, unknown> =>
  JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('muster-demo-'));

let demo: Ran;
let pack: string;
let files: ReadonlyMap<string, Bytes>;
let org: string;
let before: readonly string[];

beforeAll(async () => {
  await loadSodium();
  before = leftovers();
  demo = await run('demo', '--json', '--out', out);
  const said = lastObject(demo.stdout);
  pack = String(said['pack']);
  org = String(said['organisation']);
  ({ files } = await readPack(pack));
}, 180_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const findingsOf = (changed: ReadonlyMap<string, Bytes>, fingerprint?: string) =>
  checkPack(changed, makeLogCheck(fingerprint));

describe('the demo', () => {
  it('says in one object what happened, and that nothing shown as sent was lost', () => {
    expect(demo.stderr).toContain('killed');
    expect(demo.code).toBe(0);
    expect(lastObject(demo.stdout)).toMatchObject({
      ok: true,
      figures: { members: 12, reached: 12, acknowledged: 11, silent: 1 },
      acknowledgedThenLost: 0,
      relayKilled: 'Tartu',
      verification: { intact: true },
      relayFiles: { found: [], findsPlanted: true },
    });
  });

  it('cleans up after itself', () => {
    expect(leftovers()).toEqual(before);
  });

  it('leaves a pack that muster verify accepts, with and without the fingerprint', async () => {
    const plain = await run('verify', pack, '--json');
    expect(plain.code).toBe(0);
    expect(lastObject(plain.stdout)).toMatchObject({ ok: true, findings: [] });
    expect((await run('verify', pack, '--org', org)).code).toBe(0);
  }, 60_000);
});

describe('a pack that was tampered with', () => {
  it('is refused whichever file a byte is changed in, naming the file', async () => {
    expect(await findingsOf(files)).toEqual([]);
    for (const [file, bytes] of files) {
      const places = new Set([
        0,
        1,
        bytes.length >> 2,
        bytes.length >> 1,
        (3 * bytes.length) >> 2,
        bytes.length - 2,
        bytes.length - 1,
      ]);
      for (const at of places) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
        const findings = await findingsOf(new Map([...files, [file, changed]]));
        expect(
          findings.map((each) => each.file),
          `${file} at ${at}`,
        ).toContain(file);
        expect(findings[0]?.text.length, `${file} at ${at}`).toBeGreaterThan(20);
      }
    }
  }, 120_000);

  it('is refused when a file is missing or one is added', async () => {
    for (const file of files.keys()) {
      const without = new Map(files);
      without.delete(file);
      expect(
        (await findingsOf(without)).map((each) => each.file),
        file,
      ).toContain(file);
    }
    expect(
      (await findingsOf(new Map([...files, ['notes.txt', new Uint8Array([65])]]))).map((each) => each.file),
    ).toContain('notes.txt');
  }, 120_000);

  it('is refused by the command with exit code 1, and what cannot be read with 2', async () => {
    const changedFile = join(pack, 'participants.csv');
    const original = files.get('participants.csv') ?? new Uint8Array();
    writeFileSync(changedFile, Buffer.concat([original, Buffer.from('P13,someone\n')]));
    const changed = await run('verify', pack, '--json');
    writeFileSync(changedFile, original);
    expect(changed.code).toBe(1);
    expect(lastObject(changed.stdout)).toMatchObject({
      ok: false,
      findings: [{ file: 'participants.csv', code: 'changed' }],
    });
    expect((await run('verify', join(out, 'no-such-pack'))).code).toBe(2);
    expect((await run('verify', pack)).code).toBe(0);
  }, 60_000);

  it('is refused when a stranger signs all of it again', async () => {
    const stranger = signerOf('stranger');
    const facts = {
      organisation: org,
      words: orgWords(orgId.parse(org)),
      principal: stranger.principal,
      signerPublicKey: stranger.publicKey,
    };
    const again = new Map(files)
      .set(path.signers, utf8(encodeAllowedSigners([{ principal: stranger.principal, publicKey: stranger.publicKey }])))
      .set(path.fingerprints, encodeFingerprints(facts));
    for (const fingerprint of [undefined, org]) {
      const findings = await findingsOf(signAgain(again, stranger), fingerprint);
      expect(findings.map(({ file, code }) => [file, code])).toContainEqual([path.signers, 'signers']);
    }
  });

  it('is refused when it is sound but of another organisation', async () => {
    const other = 'ab'.repeat(32);
    expect((await findingsOf(files, other)).map((each) => each.code)).toEqual(['organisation']);
    expect((await run('verify', pack, '--org', other)).code).toBe(1);
  }, 30_000);
});

describe('the demo, interrupted', () => {
  it('ends its processes and removes its files on Ctrl-C', async () => {
    const child = spawn(process.execPath, [muster, 'demo', '--json', '--out', join(out, 'interrupted')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('relays listen')) resolve();
      });
    });
    expect(leftovers().length).toBeGreaterThan(before.length);
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    expect(leftovers()).toEqual(before);
    expect(existsSync(join(out, 'interrupted'))).toBe(false);
  }, 60_000);
});
