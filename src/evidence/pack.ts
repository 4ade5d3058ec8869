/**
 * The evidence pack as bytes: path → content of every file, computed from the report and a few things it cannot
 * hold. Pure: the same input gives the same pack, which is how check.ts finds what was not made by these rules.
 *
 * Adds nothing to what it is given: the entries, the list and the PDF come from the caller, and a name stands only
 * in the annex. A change of a single byte written here is a new pack format: see README.md.
 */
import type { Report } from '../core/report.ts';
import { type Bytes, utf8 } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { type Acknowledgement, acknowledgementPath, answered, encodeAcknowledgement } from './acknowledgement.ts';
import { areWords, encodeFingerprints } from './fingerprint.ts';
import { encodeManifest, manifestName, sha256, signatureName } from './manifest.ts';
import { encodeJson, encodeReport, orderReport, reportJsonSchema } from './schema.ts';
import { encodeAllowedSigners, evidenceNamespace, isPrincipal, sealSshSignature } from './sshsig.ts';
import {
  crosswalkTable,
  eventLines,
  exceptionsTable,
  findingsTable,
  improvementTable,
  type Names,
  namesTable,
  participantsTable,
} from './tables.ts';
import { verifyText } from './verifyMd.ts';

export const path = {
  report: 'report.json',
  pdf: 'report.pdf',
  schema: 'schema/report.schema.json',
  entries: 'log/entries.cbor',
  events: 'log/events.jsonl',
  list: 'directory/list.cbor',
  names: 'annex/participants.csv',
  participants: 'participants.csv',
  findings: 'findings.csv',
  improvement: 'improvement-plan.csv',
  crosswalk: 'crosswalk.csv',
  exceptions: 'exceptions.csv',
  fingerprints: 'keys/fingerprints.txt',
  signers: 'allowed_signers',
  verify: 'VERIFY.md',
  manifest: manifestName,
  signature: signatureName,
} as const;

/** Everything in a pack but the PDF and the signature. */
export interface PackFacts {
  readonly report: Report;
  /** Ref → name of every participant, or nothing: then the pack has no annex. */
  readonly names?: Names;
  /** The signed entries the report was computed from. */
  readonly entriesFile: Bytes;
  /** The signed muster list in force. */
  readonly listFile: Bytes;
  /** One of everyone who answered themselves. */
  readonly acknowledgements: readonly Acknowledgement[];
  /** The organisation's fingerprint in words. */
  readonly words: readonly string[];
  readonly principal: string;
  /** Ed25519, 32 bytes. */
  readonly signerPublicKey: Bytes;
}

export interface PackInput extends Omit<PackFacts, 'principal' | 'signerPublicKey'> {
  readonly signer: {
    readonly principal: string;
    readonly publicKey: Bytes;
    /** Ed25519 over exactly these bytes. Called once. */
    readonly sign: (bytes: Bytes) => Bytes;
  };
  /** From `drawPackPdf` of the same report and words. */
  readonly pdf: Bytes;
}

/** report.pdf as a pack must have it: without names, with the digest of report.json. */
export async function drawPackPdf(report: Report, words: readonly string[]): Promise<Bytes> {
  // Loaded only here: the fonts and the layout cost more than the whole start of a device that makes no report.
  const { renderPdf } = await import('./pdf.ts');
  return renderPdf(orderReport(report), { words, digest: sha256(encodeReport(report)) });
}

/** Every file but the manifest and its signature. Throws `CallerFault('invalid')` when the parts do not fit. */
export function packFiles(facts: PackFacts, pdf: Bytes): ReadonlyMap<string, Bytes> {
  const report = orderReport(facts.report);
  const { names, acknowledgements, principal, signerPublicKey, words } = facts;
  if (!isPrincipal(principal)) throw new CallerFault('invalid', 'a principal is letters, digits and ._@+- only');
  if (!areWords(words))
    throw new CallerFault('invalid', 'the fingerprint in words is missing or has blanks inside a word');
  if (signerPublicKey.length !== 32) throw new CallerFault('invalid', 'an Ed25519 public key has 32 bytes');
  const files = new Map<string, Bytes>([
    [path.report, encodeReport(report)],
    [path.pdf, pdf],
    [path.schema, encodeJson(reportJsonSchema)],
    [path.entries, facts.entriesFile],
    [path.events, utf8(eventLines(report))],
    [path.list, facts.listFile],
    [path.participants, participantsTable(report)],
    [path.findings, findingsTable(report)],
    [path.improvement, improvementTable(report)],
    [path.crosswalk, crosswalkTable(report)],
    [
      path.fingerprints,
      encodeFingerprints({ organisation: report.organisation.fingerprint, words, principal, signerPublicKey }),
    ],
    [path.signers, utf8(encodeAllowedSigners([{ principal, publicKey: signerPublicKey }]))],
    [path.verify, utf8(verifyText({ report, principal }))],
  ]);
  if (report.notExercised.length > 0) files.set(path.exceptions, exceptionsTable(report));
  if (names !== undefined) files.set(path.names, namesTable(report, names));
  for (const each of acknowledgements) files.set(acknowledgementPath(each.ref), encodeAcknowledgement(report, each));
  const people = answered(report);
  if (acknowledgements.length !== people.length || !people.every(({ ref }) => files.has(acknowledgementPath(ref)))) {
    throw new CallerFault('invalid', 'there must be one acknowledgement of everyone who answered');
  }
  return files;
}

/** The whole pack, signed. Throws `CallerFault('invalid')` when the parts do not fit each other. */
export function buildPack(input: PackInput): ReadonlyMap<string, Bytes> {
  const { signer, pdf, ...rest } = input;
  const { principal, publicKey, sign } = signer;
  const files = new Map(packFiles({ ...rest, principal, signerPublicKey: publicKey }, pdf));
  const manifest = utf8(encodeManifest(files));
  files.set(path.manifest, manifest);
  files.set(
    path.signature,
    utf8(sealSshSignature({ message: manifest, namespace: evidenceNamespace, publicKey, sign })),
  );
  return files;
}

/** `buildPack` with the PDF drawn on the way. */
export async function makePack(input: Omit<PackInput, 'pdf'>): Promise<ReadonlyMap<string, Bytes>> {
  return buildPack({ ...input, pdf: await drawPackPdf(input.report, input.words) });
}
