/**
 * Is a pack what it claims to be? First the signature, the list of files and their digests; then every file is made
 * again from report.json and compared, the PDF too. What is left is the log itself: whether the report follows from
 * the signed entries is judged by a function that the caller brings.
 *
 * Nothing in the pack is taken on faith and no code or key in it is trusted. Never throws over what a pack holds.
 */
import type { Report } from '../core/report.ts';
import { type Bytes, equal, fromUtf8 } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { type Acknowledgement, acknowledgementPath, answered, readAcknowledgement } from './acknowledgement.ts';
import type { Finding, FindingCode } from './finding.ts';
import { readFingerprintWords } from './fingerprint.ts';
import { encodeManifest, readManifest, sha256 } from './manifest.ts';
import { drawPackPdf, type PackFacts, packFiles, path } from './pack.ts';
import { readReportJson } from './schema.ts';
import { checkSshSignature, evidenceNamespace, readAllowedSigners } from './sshsig.ts';
import { namesTable, readNamesTable } from './tables.ts';

type Files = ReadonlyMap<string, Bytes>;

/**
 * Judges what only the log can tell: that the report follows from the entries and the list, that `words` are the
 * organisation's, that every acknowledgement is an entry of the log, that the signer is the drill's director and
 * that the names are those of the list. A `PeerFault` it throws becomes a finding.
 */
export type CheckLog = (facts: PackFacts) => readonly Finding[] | Promise<readonly Finding[]>;

export async function checkPack(files: Files, checkLog: CheckLog): Promise<readonly Finding[]> {
  const outer = [...checkSignature(files), ...checkDigests(files)];
  // Where bytes were changed, what they say is nobody's word. A file too few or too many leaves the others signed.
  if (outer.some(({ code }) => code !== 'missing' && code !== 'extra')) return outer;
  const known = new Set(outer.map((each) => each.file));
  const inner = await checkContents(new Map([...files].filter(([file]) => !known.has(file))), checkLog);
  return [...outer, ...inner.filter((each) => !known.has(each.file))];
}

const find = (file: string, code: FindingCode, text: string): Finding => ({ file, code, text });

/** What `read` gives, or a finding on `file` with the reason. */
function attempt<T>(
  file: string,
  code: FindingCode,
  read: () => T,
): { readonly value: T } | { readonly finding: Finding } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof PeerFault) return { finding: find(file, code, `It cannot be trusted: ${error.message}.`) };
    throw error;
  }
}

function checkSignature(files: Files): readonly Finding[] {
  const [signature, manifest, signers] = [files.get(path.signature), files.get(path.manifest), files.get(path.signers)];
  if (signature === undefined)
    return [find(path.signature, 'missing', 'The signature is missing: nobody stands for this pack.')];
  if (manifest === undefined)
    return [
      find(path.manifest, 'missing', 'The list of files is missing: there is nothing the signature could hold for.'),
    ];
  let publicKey: Bytes;
  try {
    ({ publicKey } = checkSshSignature(fromUtf8(signature), manifest, evidenceNamespace));
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
    if (error.code === 'malformed')
      return [find(path.signature, 'signature', `The signature cannot be read: ${error.message}.`)];
    // If the list still fits the files, it is the signature that was changed; otherwise most likely the list.
    const fits = fromUtf8OrEmpty(manifest) === encodeManifest(files);
    const text = `The signature does not hold: ${path.manifest} and ${path.signature} do not belong together. One of them was changed after signing.`;
    return [find(fits ? path.signature : path.manifest, 'signature', text)];
  }
  if (signers === undefined) return []; // reported with the files
  const read = attempt(path.signers, 'signers', () => readAllowedSigners(fromUtf8(signers)));
  if ('finding' in read) return [read.finding];
  const [signer] = read.value;
  if (read.value.length !== 1 || signer === undefined || !equal(signer.publicKey, publicKey)) {
    return [find(path.signers, 'signers', 'It does not name the key that signed this pack, and that key alone.')];
  }
  return [];
}

