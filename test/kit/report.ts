/**
 * Reports of drills that never were, consistent in themselves: figures are counted from the participants, so a
 * test that changes one thing changes everything that follows from it. Same options, same report.
 */
import { createHash } from 'node:crypto';
import { clauseTable } from '../../src/core/clauses.ts';
import { type Report, type ReportEvent, type ReportParticipant, reportSchema } from '../../src/core/report.ts';

export interface SampleOptions {
  readonly participants?: number;
  /** Nobody late, silent or unreachable, no relay lost. */
  readonly calm?: boolean;
  readonly organisation?: string;
  readonly notExercised?: Report['notExercised'];
}

const people: readonly (readonly [name: string, role: string, unit: string])[] = [
  ['Małgorzata Brzęczyszczykiewicz', 'Crisis lead', 'Management board'],
  ['Ελένη Παπαδοπούλου', 'Incident manager', 'Security operations'],
  ['Олександр Шевченко', 'Network engineer', 'Infrastructure'],
  ['Jürgen Größmann-Weißenfels', 'Data protection officer', 'Legal and compliance'],
  ['Siobhán Ní Bhriain', 'Communications lead', 'Corporate communications'],
  ['Łukasz Żółć', 'Forensics analyst', 'Security operations'],
  ['José María Núñez', 'Plant manager', 'Operations, Werk Süd (Halle 3, Leitstand und Schichtleitung)'],
  ['Anaïs Lefèvre', 'Service desk lead', 'Information technology'],
  ['Đorđe Ђорђевић', 'System administrator', 'Infrastructure'],
  ['Åse Bjørnstad', 'Business continuity manager', 'Risk'],
  ['Ioana Țăndărică', 'Legal counsel', 'Legal and compliance'],
  ['Tom Smith', 'Facilities manager', 'Sites'],
];

const fake = (what: string): string => createHash('sha256').update(what).digest('hex');
const refOf = (index: number, of: number): string => `P${String(index + 1).padStart(of > 99 ? 3 : 2, '0')}`;
const quantile = (sorted: readonly number[], q: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];

export function sampleNames(report: Report): ReadonlyMap<string, string> {
  return new Map(
    report.participants.map(({ ref }, index) => {
      const [name = ''] = people[index % people.length] ?? [];
      return [ref, index < people.length ? name : `${name} ${Math.floor(index / people.length) + 1}`];
    }),
  );
}

export const sampleWords: readonly string[] = [
  ...[
    'harbor',
    'lantern',
    'velvet',
    'orbit',
    'maple',
    'cradle',
    'summit',
    'pigeon',
    'walnut',
    'copper',
    'ribbon',
    'tunnel',
  ],
  ...[
    'galaxy',
    'meadow',
    'anchor',
    'puzzle',
    'winter',
    'saddle',
    'fabric',
    'island',
    'mirror',
    'tomato',
    'dragon',
    'engine',
  ],
];

const startedAtMs = Date.UTC(2026, 10, 17, 9, 12, 0);
const targets = { answerWithinMs: 120_000, escalateAfterMs: 180_000, closeAfterMs: 420_000, answeredPercent: 90 };

/** Answer times in a curve that looks like people: quick ones first, a long tail, always the same. */
function participantAt(index: number, of: number, calm: boolean): ReportParticipant {
  const [, role = '', unit = ''] = people[index % people.length] ?? [];
  const spread = Number.parseInt(fake(`time ${index}`).slice(0, 6), 16) / 0xffffff;
  const turn = index % 12;
  const reachedAfterMs = 700 + Math.round(spread * 2600);
  const base = { ref: refOf(index, of), role, unit, deputies: [refOf((index + 1) % of, of)] };
  const readiness = {
    listVersion: 3,
    relaysUp: turn === 2 ? 2 : 3,
    relaysTotal: 3,
    clockOffsetMs: Math.round((spread - 0.5) * 900),
    app: '0.1.0',
    factor: turn === 5 ? 'passphrase' : 'passphrase + key file',
  };
  if (!calm && turn === 7) {
    return {
      ...base,
      outcome: 'silent',
      reachedAfterMs,
      standIn: { ref: refOf((index + 1) % of, of), answeredAfterMs: 214_300 + index },
      readiness,
    };
  }
  if (!calm && turn === 11) return { ...base, outcome: 'unreachable' };
  const late = !calm && turn === 3;
  const answeredAfterMs = reachedAfterMs + (late ? 151_000 + index * 40 : 6_000 + Math.round(spread * spread * 96_000));
  const answer = turn === 4 ? 'need-help' : turn === 9 ? 'not-available' : 'there';
  return { ...base, outcome: late ? 'late' : 'in-time', answer, reachedAfterMs, answeredAfterMs, readiness };
}

