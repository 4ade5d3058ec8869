/**
 * How a secret at rest is locked: its key is random and stands in a JSON file sealed under the key of each lock.
 * This version has one kind of lock, a passphrase; another kind is another entry in `locks`. The vault's database
 * (`vault.json`) and a custodian's key (custodianKey.ts) are locked by the same code.
 */
import { z } from 'zod';
import { open, seal } from '../core/aead.ts';
import type { Random } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import { fromHex, hex, utf8 } from '../wire/bytes.ts';
import { Broken, CallerFault, PeerFault } from '../wire/fault.ts';
import { leastCost, mostCost, type StretchCost, stretch } from './stretch.ts';

/** The locks of one secret: any of them opens it. */
export const lockList = z
  .array(
    z.strictObject({
      kind: z.literal('passphrase'),
      salt: z.string().regex(/^[0-9a-f]{32}$/),
      passes: z.int().min(leastCost.passes).max(mostCost.passes),
      memoryBytes: z.int().min(leastCost.memoryBytes).max(mostCost.memoryBytes),
      sealedKey: z.string().regex(/^[0-9a-f]{208}$/),
    }),
  )
  .min(1)
  .max(8);
export type Locks = z.infer<typeof lockList>;
type Lock = Locks[number];

const shape = z.strictObject({ version: z.literal(1), locks: lockList });

/** A 32-byte key locked by a passphrase. */
export async function lockKey(
  passphrase: string,
  key: Secret<'vault'>,
  cost: StretchCost,
  random: Random,
): Promise<Locks> {
  const salt = random(16);
  const stretched = await stretch(passphrase, salt, cost);
  const facts = { kind: 'passphrase' as const, salt: hex(salt), ...cost };
  const sealedKey = hex(seal(stretched.open(), contextOf(facts), key.open(), random));
  stretched.wipe();
  return [{ ...facts, sealedKey }];
}

/** Throws `CallerFault('wrong-passphrase')`; `undefined` when there is no lock to try. */
export async function unlockKey(locks: Locks, passphrase: string, what: string): Promise<Secret<'vault'> | undefined> {
  const lock = locks[0];
  if (lock === undefined) return undefined;
  const { passes, memoryBytes } = lock;
  const stretched = await stretch(passphrase, fromHex(lock.salt), { passes, memoryBytes });
  try {
    return new Secret('vault', open(stretched.open(), contextOf(lock), fromHex(lock.sealedKey)));
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    throw new CallerFault(
      'wrong-passphrase',
      `This passphrase does not open this ${what}. Nothing was changed; try again.`,
    );
  } finally {
    stretched.wipe();
  }
}

/** The text of `vault.json` for a new database key locked by a passphrase. */
export async function makeLocks(
  passphrase: string,
  key: Secret<'vault'>,
  cost: StretchCost,
  random: Random,
): Promise<string> {
  const locks = await lockKey(passphrase, key, cost, random);
  return `${JSON.stringify({ version: 1, locks }, null, 2)}\n`;
}

/** Throws `CallerFault('wrong-passphrase')`, or `Broken('corrupt')` when the file is not one of ours. */
export async function openLocks(text: string, passphrase: string): Promise<Secret<'vault'>> {
  const key = await unlockKey(readLocks(text), passphrase, 'device');
  if (key === undefined) throw damaged();
  return key;
}

function readLocks(text: string): Locks {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged();
  }
  const read = shape.safeParse(json);
  if (!read.success) throw damaged();
  return read.data.locks;
}

const damaged = () =>
  new Broken(
    'corrupt',
    'vault.json is damaged or from another version. Put back a copy of it; without it the vault cannot be opened.',
  );

/** Everything about the lock is bound to the sealed key, so that none of it can be weakened unseen. */
const contextOf = (lock: Omit<Lock, 'sealedKey'>) =>
  utf8(`muster vault lock ${lock.kind} ${lock.salt} ${lock.passes} ${lock.memoryBytes}`);
