/** A whole evidence pack of a drill that never was, signed with a key that is made from a number. */
import { createHash } from 'node:crypto';
import type { Report } from '../../src/core/report.ts';
import { loadSodium, sodium } from '../../src/core/sodium.ts';
import { encodeManifest } from '../../src/evidence/manifest.ts';
import { makePack, type PackInput, path } from '../../src/evidence/pack.ts';
import { evidenceNamespace, sealSshSignature } from '../../src/evidence/sshsig.ts';
import { type Bytes, utf8 } from '../../src/wire/bytes.ts';
import { sampleNames, sampleReport, sampleWords } from './report.ts';

await loadSodium();

/** Bytes that look like something, always the same. */
export function someBytes(what: string, size: number): Bytes {
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += 32)
    out.set(
      createHash('sha256')
        .update(`${what} ${at}`)
        .digest()
        .subarray(0, Math.min(32, size - at)),
      at,
    );
  return out;
}

export function signerOf(what: string): PackInput['signer'] {
  const { publicKey, privateKey } = sodium().crypto_sign_seed_keypair(someBytes(what, 32));
  return { principal: 'director-P01', publicKey, sign: (bytes) => sodium().crypto_sign_detached(bytes, privateKey) };
}

export const director = signerOf('director');

export function packInput(report: Report = sampleReport(), withNames = true): Omit<PackInput, 'pdf'> {
  return {
    report,
    ...(withNames ? { names: sampleNames(report) } : {}),
    entriesFile: someBytes('entries', 5000),
    listFile: someBytes('list', 900),
    acknowledgements: report.participants
      .filter((each) => each.answeredAfterMs !== undefined)
      .map(({ ref }) => ({
        ref,
        entryId: createHash('sha256').update(ref).digest('hex'),
        entryBytes: someBytes(ref, 310),
      })),
    words: sampleWords,
    signer: director,
  };
}

export const samplePack = (report?: Report, withNames?: boolean): Promise<ReadonlyMap<string, Bytes>> =>
  makePack(packInput(report, withNames));

/** Files under a new manifest and signature: what somebody with a key of their own can always do. */
export function signAgain(
  files: ReadonlyMap<string, Bytes>,
  signer: PackInput['signer'] = director,
): Map<string, Bytes> {
  const out = new Map(files);
  const message = utf8(encodeManifest(out));
  out.set(path.manifest, message);
  const sealing = { message, namespace: evidenceNamespace, publicKey: signer.publicKey, sign: signer.sign };
  out.set(path.signature, utf8(sealSshSignature(sealing)));
  return out;
}

/** The files with one of them changed by `change`. */
export function altered(
  files: ReadonlyMap<string, Bytes>,
  file: string,
  change: (bytes: Bytes) => Bytes,
): Map<string, Bytes> {
  const bytes = files.get(file);
  if (bytes === undefined) throw new Error(`the pack has no ${file}`);
  return new Map(files).set(file, change(bytes));
}

export const flip =
  (at: number, mask = 1) =>
  (bytes: Bytes): Bytes => {
    const out = bytes.slice();
    out[at] = (out[at] ?? 0) ^ mask;
    return out;
  };
