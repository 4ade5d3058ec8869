/** An organisation made for a test: custodians with real keys, devices with real access keys, signed admission lists. */
import { encodeAdmission, joinAdmission } from '../../src/core/admission.ts';
import { type Genesis, genesis, orgOf, rootOf } from '../../src/core/genesis.ts';
import { domain, suite } from '../../src/core/label.ts';
import { loadSodium, sodium } from '../../src/core/sodium.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { encode } from '../../src/wire/cbor.ts';
import { type AccessKey, accessKey, type OrgId } from '../../src/wire/id.ts';

export interface TestDevice {
  readonly access: AccessKey;
  signAccess(parts: readonly Bytes[]): Bytes;
}
export interface ListOptions {
  readonly version?: number;
  readonly quotaBytes?: number;
  /** Positions of the custodians who sign; by default as many as are needed. */
  readonly signers?: readonly number[];
}
export interface TestOrg {
  readonly org: OrgId;
  readonly genesisBytes: Bytes;
  /** A signed admission list with these devices. */
  list(devices: readonly TestDevice[], options?: ListOptions): Bytes;
}

/** `seed`: 32 bytes, for a run that is to be the same again. */
export async function makeDevice(seed?: Bytes): Promise<TestDevice> {
  await loadSodium();
  const keys = seed === undefined ? sodium().crypto_sign_keypair() : sodium().crypto_sign_seed_keypair(seed);
  return {
    access: accessKey.of(keys.publicKey),
    signAccess: (parts) => sodium().crypto_sign_detached(domain('sign', 'access', ...parts), keys.privateKey),
  };
}

/** `random` gives seeds and salt, for a run that is to be the same again. */
export async function makeOrg(custodians = 3, threshold = 2, random?: (size: number) => Bytes): Promise<TestOrg> {
  await loadSodium();
  const randomBytes = random ?? ((size: number) => sodium().randombytes_buf(size));
  const keys = Array.from({ length: custodians }, () => sodium().crypto_sign_seed_keypair(randomBytes(32)));
  const root: Genesis = {
    suite,
    name: 'Test organisation',
    threshold,
    custodians: keys.map(({ publicKey }, i) => ({ name: `Custodian ${i + 1}`, key: publicKey })),
    salt: randomBytes(32),
  };
  const genesisBytes = encode(genesis, root);
  return {
    org: orgOf(genesisBytes),
    genesisBytes,
    list(devices, { version = 1, quotaBytes, signers = keys.slice(0, threshold).map((_, i) => i) } = {}) {
      const body = encodeAdmission({
        suite,
        root: rootOf(genesisBytes),
        version,
        issuedAtMs: 1_750_000_000_000,
        access: devices.map(({ access }) => access).sort(),
        ...(quotaBytes !== undefined && { quotaBytes }),
      });
      const signatures = signers.map((custodian) => {
        const key = keys[custodian];
        if (key === undefined) throw new Error('there is no such custodian');
        return {
          custodian,
          signature: sodium().crypto_sign_detached(domain('sign', 'admission', body), key.privateKey),
        };
      });
      return joinAdmission(body, signatures);
    },
  };
}
