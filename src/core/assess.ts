/**
 * The report of a drill: a pure function of the signed list and the signed entries, so that an outsider who holds
 * both computes the same report and no one's word is needed. It may use nothing a pack withholds: no names, no
 * contact paths, no rendezvous secret.
 */
import { hex } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { type BodyOf, readBody } from './body.ts';
import { clauseTable } from './clauses.ts';
import { askDeputyAfterMs } from './drill.ts';
import { closingOf, type Log, makeRefs, type Said } from './drillLog.ts';
import type { Entry } from './entry.ts';
import { assessFindings, assessObjectives, resultOf } from './finding.ts';
import { drillId, entryId, listId } from './id.ts';
import type { DrillPlan, Member, MusterList } from './list.ts';
import { type Report, type ReportEvent, type ReportParticipant, type ReportRelay, reportSchema } from './report.ts';
import { hash } from './verify.ts';

/** The report. `entries` come from `entriesOf`. Throws as `entriesOf` does. */
export function assess(list: MusterList, plan: DrillPlan, entries: readonly Entry[]): Report {
  const said = entries.map((entry): Said => {
    const member = list.members.find((each) => each.id === list.devices.get(entry.device)?.member);
    if (member === undefined)
      throw new PeerFault('not-a-member', 'an entry of the drill is by nobody on the muster list');
    return { entry, body: readBody(entry.body), member };
  });
  const opened = said.find(
    ({ body, member }) =>
      body?.type === 'alarm' &&
      body.drill === plan.id &&
      plan.coordinators.includes(member.id) &&
      // One that claims a start outside the window has opened nothing.
      body.startedAtMs >= plan.fromMs &&
      body.startedAtMs <= plan.toMs,
  );
  const closing = closingOf(list, plan, entries);
  const closed = said.find((each) => each.entry === closing);
  if (opened?.body?.type !== 'alarm' || closed === undefined) {
    throw new CallerFault('not-found', 'This drill was never opened by a coordinator, so there is no report of it.');
  }
  const startMs = opened.body.startedAtMs;
  const log: Log = { list, plan, startMs, said, refs: makeRefs(list) };
  const participants = list.members.map((member) => assessParticipant(log, member));
  const relays = list.relays.map((relay) => assessRelay(log, relay.id));
  const figures = assessFigures(log, participants);
  const objectives = assessObjectives(log, participants, relays);
  const findings = assessFindings(log, participants, relays);
  return {
    schema: reportSchema,
    id: hex(hash('report', listId.bytes(list.id), drillId.bytes(plan.id), entryId.bytes(closed.entry.id))),
    status: 'final',
    exercise: true,
    organisation: { name: list.genesis.name, fingerprint: list.org },
    drill: {
      id: plan.id,
      sequence: plan.sequence,
      title: plan.title,
      type: 'reach',
      trigger: 'planned',
      announced: plan.announced,
      scenario: plan.scenario,
      injects: plan.injects,
      windowFromMs: plan.fromMs,
      windowToMs: plan.toMs,
      startedAtMs: startMs,
      openedAfterMs: opened.entry.timeMs - startMs,
      closedAfterMs: closed.entry.timeMs - startMs,
      director: log.refs.of(closed.member.id),
    },
    list: {
      version: list.version,
      id: list.id,
      issuedAtMs: list.issuedAtMs,
      expiresAtMs: list.expiresAtMs,
      custodians: list.genesis.custodians.length,
      threshold: list.genesis.threshold,
      signedBy: list.signedBy.map((i) => `custodian ${i + 1}`),
    },
    targets: {
      answerWithinMs: plan.answerWithinMs,
      escalateAfterMs: plan.escalateAfterMs,
      closeAfterMs: plan.closeAfterMs,
      answeredPercent: plan.answeredPercent,
    },
    figures,
    byRole: assessRoles(participants),
    participants,
    relays,
    objectives,
    result: resultOf(objectives, findings),
    findings,
    events: said.map((each, i) => describe(log, each, i + 1)),
    crypto: {
      suite: 1,
      signature: 'Ed25519',
      keyAgreement: 'X-Wing (X25519 + ML-KEM-768)',
      cipher: 'XChaCha20-Poly1305 with key commitment',
    },
    limits,
    notExercised,
    clauses: clauseTable,
    evidence: { entries: entries.length, closedBy: closed.entry.id },
  };
}

