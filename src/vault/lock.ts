/**
 * How the vault is locked: the database key is random and stands in `vault.json` sealed under the key of each lock.
 * This version has one kind of lock, a passphrase; another kind is another entry in `locks`.
 */
import { z } from 'zod';
import { open, seal } from '../core/aead.ts';
import type { Random } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import { fromHex, hex, utf8 } from '../wire/bytes.ts';
import { Broken, CallerFault, PeerFault } from '../wire/fault.ts';
import { leastCost, mostCost, type StretchCost, stretch } from './stretch.ts';

const shape = z.strictObject({
  version: z.literal(1),
  locks: z
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
    .max(8),
});
type Lock = z.infer<typeof shape>['locks'][number];

/** The file's text for a new database key locked by a passphrase. */
export async function makeLocks(passphrase: string, key: Secret<'vault'>, cost: StretchCost, random: Random): Promise<string> {
  const salt = random(16);
  const lockKey = await stretch(passphrase, salt, cost);
  const facts = { kind: 'passphrase' as const, salt: hex(salt), ...cost };
  const sealedKey = hex(seal(lockKey.open(), contextOf(facts), key.open(), random));
  lockKey.wipe();
  return `${JSON.stringify({ version: 1, locks: [{ ...facts, sealedKey }] }, null, 2)}\n`;
}

/** Throws `CallerFault('wrong-passphrase')`, or `Broken('corrupt')` when the file is not one of ours. */
export async function openLocks(text: string, passphrase: string): Promise<Secret<'vault'>> {
  const lock = readLocks(text)[0];
  if (lock === undefined) throw damaged();
  const lockKey = await stretch(passphrase, fromHex(lock.salt), { passes: lock.passes, memoryBytes: lock.memoryBytes });
  try {
    return new Secret('vault', open(lockKey.open(), contextOf(lock), fromHex(lock.sealedKey)));
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    throw new CallerFault('wrong-passphrase', 'This passphrase does not open this device. Nothing was changed; try again.');
  } finally {
    lockKey.wipe();
  }
}

function readLocks(text: string): readonly Lock[] {
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

const damaged = () => new Broken('corrupt', 'vault.json is damaged or from another version. Put back a copy of it; without it the vault cannot be opened.');

/** Everything about the lock is bound to the sealed key, so that none of it can be weakened unseen. */
const contextOf = (lock: { readonly kind: string; readonly salt: string; readonly passes: number; readonly memoryBytes: number }) =>
  utf8(`muster vault lock ${lock.kind} ${lock.salt} ${lock.passes} ${lock.memoryBytes}`);
