import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSignKey } from '../../../src/core/key.ts';
import { Secret, sameSecret } from '../../../src/core/secret.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { findSecrets, printed } from '../../kit/leak.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const bytes = Uint8Array.from({ length: 32 }, (_, i) => 100 + i);

describe('a secret', () => {
  it('does not print, whichever way it is printed', () => {
    const secret = new Secret('epoch', bytes);
    const ways = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: { b: { c: secret } } }, { depth: null, showHidden: true }),
    ];
    for (const text of ways) {
      expect(text).toContain('[secret epoch]');
      expect(findSecrets(text, new Map([['it', bytes]]))).toEqual([]);
    }
    expect(Object.keys(secret)).toEqual(['kind']);
    expect(findSecrets(printed(Object.values({ ...secret })), new Map([['it', bytes]]))).toEqual([]);
    expect(findSecrets(printed(structuredClone(secret)), new Map([['it', bytes]]))).toEqual([]);
  });

  it('does not print as part of a key', () => {
    const key = makeSignKey(seeded(1));
    const seed = key.secret.open().subarray(0, 32);
    expect(findSecrets(printed(key), new Map([['seed', seed]]))).toEqual([]);
    // The search would have found it.
    expect(findSecrets(printed({ ...key, secret: key.secret.open() }), new Map([['seed', seed]]))).toEqual(['seed']);
  });

  it('is a copy of what it was made from, and gone after it is wiped', () => {
    const own = bytes.slice();
    const secret = new Secret('prekey', own);
    own.fill(0);
    expect(secret.open()).toEqual(bytes);
    secret.wipe();
    expect(secret.open()).toEqual(new Uint8Array(32));
  });

  it('is compared whole', () => {
    expect(sameSecret(bytes, bytes.slice())).toBe(true);
    expect(sameSecret(bytes, bytes.subarray(1))).toBe(false);
    for (let i = 0; i < bytes.length; i++)
      expect(
        sameSecret(
          bytes,
          bytes.map((byte, at) => (at === i ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
  });
});

it('the search finds bytes in every form they could be printed in', () => {
  const secrets = new Map([['it', bytes]]);
  const buffer = Buffer.from(bytes);
  const forms = [
    buffer.toString('hex'),
    buffer.toString('hex').toUpperCase(),
    buffer.toString('base64'),
    buffer.toString('base64url'),
    Buffer.concat([Buffer.from('x'), buffer]).toString('base64'),
    Buffer.concat([Buffer.from('xy'), buffer]).toString('base64'),
    JSON.stringify(buffer),
    JSON.stringify(bytes),
    inspect(bytes, { maxArrayLength: null }),
    inspect(buffer),
    inspect({ deep: [{ bytes }] }, { depth: null, maxArrayLength: null }),
    buffer.toString('latin1'),
  ];
  for (const form of forms) expect(findSecrets(`before ${form} after`, secrets), form).toEqual(['it']);
  expect(findSecrets(inspect(bytes.map((byte) => byte ^ 1)), secrets)).toEqual([]);
});
