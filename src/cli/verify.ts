/**
 * `muster verify`: is an evidence pack what it claims to be? Exit 0 yes, 1 no, 2 it cannot be read. No device is
 * needed and none is opened. It must never let a reader believe a pack because of what stands in the pack.
 */
import type { Command } from 'commander';
import { readList } from '../core/list.ts';
import { isFingerprintOf, orgWords } from '../core/words.ts';
import { checkPack } from '../evidence/check.ts';
import type { Finding } from '../evidence/finding.ts';
import { readPack } from '../evidence/folder.ts';
import { makeLogCheck } from '../evidence/log.ts';
import { path as packPath } from '../evidence/pack.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault, PeerFault } from '../wire/fault.ts';
import type { OrgId } from '../wire/id.ts';
import { type Io, pathOf } from './io.ts';
import { readFingerprint } from './option.ts';
import { clean, count, paint, table } from './say.ts';
import { sayFingerprint } from './show.ts';

interface VerifyFlags {
  readonly org?: string;
  readonly json?: boolean;
}

export function addVerify(program: Command, io: Io): void {
  program
    .command('verify')
    .description('Check an evidence pack: exit 0 it is what it claims, 1 it is not, 2 it cannot be read')
    .argument('<pack>', 'the folder')
    .option('--org <fingerprint>', 'the organisation’s fingerprint, in words or digits, from outside the pack')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster verify drill-3 --org FINGERPRINT')
    .action((pack: string, flags: VerifyFlags) => verify(io, pack, flags));
}

async function verify(io: Io, pack: string, flags: VerifyFlags): Promise<void> {
  const org = flags.org === undefined ? undefined : readFingerprint('--org', flags.org);
  const { files, oddities } = await read(pathOf(io, pack), pack);
  const findings = [...oddities, ...(await checkPack(files, makeLogCheck(org)))];
  const shownOrg = orgIn(files);
  if (flags.json === true) io.out(JSON.stringify(jsonOf(findings, files.size, shownOrg, org)));
  else io.out(textOf(io, findings, files.size, shownOrg, org));
  if (findings.length > 0)
    throw new PeerFault('bad-signature', `This pack is not what it claims to be: ${count(findings.length, 'finding')}`);
}

/** What cannot be looked at is no verdict about the pack, so it is the caller's matter: exit 2. */
async function read(folder: string, said: string) {
  try {
    return await readPack(folder);
  } catch (fault) {
    if (fault instanceof CallerFault)
      throw new CallerFault(fault.code, `${said} cannot be checked: ${fault.message}`, { cause: fault });
    if (fault instanceof Broken)
      throw new CallerFault('not-allowed', `${said} cannot be checked: ${fault.message}`, { cause: fault });
    throw fault;
  }
}

/** The organisation the list in the pack descends from, if that much of it holds. */
function orgIn(files: ReadonlyMap<string, Bytes>): OrgId | undefined {
  const list = files.get(packPath.list);
  try {
    return list === undefined ? undefined : readList(list).org;
  } catch (fault) {
    if (fault instanceof PeerFault) return undefined; // a finding says so already
    throw fault;
  }
}

const jsonOf = (
  findings: readonly Finding[],
  files: number,
  org: OrgId | undefined,
  given: string | undefined,
): object => ({
  ok: findings.length === 0,
  findings,
  files,
  organisation: org === undefined ? null : { fingerprint: org, words: orgWords(org) },
  organisationChecked: given !== undefined,
});

function textOf(
  io: Io,
  findings: readonly Finding[],
  files: number,
  org: OrgId | undefined,
  given: string | undefined,
): string {
  const { bold, green, red } = paint(io);
  const verdict =
    findings.length === 0
      ? [
          green(bold('The pack is sound.')),
          `  ${count(files, 'file')}: the signature holds, every digest fits, nothing is missing or added; the muster list is signed by`,
          '  enough custodians, every entry by a device on it, and report, tables and PDF are exactly what those entries give.',
        ]
      : [
          red(bold('The pack is NOT what it claims to be.')),
          table(
            ['file', 'code', 'what is wrong'],
            findings.map((each) => [each.file, each.code, each.text]),
          ),
        ];
  const whose =
    org === undefined
      ? ['The organisation it belongs to cannot be told.']
      : [
          'It says it belongs to the organisation with this fingerprint:',
          sayFingerprint(org),
          given === undefined
            ? '  Compare it with one you have from OUTSIDE the pack (paper, a custodian): anybody can make a sound pack of\n  their own. Better: give that one with --org.'
            : isFingerprintOf(given, org)
              ? '  That is the fingerprint you gave.'
              : `  That is NOT the fingerprint you gave: ${clean(given)}`,
        ];
  return [...verdict, '', ...whose].join('\n');
}
