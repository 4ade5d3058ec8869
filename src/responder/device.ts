/** Making a device and letting it join: keys are made here, on the device, and only public halves leave. */
import { randomBytes } from 'node:crypto';
import { type Bundle, readBundle } from '../core/bundle.ts';
import { makeCertificate, makeDeviceKeys } from '../core/certificate.ts';
import { deviceOf } from '../core/id.ts';
import { encodeJoin } from '../core/join.ts';
import { makeSignKey, type Random, type SignKey } from '../core/key.ts';
import { makePrekey } from '../core/prekey.ts';
import { loadSodium } from '../core/sodium.ts';
import { checkNext } from '../core/succession.ts';
import { type StretchCost, usualCost } from '../vault/stretch.ts';
import { Vault } from '../vault/vault.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';

/** The prekey a list brings must outlive the list: it is how somebody who slept for months is found. */
const prekeyLifeMs = 400 * 86_400_000;

export const systemRandom: Random = (size) => new Uint8Array(randomBytes(size));

export interface MakeDevice {
  readonly dir: string;
  readonly passphrase: string;
  /** Key of the member's line in the contact file. */
  readonly handle: string;
  readonly name: string;
  readonly nowMs: number;
  readonly cost?: StretchCost;
}

/** Makes keys and a vault, and gives the join request to hand to a custodian. */
export async function makeDevice(facts: MakeDevice): Promise<Bytes> {
  await loadSodium();
  const identity = makeSignKey(systemRandom);
  const { ring, join } = makeKeys(facts.handle, identity, facts.name, facts.nowMs);
  const vault = await Vault.create(facts.dir, facts.passphrase, ring, facts.cost ?? usualCost, systemRandom);
  vault.close();
  return join;
}

/**
 * New keys for the device in this vault, under the same identity, and the join request that a custodian puts in the
 * place of the old one. It stays what it is until it takes in a list that names them: a device that was copied or put
 * back must not write any more, and is another one from then on.
 */
export function renewDevice(vault: Vault, name: string, nowMs: number): Bytes {
  const { handle, identity } = vault.readKeyring();
  const { ring, join } = makeKeys(handle, identity, name, nowMs);
  vault.putNextKeyring(ring);
  return join;
}

function makeKeys(handle: string, identity: SignKey, name: string, nowMs: number) {
  const keys = makeDeviceKeys(systemRandom);
  const certificate = makeCertificate(identity, keys, name, nowMs);
  const device = deviceOf(keys.sign.publicKey);
  const prekey = makePrekey(keys.sign, device, { seq: 0 }, { nowMs, forMs: prekeyLifeMs }, systemRandom);
  return {
    ring: { handle, identity, keys, certificate, prekeys: [prekey] },
    join: encodeJoin({ handle, identity: identity.publicKey, certificate, prekey: prekey.record }),
  };
}

/**
 * Puts a signed list into a vault. Throws `PeerFault`: `wrong-organisation` when the vault belongs to another,
 * `rolled-back` for a version older than the one held, `not-a-member` when this device is not on it; and what
 * reading it throws. `CallerFault('already-there')` for the version already held.
 */
export function installBundle(vault: Vault, bytes: Bytes): Bundle {
  const held = vault.readBundle();
  const current = held === undefined ? undefined : readBundle(held).list;
  const bundle = readBundle(bytes, current?.org);
  if (current !== undefined) checkNext(current, bundle.list);
  const next = vault.readNextKeyring();
  if (next !== undefined && bundle.list.devices.has(next.device.id)) {
    vault.putBundleAsNext(bundle.list.version, bytes);
    return bundle;
  }
  if (!bundle.list.devices.has(vault.readKeyring().device.id)) {
    throw new PeerFault('not-a-member', 'This muster list does not name this device. Ask a custodian to add it.');
  }
  vault.putBundle(bundle.list.version, bytes);
  return bundle;
}
