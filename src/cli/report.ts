/** `muster report`: what drills were, computed from the signed entries on this device, and their evidence packs. */
import type { Command } from 'commander';
import { refsOf } from '../core/drillLog.ts';
import { type DrillId, drillId } from '../core/id.ts';
import { type MusterList, nameOf } from '../core/list.ts';
import type { Report, ReportParticipant } from '../core/report.ts';
import { orgWords } from '../core/words.ts';
import { writePack } from '../evidence/folder.ts';
import { sshFingerprint } from '../evidence/sshsig.ts';
import { exportDrill, listOfDrill, viewReport } from '../responder/evidence.ts';
import type { Responder } from '../responder/responder.ts';
import { listReports } from '../responder/view.ts';
import { CallerFault } from '../wire/fault.ts';
import { addDeviceOptions, type DeviceFlags, notReached, withDevice } from './connect.ts';
import { checkFree, shown } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { clean, count, duration, facts, moment, paint, table } from './say.ts';

interface ReportFlags extends DeviceFlags {
  readonly drill?: string;
  readonly json?: boolean;
}
interface ExportFlags extends ReportFlags {
  readonly out?: string;
  readonly names: boolean;
}

export function addReport(program: Command, io: Io): void {
  const report = program.command('report').description('Reports of drills, and the evidence packs for auditors');
  addDeviceOptions(report.command('list').description('Drills this device has a report of'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster report list --dir ada')
    .action((flags: ReportFlags) => list(io, flags));
  addDeviceOptions(report.command('show').description('One report; the newest that is closed, if no drill is named'))
    .option('--drill <id>', 'the beginning of the drill’s id')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  muster report show --dir ada')
    .action((flags: ReportFlags) => show(io, flags));
  addDeviceOptions(
    report.command('export').description('Write and sign the evidence pack of a drill; on a coordinator’s device'),
  )
    .option('--drill <id>', 'the beginning of the drill’s id; the newest that is closed')
    .option('--out <folder>', 'the folder to make; muster-drill-N in this one')
    .option('--without-names', 'leave out who the participants are')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  muster report export --out drill-3 --dir ada\n  muster verify drill-3 --org FINGERPRINT',
    )
    .action((flags: ReportFlags & { readonly out?: string; readonly withoutNames?: boolean }) =>
      exportOne(io, { ...flags, names: flags.withoutNames !== true }),
    );
}

const list = (io: Io, flags: ReportFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    const isWhole = await catchUp();
    const reports = listReports(device);
    if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, reports }));
    else if (reports.length === 0) io.out('No drill has been opened yet.');
    else
      io.out(
        table(
          ['id', 'drill', 'started', 'state'],
          reports.map((each) => [
            each.drill.slice(0, 8),
            each.title,
            moment(each.startedAtMs),
            each.closed ? 'closed' : 'open',
          ]),
        ),
      );
    if (!isWhole) throw notReached(device, 'This is what this device knows; there may be more on the relays');
  });

const show = (io: Io, flags: ReportFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    if (!(await catchUp())) io.err(notReached(device, 'Computed from what is on this device').message);
    const id = pick(device, flags.drill);
    const report = viewReport(device, id);
    io.out(flags.json === true ? JSON.stringify(report) : sayReport(io, report, namesOf(listOfDrill(device, id))));
  });

const exportOne = (io: Io, flags: ExportFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    if (flags.out !== undefined) checkFree(io, flags.out);
    if (!(await catchUp())) io.err(notReached(device, 'Made from what is on this device').message);
    const id = pick(device, flags.drill);
    const { self, list: musterList } = device.state;
    const { report, files } = await exportDrill(device, id, flags.names);
    const out = flags.out ?? `muster-drill-${report.drill.sequence}`;
    checkFree(io, out);
    await writePack(pathOf(io, out), files);
    if (flags.json === true)
      io.out(JSON.stringify({ pack: pathOf(io, out), drill: id, files: files.size, fingerprint: musterList.org }));
    else {
      io.out(
        `Wrote the evidence pack of drill ${report.drill.sequence} "${clean(report.drill.title)}" to ${out}: ${count(files.size, 'file')}, ${flags.names ? 'with names in annex/' : 'without names'}.`,
      );
      io.out(`  Check it: muster verify ${shown(out)} --org ${musterList.org}`);
      io.out(
        '  Without Muster: VERIFY.md in the pack says how. Give the reader two things by another way than the pack:',
      );
      io.out(
        facts([
          ['organisation', orgWords(musterList.org).join(' ')],
          ['signer', sshFingerprint(self.keys.evidence.publicKey)],
        ]),
      );
    }
  });

