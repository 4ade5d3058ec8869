/** A finished drill as the report page sees it; its figures agree with its participants, as a real one's would. */
import type { Report, ReportParticipant } from '../../src/core/report.ts';
import { drillIds, fingerprint, id, type Person } from './windowData.ts';

const second = 1000;
const minute = 60 * second;
const ref = (n: number) => `P${String(n + 1).padStart(2, '0')}`;

function participant(n: number, { role, unit }: Person): ReportParticipant {
  const readiness = {
    listVersion: n === 7 ? 3 : 4,
    relaysUp: n < 3 ? 3 : 2,
    relaysTotal: 3,
    clockOffsetMs: n === 9 ? 61_000 : 120 - n * 31,
    app: '0.1.0',
    factor: 'passphrase',
  };
  const base = { ref: ref(n), role, unit, deputies: n < 5 ? [ref(n + 1)] : [] };
  if (n === 6) return { ...base, outcome: 'unreachable' };
  if (n === 4)
    return {
      ...base,
      outcome: 'silent',
      reachedAfterMs: 3 * second,
      standIn: { ref: ref(5), answeredAfterMs: 6 * minute + 12 * second },
      readiness,
    };
  const late = n === 9;
  const answer = n === 10 ? 'not-available' : n === 3 ? 'need-help' : 'there';
  return {
    ...base,
    outcome: late ? 'late' : 'in-time',
    answer,
    reachedAfterMs: 1500 + n * 400,
    answeredAfterMs: late ? 7 * minute + 40 * second : 14 * second + n * n * 1900,
    readiness,
  };
}

