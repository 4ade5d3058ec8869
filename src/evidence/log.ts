/**
 * The part of a check that needs our own cryptography: from the organisation's fingerprint to the custodians, from
 * them to the list, from the list to the devices, from those to every entry, and from the entries to the report.
 */
import { assess } from '../core/assess.ts';
import { readBody } from '../core/body.ts';
import { entriesOf, readLog, refsOf, splitEntries } from '../core/drillLog.ts';
import { type Entry, readEntry } from '../core/entry.ts';
import { roomId } from '../core/id.ts';
import { type MusterList, readList } from '../core/list.ts';
import type { Report } from '../core/report.ts';
import { isFingerprintOf, orgWords } from '../core/words.ts';
import { type Bytes, equal } from '../wire/bytes.ts';
import { decode, encode, field, rawBytes, record } from '../wire/cbor.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { acknowledgementPath } from './acknowledgement.ts';
import type { CheckLog } from './check.ts';
import type { Finding, FindingCode } from './finding.ts';
import { type PackFacts, path } from './pack.ts';
import { encodeReport } from './schema.ts';

/** `log/entries.cbor`: the room the entries were signed for, and the entries. */
const logFile = record({ room: field(1, roomId), entries: field(2, rawBytes({ max: 64 * 1024 * 1024 })) });

export const joinLogFile = (room: Entry['room'], entries: Bytes): Bytes => encode(logFile, { room, entries });

/** `org`: the fingerprint the verifier knows from elsewhere, in digits or words. Throws `CallerFault` when it is neither. */
export function makeLogCheck(org: string | undefined): CheckLog {
  return (facts) => {
    const list = openList(facts);
    if (!('version' in list)) return [list];
    if (org !== undefined && !isFingerprintOf(org, list.org)) {
      const text = `The pack is sound in itself, but it belongs to the organisation ${list.org}, not to the one whose fingerprint was given. Do not trust it.`;
      return [find(path.list, 'organisation', text)];
    }
    return [...checkReport(facts, list), ...checkSigner(facts, list), ...checkNames(facts, list)];
  };
}

const find = (file: string, code: FindingCode, text: string): Finding => ({ file, code, text });

function openList(facts: PackFacts): MusterList | Finding {
  try {
    return readList(facts.listFile);
  } catch (error) {
    if (error instanceof PeerFault) return find(path.list, 'log', `The muster list does not hold: ${error.message}.`);
    throw error;
  }
}

function checkReport(facts: PackFacts, list: MusterList): readonly Finding[] {
  const plan = list.drills.find((each) => each.id === facts.report.drill.id);
  if (plan === undefined) return [find(path.report, 'log', 'The drill of this report is not in the signed programme.')];
  const { room, entries } = decode(logFile, facts.entriesFile);
  const log = readLog(list, room, splitEntries(entries));
  const computed = compute(list, plan, log);
  if (computed === undefined)
    return [find(path.entries, 'log', 'The signed entries do not show a drill that was opened and closed.')];
  const findings: Finding[] = [];
  if (!equal(encodeReport(computed.report), encodeReport(facts.report))) {
    findings.push(
      find(
        path.report,
        'log',
        `The report is not what the signed entries give; it differs in ${differences(computed.report, facts.report)}.`,
      ),
    );
  }
  if (computed.used !== log.length)
    findings.push(find(path.entries, 'log', 'The log holds entries that are not part of this drill’s report.'));
  return [...findings, ...checkAcknowledgements(facts, list, room, log)];
}

function compute(
  list: MusterList,
  plan: MusterList['drills'][number],
  log: readonly Entry[],
): { report: Report; used: number } | undefined {
  try {
    const used = entriesOf(list, plan, log);
    return { report: assess(list, plan, used), used: used.length };
  } catch (error) {
    if (error instanceof CallerFault) return undefined;
    throw error;
  }
}

function differences(a: Report, b: Report): string {
  const keys = (Object.keys(a) as (keyof Report)[]).filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
  return keys.length === 0 ? 'the order of its fields' : keys.join(', ');
}

function checkAcknowledgements(
  facts: PackFacts,
  list: MusterList,
  room: Entry['room'],
  log: readonly Entry[],
): readonly Finding[] {
  const refs = refsOf(list);
  const known = new Map(log.map((entry) => [entry.id as string, entry]));
  return facts.acknowledgements.flatMap(({ ref, entryId, entryBytes }) => {
    const file = acknowledgementPath(ref);
    const inLog = known.get(entryId);
    if (inLog === undefined || !equal(inLog.bytes, entryBytes))
      return [find(file, 'log', 'This acknowledgement is not an entry of the signed log.')];
    const entry = readEntry(entryBytes, room, (device) => list.devices.get(device)?.signKey);
    const member = list.devices.get(entry.device)?.member;
    const body = readBody(entry.body);
    const fits =
      member !== undefined && refs.get(member) === ref && body?.type === 'answer' && body.standInFor === undefined;
    return fits ? [] : [find(file, 'log', `This entry is not an answer of ${ref}.`)];
  });
}

/** The pack must be signed by a device of one who may direct the drill: a stranger's signature proves a stranger. */
function checkSigner(facts: PackFacts, list: MusterList): readonly Finding[] {
  const plan = list.drills.find((each) => each.id === facts.report.drill.id);
  const directors = new Set(plan?.coordinators);
  const signer = [...list.devices.values()].find((device) => equal(device.evidenceKey, facts.signerPublicKey));
  if (signer !== undefined && directors.has(signer.member)) return [];
  return [
    find(
      path.signers,
      'signers',
      'The key that signed this pack is not that of a coordinator of the drill on the signed muster list.',
    ),
  ];
}

function checkNames(facts: PackFacts, list: MusterList): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.words.join(' ') !== orgWords(list.org).join(' ')) {
    findings.push(find(path.fingerprints, 'log', 'The words are not those of the organisation’s fingerprint.'));
  }
  const refs = refsOf(list);
  for (const member of list.members) {
    const ref = refs.get(member.id) ?? '';
    const named = facts.names?.get(ref);
    if (named !== undefined && named !== member.name) {
      findings.push(find(path.names, 'log', `The signed muster list does not give ${ref} this name.`));
    }
  }
  return findings;
}
