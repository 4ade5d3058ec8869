/** A relay process holds no code that can decrypt: everything server/main.ts loads is walked and searched. */
import { expect, test } from 'vitest';
import { closeOver, readImports, readSources } from './kit.ts';
import { checkRelay, homes } from './rule.ts';

const sources = readSources('src', 'server');
const loaded = closeOver('server/main.ts', sources);

test('the relay loads its own files, wire and the public half of the core', () => {
  expect(loaded).toContain('server/main.ts');
  expect(loaded.some((path) => path.startsWith('src/wire/'))).toBe(true);
  expect(checkRelay(loaded, sources)).toEqual([]);
});

test('the relay loads no package that Muster decrypts with', () => {
  const packages = loaded.flatMap((path) => readImports(path, sources.get(path) ?? '')).map((each) => each.target);
  expect(packages.filter((each) => each.startsWith('libsodium'))).toEqual([]);
  expect(homes['libsodium-wrappers-sumo']).toEqual(['src/vault']);
});

test('a planted way to decrypt is found, however far away', () => {
  const planted = new Map([
    ['server/main.ts', `import './hub.ts';`],
    ['server/hub.ts', `import { open } from '../src/core/seal.ts';`],
    [
      'src/core/seal.ts',
      `import { sodium } from './sodium.ts'; export const open = sodium().crypto_secretbox_open_easy;`,
    ],
    ['src/core/sodium.ts', 'export const sodium = 1;'],
  ]);
  expect(checkRelay(closeOver('server/main.ts', planted), planted)).toEqual([
    'src/core/seal.ts is loaded by a relay',
    'src/core/seal.ts is loaded by a relay and names secretbox',
    'src/core/sodium.ts is loaded by a relay',
  ]);
  const inside = (text: string) => checkRelay(['server/a.ts'], new Map([['server/a.ts', text]]));
  expect(inside(`import { createDecipheriv } from 'node:crypto';`)).toHaveLength(1);
  expect(inside('sodium().crypto_aead_xchacha20poly1305_ietf_decrypt(x)')).toHaveLength(1);
  expect(inside('sodium().crypto_kem_xwing_dec(x)')).toHaveLength(1);
  expect(inside('sodium().crypto_box_seal_open(x)')).toHaveLength(1);
  expect(inside('store.append(topic, envelope) // opened once, cannot decrypt')).toEqual([]);
});