function checkDigests(files: Files): readonly Finding[] {
  const manifest = files.get(path.manifest);
  if (manifest === undefined) return [];
  const read = attempt(path.manifest, 'manifest', () => readManifest(fromUtf8(manifest)));
  if ('finding' in read) return [read.finding];
  const findings: Finding[] = [];
  for (const [file, digest] of read.value) {
    const bytes = files.get(file);
    if (bytes === undefined)
      findings.push(find(file, 'missing', `It is on the list in ${path.manifest} and not in the pack.`));
    else if (sha256(bytes) !== digest)
      findings.push(
        find(file, 'changed', `Its bytes are not those on the list in ${path.manifest}: it was changed after signing.`),
      );
  }
  for (const file of files.keys()) {
    if (file !== path.manifest && file !== path.signature && !read.value.has(file)) {
      findings.push(
        find(file, 'extra', `It is in the pack and not on the list in ${path.manifest}: nobody has signed it.`),
      );
    }
  }
  return findings;
}

async function checkContents(files: Files, checkLog: CheckLog): Promise<readonly Finding[]> {
  const { facts, findings } = readFacts(files);
  if (facts === undefined || findings.length > 0) return findings;
  const pdf = await drawPackPdf(facts.report, facts.words);
  const differing = compare(files, packFiles(facts, pdf));
  return [...differing, ...(await askLog(facts, checkLog))];
}

async function askLog(facts: PackFacts, checkLog: CheckLog): Promise<readonly Finding[]> {
  try {
    return await checkLog(facts);
  } catch (error) {
    if (error instanceof PeerFault)
      return [find(path.entries, 'log', `The signed log does not hold: ${error.message}.`)];
    throw error;
  }
}

/** What a pack is made from, taken out of the pack. Without facts there is at least one finding. */
function readFacts(files: Files): { readonly facts?: PackFacts; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const from = <T>(file: string, read: (bytes: Bytes) => T): T | undefined => {
    const bytes = files.get(file);
    if (bytes === undefined) {
      findings.push(find(file, 'missing', 'Every pack has this file, and this one has not.'));
      return undefined;
    }
    const result = attempt(file, 'malformed', () => read(bytes));
    if ('value' in result) return result.value;
    findings.push(result.finding);
    return undefined;
  };
  const report = from(path.report, readReportJson);
  const words = from(path.fingerprints, readFingerprintWords);
  const signer = from(path.signers, (bytes) => readAllowedSigners(fromUtf8(bytes))[0]);
  const entriesFile = from(path.entries, (bytes) => bytes);
  const listFile = from(path.list, (bytes) => bytes);
  if (
    report === undefined ||
    words === undefined ||
    signer === undefined ||
    entriesFile === undefined ||
    listFile === undefined
  ) {
    return { findings };
  }
  const acknowledgements = readAcknowledgements(report, from);
  const names = files.has(path.names) ? from(path.names, (bytes) => fittingNames(report, bytes)) : undefined;
  const facts = {
    report,
    words,
    entriesFile,
    listFile,
    acknowledgements,
    principal: signer.principal,
    signerPublicKey: signer.publicKey,
  };
  return { facts: names === undefined ? facts : { ...facts, names }, findings };
}

function readAcknowledgements(
  report: Report,
  from: <T>(file: string, read: (bytes: Bytes) => T) => T | undefined,
): readonly Acknowledgement[] {
  return answered(report).flatMap(({ ref }) => {
    const file = acknowledgementPath(ref);
    const read = from(file, (bytes) => {
      const acknowledgement = readAcknowledgement(bytes);
      if (acknowledgement.ref !== ref)
        throw new PeerFault('out-of-place', 'it is the acknowledgement of another participant');
      return acknowledgement;
    });
    return read ?? [];
  });
}

function fittingNames(report: Report, bytes: Bytes): ReadonlyMap<string, string> {
  const names = readNamesTable(bytes);
  try {
    namesTable(report, names);
  } catch (error) {
    if (error instanceof CallerFault) throw new PeerFault('out-of-place', error.message, { cause: error });
    throw error;
  }
  return names;
}

/** What the pack should hold by its own report, against what it holds. */
function compare(files: Files, expected: Files): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [file, bytes] of expected) {
    const given = files.get(file);
    if (given === undefined)
      findings.push(find(file, 'missing', `A pack with this ${path.report} has this file, and this one has not.`));
    else if (!equal(given, bytes))
      findings.push(
        find(file, 'differs', `It is signed, but it is not what ${path.report} gives when it is made again.`),
      );
  }
  for (const file of files.keys()) {
    if (!expected.has(file) && file !== path.manifest && file !== path.signature) {
      findings.push(find(file, 'extra', 'It is signed, but it belongs in no pack with this report.'));
    }
  }
  return findings;
}

function fromUtf8OrEmpty(bytes: Bytes): string {
  try {
    return fromUtf8(bytes);
  } catch {
    return ''; // not text, so it cannot fit
  }
}