function eventsOf(
  participants: readonly ReportParticipant[],
  relayLostAfterMs: number | undefined,
): readonly ReportEvent[] {
  const all: Omit<ReportEvent, 'seq' | 'atMs' | 'entry'>[] = [
    { afterMs: 0, actor: 'P01', action: 'alarm', detail: 'the alarm was raised on this device' },
    { afterMs: 412, actor: 'P01', action: 'open', detail: 'the drill room was opened' },
  ];
  if (relayLostAfterMs !== undefined) {
    all.push({
      afterMs: relayLostAfterMs,
      actor: 'relay R2',
      action: 'lost',
      detail: 'the first device lost this relay',
    });
  }
  for (const { ref, reachedAfterMs, answeredAfterMs, answer, standIn } of participants) {
    if (reachedAfterMs !== undefined)
      all.push({ afterMs: reachedAfterMs, actor: ref, action: 'reached', detail: 'the alarm was on the screen' });
    if (answeredAfterMs !== undefined)
      all.push({ afterMs: answeredAfterMs, actor: ref, action: 'answer', detail: answer ?? '' });
    if (standIn !== undefined)
      all.push({ afterMs: standIn.answeredAfterMs, actor: standIn.ref, action: 'stand-in', detail: `for ${ref}` });
  }
  all.push({ afterMs: 420_000, actor: 'P01', action: 'close', detail: 'the drill was closed' });
  return all
    .sort((a, b) => a.afterMs - b.afterMs)
    .map((each, seq) => ({
      seq,
      atMs: startedAtMs + each.afterMs,
      ...each,
      entry: fake(`entry ${seq} ${each.actor}`),
    }));
}

