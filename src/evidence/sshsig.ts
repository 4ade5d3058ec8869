/**
 * Detached OpenSSH signatures (OpenSSH PROTOCOL.sshsig) with ssh-ed25519 and SHA-512, so that a stranger needs
 * nothing but `ssh-keygen -Y verify`. There is one form of every signature and every key line: what we read is
 * written again and must come out the same, so no byte can change without being noticed.
 *
 * Never holds a private key: signing is a function that the caller brings.
 */
import { createHash } from 'node:crypto';
import { sodium } from '../core/sodium.ts';
import { type Bytes, concat, u32be, utf8 } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';

/** A signature over a pack means nothing elsewhere, and a signature made elsewhere nothing here. */
export const evidenceNamespace = 'drill-evidence@muster';

const algorithm = utf8('ssh-ed25519');
const digestName = 'sha512';
const begin = '-----BEGIN SSH SIGNATURE-----\n';
const end = '-----END SSH SIGNATURE-----\n';
/** Where ssh-keygen breaks lines. */
const armorColumns = 70;

/** `string` of RFC 4251 section 5. */
const sshString = (bytes: Bytes): Bytes => concat(u32be(bytes.length), bytes);
const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString('base64');

/** The public key blob of RFC 8709 section 4. */
const keyBlob = (publicKey: Bytes): Bytes => concat(sshString(algorithm), sshString(publicKey));

function toBeSigned(message: Bytes, namespace: string): Bytes {
  const digest = createHash(digestName).update(message).digest();
  return concat(
    utf8('SSHSIG'),
    sshString(utf8(namespace)),
    sshString(new Uint8Array(0)),
    sshString(utf8(digestName)),
    sshString(digest),
  );
}

function signatureBlob(publicKey: Bytes, namespace: string, signature: Bytes): Bytes {
  return concat(
    utf8('SSHSIG'),
    u32be(1),
    sshString(keyBlob(publicKey)),
    sshString(utf8(namespace)),
    sshString(new Uint8Array(0)),
    sshString(utf8(digestName)),
    sshString(concat(sshString(algorithm), sshString(signature))),
  );
}

function armor(blob: Bytes): string {
  const lines = base64(blob).match(new RegExp(`.{1,${armorColumns}}`, 'g')) ?? [];
  return `${begin}${lines.join('\n')}\n${end}`;
}

export interface SshSealing {
  readonly message: Bytes;
  readonly namespace: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Bytes;
  /** Ed25519 (RFC 8032) over exactly these bytes. */
  readonly sign: (bytes: Bytes) => Bytes;
}

/** The armored signature, as `ssh-keygen -Y sign` writes it. */
export function sealSshSignature(sealing: SshSealing): string {
  const signature = sealing.sign(toBeSigned(sealing.message, sealing.namespace));
  return armor(signatureBlob(sealing.publicKey, sealing.namespace, signature));
}

/**
 * Who signed `message`. Throws `PeerFault`: `malformed` for anything but our one form (another algorithm, hash or
 * namespace, other line breaks, trailing bytes), `bad-signature` if it does not hold. Whose key it is, and whether
 * that one may sign, is for the caller to judge.
 */
export function checkSshSignature(armored: string, message: Bytes, namespace: string): { readonly publicKey: Bytes } {
  const body = armored.startsWith(begin) && armored.endsWith(end) ? armored.slice(begin.length, -end.length) : '';
  const blob = new Uint8Array(Buffer.from(body, 'base64'));
  const keyAt = 6 + 4 + 4 + 4 + algorithm.length + 4; // magic, version, and three lengths before the key itself
  const publicKey = blob.slice(keyAt, keyAt + 32);
  const signature = blob.slice(-64);
  // Writing it again checks the fields in between and the armor in one comparison.
  if (
    publicKey.length !== 32 ||
    signature.length !== 64 ||
    armor(signatureBlob(publicKey, namespace, signature)) !== armored
  ) {
    throw new PeerFault(
      'malformed',
      `not an ssh-ed25519 signature with ${digestName} for ${namespace} in its one form`,
    );
  }
  let holds = false;
  try {
    holds = sodium().crypto_sign_verify_detached(signature, toBeSigned(message, namespace), publicKey);
  } catch {
    holds = false; // libsodium throws on keys it will not use at all
  }
  if (!holds) throw new PeerFault('bad-signature', 'the SSH signature does not fit the message');
  return { publicKey };
}

/** As `ssh-keygen -lf` prints it. */
export function sshFingerprint(publicKey: Bytes): string {
  return `SHA256:${createHash('sha256').update(keyBlob(publicKey)).digest('base64').replace(/=+$/, '')}`;
}

export interface AllowedSigner {
  readonly principal: string;
  readonly publicKey: Bytes;
}

/** No space, comma, wildcard or leading dash: ssh-keygen reads principals as patterns, and shells read options. */
const principalPattern = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;
export const isPrincipal = (text: string): boolean => principalPattern.test(text);

/** Signers a file may name. */
const maxSigners = 16;

/** `allowed_signers` of ssh-keygen(1): one line a signer, for our namespace alone. */
export function encodeAllowedSigners(signers: readonly AllowedSigner[]): string {
  return signers
    .map(
      ({ principal, publicKey }) =>
        `${principal} namespaces="${evidenceNamespace}" ssh-ed25519 ${base64(keyBlob(publicKey))}\n`,
    )
    .join('');
}

/** Throws `PeerFault('malformed')` for anything `encodeAllowedSigners` would not have written. */
export function readAllowedSigners(text: string): readonly AllowedSigner[] {
  const odd = (): PeerFault => new PeerFault('malformed', 'not a list of allowed signers in its one form');
  const lines = text.split('\n', maxSigners + 2).slice(0, -1);
  const signers = lines.map((line): AllowedSigner => {
    const [principal = '', , , encoded = ''] = line.split(' ');
    const publicKey = new Uint8Array(Buffer.from(encoded, 'base64')).slice(-32);
    if (!isPrincipal(principal) || publicKey.length !== 32) throw odd();
    return { principal, publicKey };
  });
  const distinct = new Set(signers.map((signer) => signer.principal)).size === signers.length;
  if (signers.length === 0 || !distinct || encodeAllowedSigners(signers) !== text) throw odd();
  return signers;
}
