/**
 * The relay's TLS key and certificate, made by itself at first start. Devices trust the key by its hash, which
 * stands in the signed muster list; names, dates and issuers in the certificate mean nothing to them.
 *
 * The key must never leave the data directory but in a backup, and is never made anew while one is there: a new key
 * is a new relay, and every muster list would have to be signed again. The next key of a relay waits beside the one in
 * force until the list names it.
 */
import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Broken, CallerFault } from '../src/wire/fault.ts';
import { type RelayId, relayId } from '../src/wire/id.ts';
import { makeFolder, readIfThere, syncFolder, writeWhole } from './file.ts';

export interface Identity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the public key's SubjectPublicKeyInfo. */
  readonly pin: RelayId;
}

const validYears = 20; // longer than any muster list; rotation is a decision, not an expiry

/** Names of the pair in force, of the one that waits, and of the one that was. */
const pairs = {
  now: { key: 'key.pem', certificate: 'certificate.pem' },
  next: { key: 'next-key.pem', certificate: 'next-certificate.pem' },
  old: { key: 'old-key.pem', certificate: 'old-certificate.pem' },
} as const;
/** What a backup must hold for the relay to be the same one again. */
export const identityFiles: readonly string[] = Object.values(pairs.now);
type Which = keyof typeof pairs;

const pathsOf = (dataDir: string, which: Which) => ({
  key: join(dataDir, pairs[which].key),
  certificate: join(dataDir, pairs[which].certificate),
});

/** Whether a relay was made in this folder: a mistyped one must not become a relay with another key. */
export const hasIdentity = (dataDir: string, which: 'now' | 'next' = 'now'): boolean =>
  existsSync(pathsOf(dataDir, which).key);

/** Reads or makes key and certificate in the data directory. Throws `Broken`. */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  makeFolder(dataDir);
  finishSwitch(dataDir);
  return readPair(dataDir, 'now') ?? writePair(dataDir, 'now', await makePair());
}

/** As far as it is there. Throws `Broken`. */
export function readIdentity(dataDir: string): Identity | undefined {
  finishSwitch(dataDir);
  return readPair(dataDir, 'now');
}

function readPair(dataDir: string, which: Which): Identity | undefined {
  const paths = pathsOf(dataDir, which);
  const keyPem = readIfThere(paths.key);
  const certificatePem = readIfThere(paths.certificate);
  if (keyPem === undefined) return undefined;
  if (certificatePem === undefined) {
    const { key, certificate } = pairs[which];
    throw new Broken('corrupt', `the relay has ${key} but no ${certificate}; restore it beside the key`);
  }
  return { keyPem, certificatePem, pin: pinOfPair(keyPem, certificatePem) };
}

function writePair(dataDir: string, which: Which, made: { keyPem: string; certificatePem: string }): Identity {
  const paths = pathsOf(dataDir, which);
  // The certificate first: if we stop in between there is no key yet, and both are made again.
  writeWhole(paths.certificate, made.certificatePem, 0o644);
  writeWhole(paths.key, made.keyPem, 0o600);
  return { ...made, pin: pinOfPair(made.keyPem, made.certificatePem) };
}

/** A certificate with new dates on the key in force: nothing changes for devices. Throws `Broken`. */
export async function renewCertificate(dataDir: string): Promise<Identity> {
  const { keyPem } = await loadIdentity(dataDir);
  const certificatePem = await certify(await readKeys(keyPem));
  writeWhole(pathsOf(dataDir, 'now').certificate, certificatePem, 0o644);
  return { keyPem, certificatePem, pin: pinOfPair(keyPem, certificatePem) };
}

/** The key that will follow, the same each time until it is in force. Throws `Broken`. */
export async function prepareIdentity(dataDir: string): Promise<Identity> {
  finishSwitch(dataDir);
  return readPair(dataDir, 'next') ?? writePair(dataDir, 'next', await makePair());
}

/** Puts the prepared key in force; the one before stays beside it. Throws `CallerFault('not-found')` if none was. */
export function switchIdentity(dataDir: string): Identity {
  const finished = finishSwitch(dataDir) ? readPair(dataDir, 'now') : undefined;
  if (finished !== undefined) return finished;
  const [before, next] = [readPair(dataDir, 'now'), readPair(dataDir, 'next')];
  if (next === undefined)
    throw new CallerFault('not-found', 'no new key was prepared in this folder: rotate-cert --new-key makes one');
  if (before !== undefined) writePair(dataDir, 'old', before);
  renameSync(pathsOf(dataDir, 'next').certificate, pathsOf(dataDir, 'now').certificate);
  finishSwitch(dataDir);
  return next;
}

/** A next key whose certificate has moved on already: a switch that was cut short, or its second half. Whether it was so. */
function finishSwitch(dataDir: string): boolean {
  const next = pathsOf(dataDir, 'next');
  if (!existsSync(next.key) || existsSync(next.certificate)) return false;
  renameSync(next.key, pathsOf(dataDir, 'now').key);
  syncFolder(dataDir);
  return true;
}

/** A key and certificate from elsewhere, or the certificate alone of a proxy that has the key. Throws `CallerFault`. */
export function readGiven(certificatePath: string, keyPath?: string): Identity | { readonly pin: RelayId } {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new CallerFault('not-found', 'the certificate or key that was given cannot be read; check name and mode', {
        cause,
      });
    }
  };
  const certificatePem = read(certificatePath);
  try {
    if (keyPath === undefined) return { pin: pinOf(certificatePem) };
    const keyPem = read(keyPath);
    return { keyPem, certificatePem, pin: pinOfPair(keyPem, certificatePem) };
  } catch (cause) {
    if (cause instanceof CallerFault) throw cause;
    throw new CallerFault('invalid', 'the certificate and key that were given are not PEM, or do not belong together', {
      cause,
    });
  }
}

const spkiOf = (pem: string): Buffer => createPublicKey(pem).export({ type: 'spki', format: 'der' });

const pinOf = (pem: string): RelayId => relayId.of(createHash('sha256').update(spkiOf(pem)).digest());

function pinOfPair(keyPem: string, certificatePem: string): RelayId {
  try {
    if (!spkiOf(certificatePem).equals(spkiOf(keyPem))) throw new Error('another key');
    return pinOf(certificatePem);
  } catch (cause) {
    throw new Broken('corrupt', 'key and certificate of the relay do not belong together', { cause });
  }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function makePair(): Promise<{ keyPem: string; certificatePem: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`;
  return { keyPem, certificatePem: await certify(keys) };
}

async function readKeys(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  try {
    const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
    return {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spkiOf(keyPem), algorithm, true, ['verify']),
    };
  } catch (cause) {
    throw new Broken('corrupt', 'the key of the relay is not one that Muster made', { cause });
  }
}

async function certify(keys: webcrypto.CryptoKeyPair): Promise<string> {
  // Loaded only here: it costs more than the whole start of a relay that has its certificate already.
  const { X509CertificateGenerator } = await import('@peculiar/x509');
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
  return `${certificate.toString('pem')}\n`;
}