export function sampleReport(options: SampleOptions = {}): Report {
  const { participants: size = 12, calm = false, organisation = 'Stadtwerke Größenau GmbH & Co. KG' } = options;
  const participants = Array.from({ length: size }, (_, index) => participantAt(index, size, calm));
  const count = (test: (each: ReportParticipant) => boolean): number => participants.filter(test).length;
  const times = participants.flatMap((each) => each.answeredAfterMs ?? []).sort((a, b) => a - b);
  const timesOf = (role: string) =>
    participants
      .filter((each) => each.role === role)
      .flatMap((each) => each.answeredAfterMs ?? [])
      .sort((a, b) => a - b);
  const lost = calm ? undefined : 48_200;
  const after = times.filter((time) => time > (lost ?? Number.POSITIVE_INFINITY)).length;
  const inTime = count((each) => each.outcome === 'in-time');
  const reached = count((each) => each.reachedAfterMs !== undefined);
  const at = (q: number, key: string) => (times.length === 0 ? {} : { [key]: quantile(times, q) });
  const percent = Math.round((100 * inTime) / size);
  const events = eventsOf(participants, lost);
  return {
    schema: reportSchema,
    id: fake('report').slice(0, 32),
    status: 'final',
    exercise: true,
    organisation: { name: organisation, fingerprint: fake('organisation') },
    drill: {
      id: fake('drill'),
      sequence: 4,
      title: 'Autumn roll call: mail and directory are gone',
      type: 'reach',
      trigger: 'planned',
      announced: false,
      scenario:
        'Ransomware has taken the directory service and the mail system. Office telephones run over the same network and are treated as lost. Everyone on the muster list is called by the out-of-band channel alone.',
      injects: ['Relay R2 is killed while answers are coming in', 'Mail and single sign-on count as compromised'],
      windowFromMs: startedAtMs - 3_600_000,
      windowToMs: startedAtMs + 4 * 3_600_000,
      startedAtMs,
      openedAfterMs: 412,
      closedAfterMs: 420_000,
      director: refOf(0, size),
    },
    list: {
      version: 3,
      id: fake('list'),
      issuedAtMs: startedAtMs - 21 * 86_400_000,
      expiresAtMs: startedAtMs + 160 * 86_400_000,
      custodians: 3,
      threshold: 2,
      signedBy: ['custodian 1', 'custodian 3'],
    },
    targets,
    figures: {
      members: size,
      reached,
      acknowledged: times.length,
      inTime,
      late: count((each) => each.outcome === 'late'),
      silent: count((each) => each.outcome === 'silent'),
      unreachable: count((each) => each.outcome === 'unreachable'),
      stoodInFor: count((each) => each.standIn !== undefined),
      needHelp: count((each) => each.answer === 'need-help'),
      notAvailable: count((each) => each.answer === 'not-available'),
      ...at(0, 'firstMs'),
      ...at(0.5, 'medianMs'),
      ...at(0.9, 'p90Ms'),
      ...at(0.95, 'p95Ms'),
      ...at(1, 'maxMs'),
      ...(calm ? {} : { deputyMs: 34_300 }),
    },
    byRole: [...new Set(participants.map((each) => each.role))].map((role) => {
      const medianMs = quantile(timesOf(role), 0.5);
      return {
        role,
        members: count((each) => each.role === role),
        acknowledged: timesOf(role).length,
        ...(medianMs === undefined ? {} : { medianMs }),
      };
    }),
    participants,
    relays: ['north', 'east (second provider)', 'on-site laptop'].map((name, index) => ({
      ref: `R${index + 1}`,
      name,
      pin: fake(`relay ${index}`),
      reachedBy: reached,
      lostBy: index === 1 && !calm ? reached : 0,
      ...(index === 1 && lost !== undefined ? { lostAfterMs: lost, answersAfterLoss: after, switchMs: 640 } : {}),
    })),
    objectives: [
      {
        id: 'O1',
        text: 'Responders answer in time over the out-of-band channel alone',
        target: '90 % within 2 min',
        actual: `${percent} % within 2 min`,
        met: percent >= 90,
        rating: percent >= 90 ? 'P' : 'S',
      },
      {
        id: 'O2',
        text: 'A deputy steps in for everyone who does not answer',
        target: 'all',
        actual: calm ? 'nobody was silent' : 'all who were silent',
        met: true,
        rating: 'P',
      },
      {
        id: 'O3',
        text: 'The loss of one relay loses no answer',
        target: '0 lost',
        actual: '0 lost',
        met: true,
        rating: 'P',
      },
    ],
    result: calm ? 'pass' : 'pass-with-findings',
    findings: [
      {
        id: 'F1',
        kind: 'strength',
        severity: 'low',
        code: 'relay-failover',
        text: 'The channel carried on over the other relays without anyone doing anything.',
        about: ['R2'],
        advice: 'Keep at least one relay at a second provider.',
      },
      ...(calm
        ? []
        : [
            {
              id: 'F2',
              kind: 'weakness' as const,
              severity: 'high' as const,
              code: 'unreachable',
              text: 'The alarm never reached some participants: no device of theirs was online in the whole drill.',
              about: participants.filter((each) => each.outcome === 'unreachable').map((each) => each.ref),
              advice:
                'Ask them in person whether the device is charged, installed and allowed to run in the background; confirm a second contact path.',
            },
            {
              id: 'F3',
              kind: 'weakness' as const,
              severity: 'medium' as const,
              code: 'late',
              text: 'Some answers came after the target.',
              about: participants.filter((each) => each.outcome === 'late').map((each) => each.ref),
              advice: 'Check that alarms are allowed to sound on their devices while the screen is off.',
            },
          ]),
    ],
    events,
    crypto: {
      suite: 1,
      signature: 'Ed25519',
      keyAgreement: 'X-Wing (X25519 + ML-KEM-768)',
      cipher: 'XChaCha20-Poly1305 with key commitment',
    },
    limits: [
      'Signatures show which key asserted what and when, not that a person acted.',
      'Event times are claims of the devices; no outside clock was asked.',
    ],
    notExercised: options.notExercised ?? [
      {
        item: 'Contact with the competent authority',
        reason: 'Outside the scope of a reach drill; planned for the spring.',
      },
    ],
    clauses: clauseTable,
    evidence: { entries: events.length, closedBy: events.at(-1)?.entry ?? '' },
  };
}
