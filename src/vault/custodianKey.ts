/**
 * A custodian's signing key as a file of its own, locked like a vault (lock.ts): a random key sealed by the
 * passphrase, and under it the secret. Beside it goes the public half, which is all the organisation is founded on.
 * The secret must never be written in any other form, and leaves this file only as a `SignKey`.
 */
import { z } from 'zod';
import { open, seal } from '../core/aead.ts';
import type { CustodianPublic } from '../core/custodian.ts';
import { makeSignKey, type Random, restoreSignKey, type SignKey } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import { equal, fromHex, hex, utf8 } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { lockKey, lockList, unlockKey } from './lock.ts';
import type { StretchCost } from './stretch.ts';

const name = z.string().trim().min(1).max(120);
const publicKey = z.string().regex(/^[0-9a-f]{64}$/);
const publicShape = z.strictObject({
  kind: z.literal('muster-custodian'),
  version: z.literal(1),
  name,
  key: publicKey,
});
const secretShape = z.strictObject({
  kind: z.literal('muster-custodian-key'),
  version: z.literal(1),
  name,
  key: publicKey,
  locks: lockList,
  sealedSecret: z.string().regex(/^[0-9a-f]{272}$/),
});

export interface CustodianFiles {
  /** For the custodian alone. */
  readonly secretFile: string;
  /** For whoever founds the organisation. */
  readonly publicFile: string;
}

/** Makes a key. Throws what stretching a passphrase throws. */
export async function makeCustodianKey(
  custodian: string,
  passphrase: string,
  cost: StretchCost,
  random: Random,
): Promise<CustodianFiles> {
  const signKey = makeSignKey(random);
  const key = new Secret('vault', random(32));
  const facts = { version: 1 as const, name: custodian, key: hex(signKey.publicKey) };
  const locks = await lockKey(passphrase, key, cost, random);
  const sealedSecret = hex(seal(key.open(), contextOf(facts), signKey.secret.open(), random));
  key.wipe();
  signKey.secret.wipe();
  return {
    secretFile: write({ kind: 'muster-custodian-key', ...facts, locks, sealedSecret }),
    publicFile: write({ kind: 'muster-custodian', ...facts }),
  };
}

/** Throws `CallerFault('wrong-passphrase')`, `PeerFault('malformed')` when it is no such file or was altered. */
export async function openCustodianKey(
  text: string,
  passphrase: string,
): Promise<{ readonly name: string; readonly signKey: SignKey }> {
  const file = read(secretShape, text, 'a custodian key (FILE.key)');
  const key = await unlockKey(file.locks, passphrase, 'custodian key');
  if (key === undefined) throw new PeerFault('malformed', 'the custodian key has no lock');
  try {
    const signKey = restoreSignKey(open(key.open(), contextOf(file), fromHex(file.sealedSecret)));
    if (!equal(signKey.publicKey, fromHex(file.key)))
      throw new PeerFault('bad-commitment', 'the custodian key was altered');
    return { name: file.name, signKey };
  } finally {
    key.wipe();
  }
}

/** The name and the public key, from either of the two files, and which it is. Throws `PeerFault('malformed')`. */
export function readCustodianPublic(text: string): CustodianPublic & { readonly isSecret: boolean } {
  const file = read(z.union([publicShape, secretShape]), text, 'a custodian’s public key (FILE.pub)');
  return { name: file.name, key: fromHex(file.key), isSecret: file.kind === 'muster-custodian-key' };
}

const write = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

function read<T>(shape: z.ZodType<T>, text: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PeerFault('malformed', `this is not ${what}`);
  }
  const found = shape.safeParse(json);
  if (!found.success) throw new PeerFault('malformed', `this is not ${what}`);
  return found.data;
}

/** Name and public key are bound to the secret, so that a key cannot be passed off as another custodian's. */
const contextOf = (facts: { readonly name: string; readonly key: string }) =>
  utf8(`muster custodian key ${facts.key} ${facts.name}`);
