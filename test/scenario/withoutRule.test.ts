/**
 * Rules R1 to R8 of the study (docs/protocol.md section 4.10), each attacked twice: as the program is, and in a copy
 * with that rule taken out. The first must fail and the second must work, or the test would prove nothing of the rule.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Copy, copyWith, type Edit, replaceOnce } from '../kit/copy.ts';
import { type Siege, siege } from '../kit/siege.ts';
import { attacks } from './rule/attacks.ts';

const copies: Copy[] = [];

beforeAll(async () => {
  mkdirSync(join(import.meta.dirname, '../../test-results'), { recursive: true });
  await siege.loadSodium();
});
afterAll(() => {
  for (const copy of copies) copy.remove();
});

async function load(name: string, edits: readonly Edit[]): Promise<Siege> {
  const copy = copyWith(name, edits);
  copies.push(copy);
  const altered = (await import(join(copy.dir, 'test/kit/siege.ts'))) as { readonly siege: Siege };
  await altered.siege.loadSodium();
  return altered.siege;
}

describe.each(attacks)('$rule $name', ({ rule, edits, attack }) => {
  it('holds', () => {
    expect(attack(siege)).toBe(false);
  });

  it('is what holds: without it the attack works', async () => {
    expect(attack(await load(rule, edits))).toBe(true);
  });
});

it('an edit that finds nothing, or finds it twice, is an error', () => {
  const edit = { file: 'a.ts', from: 'x', to: 'y' };
  expect(replaceOnce('axb', edit)).toBe('ayb');
  expect(() => replaceOnce('ab', edit)).toThrow('0 times');
  expect(() => replaceOnce('axbx', edit)).toThrow('2 times');
});