const limits: readonly string[] = [
  'Times are what each device’s own clock said when it signed; each answer carries the offset measured against the relays.',
  'A signature shows which device said what. That a person was at it rests on the vault’s passphrase and on what that person says.',
  'An answer that had not reached the director’s device when the drill was closed is not counted here.',
  'Signatures and the log show that nothing was changed afterwards; a time stamp from outside is not part of this version.',
];

const notExercised: Report['notExercised'] = [
  {
    item: 'Contact with the competent authority or CSIRT',
    reason: 'This drill was internal; nobody outside was contacted.',
  },
  { item: 'Voice and video', reason: 'Not part of this version of Muster.' },
  { item: 'Backup channels (satellite phone, radio, meeting point)', reason: 'Not part of this drill’s plan.' },
];

type Answered = { readonly atMs: number; readonly body: BodyOf<'answer'>; readonly by: Member };

function answersIn(log: Log): readonly Answered[] {
  return log.said.flatMap(({ entry, body, member }) =>
    body?.type === 'answer' && body.drill === log.plan.id ? [{ atMs: entry.timeMs, body, by: member }] : [],
  );
}

function assessParticipant(log: Log, member: Member): ReportParticipant {
  const answers = answersIn(log);
  const own = answers.filter((each) => each.by.id === member.id && each.body.standInFor === undefined);
  const standIn = answers.find((each) => each.body.standInFor === member.id && member.deputies.includes(each.by.id));
  const raised = log.said.find((each) => each.member.id === member.id && each.body?.type === 'raised');
  const first = own[0];
  const answeredAfterMs = first === undefined ? undefined : first.atMs - log.startMs;
  const readiness = first?.body.readiness ?? (raised?.body?.type === 'raised' ? raised.body.readiness : undefined);
  const latest = own.at(-1);
  return {
    ref: log.refs.of(member.id),
    role: member.role,
    unit: member.unit,
    deputies: member.deputies.map(log.refs.of),
    outcome:
      answeredAfterMs !== undefined
        ? answeredAfterMs <= log.plan.answerWithinMs
          ? 'in-time'
          : 'late'
        : raised === undefined
          ? 'unreachable'
          : 'silent',
    ...(latest === undefined ? {} : { answer: latest.body.answer }),
    ...(raised === undefined ? {} : { reachedAfterMs: raised.entry.timeMs - log.startMs }),
    ...(answeredAfterMs === undefined ? {} : { answeredAfterMs }),
    ...(standIn === undefined
      ? {}
      : { standIn: { ref: log.refs.of(standIn.by.id), answeredAfterMs: standIn.atMs - log.startMs } }),
    ...(readiness === undefined
      ? {}
      : {
          readiness: {
            listVersion: readiness.listVersion,
            relaysUp: readiness.relays.length,
            relaysTotal: readiness.relaysTotal,
            clockOffsetMs: readiness.clockOffsetMs,
            app: readiness.app,
            factor: readiness.factor,
          },
        }),
  };
}

function assessRelay(log: Log, id: MusterList['relays'][number]['id']): ReportRelay {
  const relay = log.list.relays.find((each) => each.id === id);
  const reachedBy = new Set(
    log.said.flatMap(({ body, member }) =>
      body?.type === 'raised' && body.readiness.relays.includes(id) ? [member.id] : [],
    ),
  );
  const losses = log.said.filter(({ body }) => body?.type === 'relay' && body.relay === id && !body.up);
  const lostAtMs = losses.reduce<number | undefined>((least, { body }) => {
    if (body?.type !== 'relay') return least;
    return least === undefined ? body.sinceMs : Math.min(least, body.sinceMs);
  }, undefined);
  const common = { ref: log.refs.relay(id), name: relay?.name ?? '', pin: id, reachedBy: reachedBy.size };
  if (lostAtMs === undefined) return { ...common, lostBy: 0 };
  const after = answersIn(log).filter((each) => each.atMs > lostAtMs);
  const next = after[0];
  return {
    ...common,
    lostBy: new Set(losses.map((each) => each.entry.device)).size,
    lostAfterMs: lostAtMs - log.startMs,
    answersAfterLoss: after.length,
    ...(next === undefined ? {} : { switchMs: next.atMs - lostAtMs }),
  };
}

