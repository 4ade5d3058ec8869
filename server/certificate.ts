/**
 * The relay's TLS key and certificate, made by itself at first start. Devices trust the key by its hash, which
 * stands in the signed muster list; names, dates and issuers in the certificate mean nothing to them.
 *
 * The key must never leave the data directory, and is never made anew while one is there: a new key is a new
 * relay, and every muster list would have to be signed again.
 */
import { createHash, createPublicKey, webcrypto } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Broken } from '../src/wire/fault.ts';
import { type RelayId, relayId } from '../src/wire/id.ts';

export interface Identity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the public key's SubjectPublicKeyInfo. */
  readonly pin: RelayId;
}

const validYears = 20; // longer than any muster list; rotation is a decision, not an expiry

/** Reads or makes key and certificate in the data directory. Throws `Broken`. */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const keyPath = join(dataDir, 'key.pem');
  const certificatePath = join(dataDir, 'certificate.pem');
  const keyPem = readIfThere(keyPath);
  const certificatePem = readIfThere(certificatePath);
  if (keyPem !== undefined && certificatePem !== undefined)
    return { keyPem, certificatePem, pin: pinOf(keyPem, certificatePem) };
  if (keyPem !== undefined)
    throw new Broken('corrupt', 'the relay has a key but no certificate; restore certificate.pem beside it');
  const made = await make();
  // The certificate first: if we stop in between there is no key yet, and both are made again.
  writeWhole(certificatePath, made.certificatePem, 0o644);
  writeWhole(keyPath, made.keyPem, 0o600);
  return { ...made, pin: pinOf(made.keyPem, made.certificatePem) };
}

/** Writes a file so that after a crash there is either all of it or none of it. */
export function writeWhole(path: string, text: string, mode: number): void {
  const file = openSync(`${path}.new`, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

/** Text of a file, or undefined if there is none; other failures are thrown as `Broken('io')`. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Broken('io', 'a file in the data directory cannot be read; check its owner and mode', { cause });
  }
}

function pinOf(keyPem: string, certificatePem: string): RelayId {
  const spki = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'der' });
  try {
    const certified = spki(certificatePem);
    if (!certified.equals(spki(keyPem))) throw new Error('another key');
    return relayId.of(createHash('sha256').update(certified).digest());
  } catch (cause) {
    throw new Broken('corrupt', 'key.pem and certificate.pem in the data directory do not belong together', { cause });
  }
}

async function make(): Promise<{ keyPem: string; certificatePem: string }> {
  // Loaded only here: it costs more than the whole start of a relay that has its certificate already.
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date();
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=muster relay',
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`;
  return { keyPem, certificatePem: `${certificate.toString('pem')}\n` };
}