function pick(device: Responder, said: string | undefined): DrillId {
  const reports = listReports(device);
  const closed = reports.filter((each) => each.closed);
  const found =
    said === undefined
      ? closed.slice(0, 1)
      : reports.filter((each) => said.length >= 4 && each.drill.startsWith(said.toLowerCase()));
  const [one] = found;
  if (one === undefined)
    throw new CallerFault(
      'not-found',
      said === undefined
        ? reports.length === 0
          ? 'No drill has been opened yet, so there is no report.'
          : 'No drill has been closed yet, so there is no report: a coordinator’s device closes it when its time is over. muster drill show says when.'
        : `There is no report of a drill "${said}". muster report list shows them.`,
    );
  if (found.length > 1) throw new CallerFault('invalid', `"${said}" fits ${found.length} drills: give more of the id.`);
  return drillId.parse(one.drill);
}

const time = (ms: number | undefined): string => (ms === undefined ? '-' : duration(ms));

/** Who P03 is. The report itself has no names, so that it can be shown to outsiders; this terminal is no outsider. */
const namesOf = (list: MusterList): ReadonlyMap<string, string> => {
  const refs = refsOf(list);
  return new Map(list.members.map((member) => [refs.get(member.id) ?? '', nameOf(member)]));
};

const outcomes: Readonly<Record<ReportParticipant['outcome'], string>> = {
  'in-time': 'answered',
  late: 'late',
  silent: 'silent',
  unreachable: 'not reached',
};

function sayPeople(report: Report, names: ReadonlyMap<string, string>): string {
  const who = (ref: string) => names.get(ref) ?? ref;
  return table(
    ['', 'who', 'outcome', 'answer', 'after', 'stepped in'],
    report.participants.map(({ ref, outcome, answer, answeredAfterMs, standIn }) => [
      ref,
      who(ref),
      outcomes[outcome],
      answer ?? '-',
      time(answeredAfterMs),
      standIn === undefined ? '-' : `${who(standIn.ref)}, after ${time(standIn.answeredAfterMs)}`,
    ]),
  );
}

function sayReport(io: Io, report: Report, names: ReadonlyMap<string, string>): string {
  const { bold } = paint(io);
  const { drill, figures, objectives, findings } = report;
  return [
    bold(`EXERCISE  Drill ${drill.sequence}: ${clean(drill.title)}  (${report.result})`),
    facts([
      ['started', `${moment(drill.startedAtMs)}, ${drill.announced ? 'announced' : 'unannounced'}`],
      ['list', `${report.list.version}, signed by ${report.list.signedBy.join(', ')}`],
      ['reached', `${figures.reached} of ${figures.members}`],
      ['answered', `${figures.acknowledged} (${figures.inTime} in time, ${figures.late} late)`],
      ['silent', figures.silent],
      ['unreachable', figures.unreachable],
      ['stood in for', figures.stoodInFor],
      ['median, p90, max', `${time(figures.medianMs)}, ${time(figures.p90Ms)}, ${time(figures.maxMs)}`],
    ]),
    '',
    bold('Members'),
    sayPeople(report, names),
    '',
    bold('Objectives'),
    table(
      ['', 'objective', 'target', 'actual'],
      objectives.map((each) => [each.met ? 'met' : 'missed', each.text, each.target, each.actual]),
    ),
    '',
    bold('Findings'),
    findings.length === 0
      ? '  none'
      : table(
          ['kind', 'severity', 'about', 'finding'],
          findings.map((each) => [each.kind, each.severity, each.about.join(' ') || '-', each.text]),
        ),
  ].join('\n');
}
