/** What the demo says at the end: for a person who reads it with pleasure, and as figures for a program. */
import colors from 'picocolors';
import type { Report } from '../../core/report.ts';
import { orgWords } from '../../core/words.ts';
import { outcomeWord, resultWord, sayMs, saySeconds } from '../../evidence/say.ts';
import { type OrgId, orgId } from '../../wire/id.ts';
import type { SearchResult } from './search.ts';

export interface DemoResult {
  readonly ok: boolean;
  readonly pack: string;
  readonly packFiles: number;
  readonly organisation: string;
  readonly report: Report;
  readonly names: ReadonlyMap<string, string>;
  readonly relayKilled: string;
  readonly shownAsSent: number;
  readonly acknowledgedThenLost: number;
  readonly search: SearchResult;
  readonly verified: boolean;
  readonly tampered: { readonly file: string; readonly text: string };
  readonly sshKeygen: 'good' | 'bad' | 'not-here';
  readonly durationMs: number;
}

/** The stable object of `--json`; docs and scripts rely on its names. */
export function jsonOf(result: DemoResult): Record<string, unknown> {
  const { figures } = result.report;
  return {
    ok: result.ok,
    pack: result.pack,
    figures: {
      members: figures.members,
      reached: figures.reached,
      acknowledged: figures.acknowledged,
      inTime: figures.inTime,
      late: figures.late,
      silent: figures.silent,
      unreachable: figures.unreachable,
      stoodInFor: figures.stoodInFor,
      medianMs: figures.medianMs,
      p90Ms: figures.p90Ms,
    },
    relayKilled: result.relayKilled,
    shownAsSent: result.shownAsSent,
    acknowledgedThenLost: result.acknowledgedThenLost,
    organisation: result.organisation,
    verification: { intact: result.verified, sshKeygen: result.sshKeygen, tampered: result.tampered },
    relayFiles: result.search,
    durationMs: result.durationMs,
  };
}

const rule = (width: number): string => colors.dim('─'.repeat(width));
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length));
const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - [...text].length)) + text;

export function summaryOf(result: DemoResult): string {
  const { report, names } = result;
  const { figures, drill } = report;
  const width = 86;
  const outcomes = {
    'in-time': colors.green,
    late: colors.yellow,
    silent: colors.red,
    unreachable: colors.red,
  } as const;
  const people = report.participants.map((each) => {
    const stood =
      each.standIn === undefined
        ? ''
        : `${names.get(each.standIn.ref) ?? each.standIn.ref} stepped in at ${saySeconds(each.standIn.answeredAfterMs)} s`;
    const said = each.answer === 'need-help' ? 'needs help' : each.answer === 'not-available' ? 'not available' : '';
    const time = each.answeredAfterMs === undefined ? '–' : `${saySeconds(each.answeredAfterMs)} s`;
    return `  ${pad(each.ref, 5)}${pad(names.get(each.ref) ?? '', 22)}${pad(each.role, 12)}${outcomes[each.outcome](pad(outcomeWord[each.outcome], 12))}${padStart(time, 7)}   ${stood || said}`;
  });
  const relays = report.relays.map((relay) => {
    const fate =
      relay.lostAfterMs === undefined
        ? colors.green('stayed')
        : colors.red(`killed at ${saySeconds(relay.lostAfterMs)} s`);
    const after =
      relay.answersAfterLoss === undefined
        ? ''
        : `, ${relay.answersAfterLoss} answers came after that, over the others`;
    return `  ${pad(relay.ref, 5)}${pad(relay.name, 22)}${fate}${after}`;
  });
  const objectives = report.objectives.map(
    (each) =>
      `  ${each.met ? colors.green('✓') : colors.red('✗')} ${pad(each.text, 52)}${pad(`target ${each.target}`, 15)}${each.actual}`,
  );
  const findings = report.findings.map(
    (each) => `  ${each.kind === 'strength' ? colors.green('+') : colors.yellow('!')} ${each.text}`,
  );
  const ssh = {
    good: 'accepts the signature',
    bad: colors.red('REFUSES the signature'),
    'not-here': 'is not installed here',
  }[result.sshKeygen];
  return [
    '',
    rule(width),
    `  ${colors.bold('EXERCISE')}  ${drill.title}  ${colors.dim(`· ${drill.announced ? 'announced' : 'unannounced'} · drill ${drill.sequence} of the programme`)}`,
    `  Result: ${colors.bold(resultWord[report.result])}`,
    rule(width),
    ...people,
    rule(width),
    `  reached ${colors.bold(`${figures.reached} of ${figures.members}`)} · answered ${colors.bold(String(figures.acknowledged))} (${figures.inTime} in time, ${figures.late} late) · silent ${figures.silent} · stood in for ${figures.stoodInFor}`,
    `  median ${colors.bold(sayMs(figures.medianMs))} · p90 ${colors.bold(sayMs(figures.p90Ms))} · slowest ${sayMs(figures.maxMs)}`,
    '',
    ...relays,
    '',
    '  Objectives, fixed in the signed programme beforehand',
    ...objectives,
    '',
    '  Findings',
    ...findings,
    rule(width),
    `  ${result.shownAsSent} entries were shown as sent; ${result.acknowledgedThenLost === 0 ? colors.green('none was lost') : colors.red(`${result.acknowledgedThenLost} WERE LOST`)} when ${result.relayKilled} was killed.`,
    `  ${result.search.terms} texts, names and numbers looked for in ${result.search.files} relay files (${Math.round(result.search.bytes / 1024)} kB): ${result.search.found.length === 0 ? colors.green('none found') : colors.red(result.search.found.join('; '))}.`,
    `  A planted text was ${result.search.findsPlanted ? 'found, so the search works' : colors.red('NOT found: the search proves nothing')}.`,
    rule(width),
    `  Evidence pack: ${colors.bold(result.pack)} (${result.packFiles} files)`,
    `  ${result.verified ? colors.green('✓ verifies') : colors.red('✗ does not verify')}; ssh-keygen ${ssh}.`,
    `  A copy with one changed byte fails: ${result.tampered.file}: ${result.tampered.text}`,
    '',
    '  Fingerprint of the organisation, to compare with one from outside the pack:',
    `    ${orgWords(orgId.parse(result.organisation) satisfies OrgId).join(' ')}`,
    `    ${result.organisation}`,
    '',
    '  Look yourself:',
    `    npx muster verify ${result.pack} --org "${orgWords(orgId.parse(result.organisation)).join(' ')}"`,
    `    ${result.pack}/report.pdf`,
    colors.dim(`  Took ${(result.durationMs / 1000).toFixed(1)} s.`),
    '',
  ].join('\n');
}