/** Nearest-rank percentile of ascending values; `undefined` of none. */
export function percentile(ascending: readonly number[], percent: number): number | undefined {
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)];
}

function assessFigures(log: Log, participants: readonly ReportParticipant[]): Report['figures'] {
  const times = participants
    .flatMap((each) => (each.answeredAfterMs === undefined ? [] : [each.answeredAfterMs]))
    .sort((a, b) => a - b);
  const count = (test: (each: ReportParticipant) => boolean) => participants.filter(test).length;
  const delays = log.list.members.flatMap((member) => {
    const each = participants.find((one) => one.ref === log.refs.of(member.id));
    if (each?.standIn === undefined) return [];
    const by = each.standIn.ref;
    const rank = member.deputies.findIndex((deputy) => log.refs.of(deputy) === by);
    return [each.standIn.answeredAfterMs - askDeputyAfterMs(log.plan, Math.max(0, rank), member.deputies.length)];
  });
  const optional = {
    firstMs: times[0],
    medianMs: percentile(times, 50),
    p90Ms: percentile(times, 90),
    p95Ms: percentile(times, 95),
    maxMs: times.at(-1),
    deputyMs: delays.length === 0 ? undefined : Math.max(0, Math.min(...delays)),
  };
  return {
    members: participants.length,
    reached: count((each) => each.reachedAfterMs !== undefined || each.answeredAfterMs !== undefined),
    acknowledged: times.length,
    inTime: count((each) => each.outcome === 'in-time'),
    late: count((each) => each.outcome === 'late'),
    silent: count((each) => each.outcome === 'silent'),
    unreachable: count((each) => each.outcome === 'unreachable'),
    stoodInFor: count((each) => each.standIn !== undefined),
    needHelp: count((each) => each.answer === 'need-help'),
    notAvailable: count((each) => each.answer === 'not-available'),
    ...withoutNothing(optional),
  };
}

/** Leaves out what is undefined: absent and unknown are the same thing in a report, and JSON has no undefined. */
function withoutNothing<T extends Record<string, number | undefined>>(value: T): { readonly [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]?: number;
  };
}

function assessRoles(participants: readonly ReportParticipant[]): Report['byRole'] {
  const roles = [...new Set(participants.map((each) => each.role))].sort();
  return roles.map((role) => {
    const inRole = participants.filter((each) => each.role === role);
    const times = inRole
      .flatMap((each) => (each.answeredAfterMs === undefined ? [] : [each.answeredAfterMs]))
      .sort((a, b) => a - b);
    const medianMs = percentile(times, 50);
    return {
      role,
      members: inRole.length,
      acknowledged: times.length,
      ...(medianMs === undefined ? {} : { medianMs }),
    };
  });
}

function describe(log: Log, { entry, body, member }: Said, seq: number): ReportEvent {
  const line = (action: string, detail = ''): ReportEvent => ({
    seq,
    atMs: entry.timeMs,
    afterMs: entry.timeMs - log.startMs,
    actor: log.refs.of(member.id),
    action,
    detail,
    entry: entry.id,
  });
  switch (body?.type) {
    case 'alarm':
      return line('opened', 'Opened the drill.');
    case 'raised':
      return line('reached', 'The alarm was on the screen.');
    case 'answer':
      return body.standInFor === undefined
        ? line('answered', body.answer)
        : line('stepped-in', `Stepped in for ${log.refs.of(body.standInFor)}: ${body.answer}`);
    case 'relay':
      return line(
        body.up ? 'relay-back' : 'relay-lost',
        `${log.refs.relay(body.relay)} was ${body.up ? 'found again' : 'lost'}.`,
      );
    case 'close':
      return line('closed', 'Closed the drill.');
    case 'text':
      // What people wrote stays in the signed log; a report is about who did what when.
      return line('wrote', 'Wrote in the drill’s room.');
    case 'file':
      return line('wrote', 'Sent a file in the drill’s room.');
    case 'remove':
    case 'add':
    case 'role':
    case 'policy':
    case 'fork':
    case 'prekey':
    case 'verified':
      return line('changed', 'Changed who is in the drill’s room, or its keys.');
    case undefined:
      return line('unknown', 'Something this version of Muster does not know.');
    default:
      return body satisfies never;
  }
}
