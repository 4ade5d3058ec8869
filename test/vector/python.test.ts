/** The second verifier, in Python and made from docs/protocol.md alone, comes to the same on every vector. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { altered, flip, samplePack } from '../kit/pack.ts';

const script = fileURLToPath(new URL('../python/run.py', import.meta.url));
const data = new URL('./data/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'muster-python-'));
const needs =
  'import sys; assert sys.version_info >= (3, 10); import cryptography.hazmat.primitives.asymmetric.ed25519';

function python(...words: string[]): { readonly status: number | null; readonly text: string } {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const ran = spawnSync('python3', words, { encoding: 'utf8', timeout: 60_000, env });
  return { status: ran.status, text: `${ran.stdout}${ran.stderr}` };
}

const findPython = (): boolean => python('-c', needs).status === 0;

beforeAll(loadSodium);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, files: ReadonlyMap<string, Uint8Array | string>): string {
  for (const [path, bytes] of files) {
    const target = join(folder, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  return join(folder, name);
}

if (findPython()) {
  it('agrees on every vector', { timeout: 60_000 }, () => {
    const { status, text } = python(script);
    expect(text).toMatch(/in all: \d{4,} agreed, 0 disagreed/);
    expect(status, text).toBe(0);
  });

  it('says so where a vector is not what it comes to', { timeout: 60_000 }, () => {
    const genesis = readFileSync(new URL('genesis.json', data), 'utf8');
    const wrong = write('wrong', new Map([['genesis.json', genesis.replace('"unknown-suite"', '"malformed"')]]));
    const { status, text } = python(script, wrong);
    expect(text).toContain('suite 2: malformed in the vector, unknown-suite here');
    expect(status).toBe(1);
  });

  it('checks signature and sums of a pack, and sees what was altered', { timeout: 60_000 }, async () => {
    const pack = await samplePack();
    const whole = python(script, 'pack', write('whole', pack));
    expect(whole.text).toContain('ok: SHA256SUMS is signed by the key of');
    expect(whole.text).toMatch(/ok: \d+ files are as signed, and none is beside them/);
    const other = python(script, 'pack', write('other', altered(pack, 'report.json', flip(0))));
    expect(other.text).toContain('report.json was changed');
    expect(other.status).toBe(1);
    const unsigned = python(script, 'pack', write('unsigned', altered(pack, 'SHA256SUMS', flip(0))));
    expect(unsigned.text).toContain('WRONG: signature');
  });
} else {
  it('second verifier not run: no python3 (3.10 or newer) with cryptography', () => {
    console.info('second verifier not run: no python3 with cryptography; install both to run it');
    expect(python('--version').status === 0 && python('-c', needs).status === 0).toBe(false);
  });
}