export function makeReport(now: number, people: readonly Person[]): Report {
  const startedAtMs = now - 9 * 24 * 60 * minute;
  const participants = people.map((person, n) => participant(n, person));
  const answered = participants
    .flatMap((each) => (each.answeredAfterMs === undefined ? [] : [each.answeredAfterMs]))
    .sort((a, b) => a - b);
  const at = (share: number) => answered[Math.max(0, Math.ceil(share * answered.length) - 1)] ?? 0;
  const count = (outcome: ReportParticipant['outcome']) =>
    participants.filter((each) => each.outcome === outcome).length;
  return {
    schema: 'muster-report/1',
    id: id(5, 1),
    status: 'final',
    exercise: true,
    organisation: { name: 'Nordhavn Energi', fingerprint },
    drill: {
      id: drillIds.finished,
      sequence: 2,
      title: 'Reach everyone, second quarter',
      type: 'reach',
      trigger: 'planned',
      announced: false,
      scenario: 'The data centre is off line after a fire alarm. Nobody knows for how long.',
      injects: ['Relay R2 is stopped 40 seconds after the start', 'P05 does not answer'],
      windowFromMs: startedAtMs - 20 * 60 * minute,
      windowToMs: startedAtMs + 40 * 60 * minute,
      startedAtMs,
      openedAfterMs: 1200,
      closedAfterMs: 30 * minute,
      director: 'P01',
    },
    list: {
      version: 4,
      id: id(6, 4),
      issuedAtMs: now - 120 * 24 * 60 * minute,
      expiresAtMs: now + 61 * 24 * 60 * minute,
      custodians: 3,
      threshold: 2,
      signedBy: ['K1', 'K3'],
    },
    targets: {
      answerWithinMs: 5 * minute,
      escalateAfterMs: 5 * minute,
      closeAfterMs: 30 * minute,
      answeredPercent: 80,
    },
    figures: {
      members: people.length,
      reached: people.length - count('unreachable'),
      acknowledged: answered.length,
      inTime: count('in-time'),
      late: count('late'),
      silent: count('silent'),
      unreachable: count('unreachable'),
      stoodInFor: 1,
      needHelp: 1,
      notAvailable: 1,
      firstMs: at(0),
      medianMs: at(0.5),
      p90Ms: at(0.9),
      p95Ms: at(0.95),
      maxMs: at(1),
      deputyMs: 72 * second,
    },
    byRole: [...new Set(people.map(({ role }) => role))].slice(0, 9).map((role) => {
      const own = participants.filter((each) => each.role === role);
      const median = own.find((each) => each.answeredAfterMs !== undefined)?.answeredAfterMs;
      return {
        role,
        members: own.length,
        acknowledged: own.filter((each) => each.answeredAfterMs !== undefined).length,
        ...(median === undefined ? {} : { medianMs: median }),
      };
    }),
    participants,
    relays: [
      { ref: 'R1', name: 'Harbour', pin: 'sha256:4Jq0c2l9', reachedBy: 11, lostBy: 0 },
      {
        ref: 'R2',
        name: 'Ridge',
        pin: 'sha256:mW31Zp7e',
        reachedBy: 11,
        lostBy: 11,
        lostAfterMs: 40 * second,
        answersAfterLoss: 6,
        switchMs: 1800,
      },
      { ref: 'R3', name: 'Quarry', pin: 'sha256:y0Bd8sQk', reachedBy: 11, lostBy: 0 },
    ],
    objectives: [
      {
        id: 'O1',
        text: 'Everyone’s device shows the alarm',
        target: '12 of 12',
        actual: '11 of 12',
        met: false,
        rating: 'S',
      },
      { id: 'O2', text: 'Members answer within 5 minutes', target: '80 %', actual: '75 %', met: false, rating: 'M' },
      {
        id: 'O3',
        text: 'The channel survives the loss of one relay',
        target: 'no answer lost',
        actual: 'no answer lost',
        met: true,
        rating: 'P',
      },
    ],
    result: 'pass-with-findings',
    findings: [
      {
        id: 'F1',
        kind: 'weakness',
        severity: 'high',
        code: 'unreachable',
        text: 'P07 was never reached: no device of theirs was on line.',
        about: ['P07'],
        advice: 'Ask P07 to open Muster once a week, or enrol a second device.',
      },
      {
        id: 'F2',
        kind: 'weakness',
        severity: 'medium',
        code: 'clock',
        text: 'The clock of P10’s device is a minute off.',
        about: ['P10'],
        advice: 'Set the clock of that device by hand; check its battery.',
      },
      {
        id: 'F3',
        kind: 'weakness',
        severity: 'low',
        code: 'old-list',
        text: 'P08 worked with muster list 3; version 4 was in force.',
        about: ['P08'],
        advice: 'Have P08 open Muster while a relay is up.',
      },
      {
        id: 'F4',
        kind: 'strength',
        severity: 'low',
        code: 'failover',
        text: 'Six people answered after relay R2 was lost; the channel was quiet for 1.8 seconds.',
        about: ['R2'],
        advice: 'Keep it so.',
      },
    ],
    events: [
      {
        seq: 1,
        atMs: startedAtMs,
        afterMs: 0,
        actor: 'P01',
        action: 'opened',
        detail: 'Drill 2 of the programme',
        entry: id(7, 1),
      },
      ...participants
        .filter((each) => each.answeredAfterMs !== undefined)
        .map((each, n) => ({
          seq: n + 2,
          atMs: startedAtMs + (each.answeredAfterMs ?? 0),
          afterMs: each.answeredAfterMs ?? 0,
          actor: each.ref,
          action: 'answered',
          detail: each.answer ?? '',
          entry: id(7, n + 2),
        })),
      {
        seq: 40,
        atMs: startedAtMs + 30 * minute,
        afterMs: 30 * minute,
        actor: 'P01',
        action: 'closed',
        detail: 'Time was up',
        entry: id(7, 40),
      },
    ],
    crypto: { suite: 1, signature: 'Ed25519', keyAgreement: 'X-Wing', cipher: 'XChaCha20-Poly1305' },
    limits: [
      'Times are those of each device’s own clock, as far apart as the participants table shows.',
      'Whether the person who answered was the person named is as sure as the device’s lock.',
    ],
    notExercised: [{ item: 'Backup channels', reason: 'Planned for the next drill; approved by two custodians.' }],
    clauses: [{ clause: 'NIS2 Art. 21(2)(j)', claim: 'supports', fields: ['figures', 'participants'] }],
    evidence: { entries: 26, closedBy: id(7, 40) },
  };
}
