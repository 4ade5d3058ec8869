/** What a drill showed: objectives against their targets, and findings with advice. Rules, not opinions. */
import type { Log } from './drillLog.ts';
import type { Rating, Report, ReportFinding, ReportObjective, ReportParticipant, ReportRelay } from './report.ts';

/** A device whose clock is off by more than this makes its times hard to compare. */
const clockToleranceMs = 2_000;

function rate(actual: number, target: number): Rating {
  if (actual >= target) return 'P';
  if (actual >= target * 0.9) return 'S';
  return actual >= target * 0.5 ? 'M' : 'U';
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((100 * part) / whole));

function objective(id: string, text: string, actual: number, target: number, unit: string): ReportObjective {
  return {
    id,
    text,
    target: `${target}${unit}`,
    actual: `${actual}${unit}`,
    met: actual >= target,
    rating: rate(actual, target),
  };
}

export function assessObjectives(
  log: Log,
  participants: readonly ReportParticipant[],
  relays: readonly ReportRelay[],
): readonly ReportObjective[] {
  const members = participants.length;
  const reached = participants.filter((each) => each.outcome !== 'unreachable').length;
  const inTime = participants.filter((each) => each.outcome === 'in-time').length;
  const absent = participants.filter((each) => each.answeredAfterMs === undefined || each.answer === 'not-available');
  const covered = absent.filter((each) => each.standIn !== undefined).length;
  const lost = relays.filter((relay) => relay.lostAfterMs !== undefined);
  const survived = lost.filter((relay) => (relay.answersAfterLoss ?? 0) > 0).length;
  const seconds = log.plan.answerWithinMs / 1000;
  return [
    objective('O1', 'The alarm reaches every member', percent(reached, members), 100, ' %'),
    objective('O2', `Members answer within ${seconds} s`, percent(inTime, members), log.plan.answeredPercent, ' %'),
    ...(absent.length === 0
      ? []
      : [objective('O3', 'A deputy steps in for everyone who is not there', covered, absent.length, '')]),
    ...(lost.length === 0
      ? []
      : [objective('O4', 'The channel carries on when a relay is lost', survived, lost.length, '')]),
  ];
}

export function resultOf(objectives: readonly ReportObjective[], findings: readonly ReportFinding[]): Report['result'] {
  if (objectives.some((each) => each.id === 'O2' && !each.met)) return 'fail';
  const clean = objectives.every((each) => each.met) && findings.every((each) => each.kind === 'strength');
  return clean ? 'pass' : 'pass-with-findings';
}

type Found = Omit<ReportFinding, 'id'>;

export function assessFindings(
  log: Log,
  participants: readonly ReportParticipant[],
  relays: readonly ReportRelay[],
): readonly ReportFinding[] {
  const found = [...aboutPeople(participants), ...aboutDevices(log, participants), ...aboutRelays(relays)];
  const order = { high: 0, medium: 1, low: 2 };
  const sorted = found.sort((a, b) =>
    a.kind === b.kind ? order[a.severity] - order[b.severity] : a.kind === 'weakness' ? -1 : 1,
  );
  return sorted.map((each, i) => ({ id: `F${i + 1}`, ...each }));
}

function weakness(
  severity: Found['severity'],
  code: string,
  about: readonly string[],
  text: string,
  advice: string,
): readonly Found[] {
  return about.length === 0 ? [] : [{ kind: 'weakness', severity, code, text, about, advice }];
}

const refs = (participants: readonly ReportParticipant[]): readonly string[] => participants.map((each) => each.ref);
const people = (count: number): string => (count === 1 ? 'One member' : `${count} members`);

function aboutPeople(participants: readonly ReportParticipant[]): readonly Found[] {
  const of = (outcome: ReportParticipant['outcome'], covered?: boolean) =>
    participants.filter(
      (each) => each.outcome === outcome && (covered === undefined || (each.standIn !== undefined) === covered),
    );
  const alone = of('silent', false);
  const silent = of('silent', true);
  const late = of('late');
  const unreachable = of('unreachable');
  const undeputised = participants.filter((each) => each.deputies.length === 0);
  return [
    ...weakness(
      'high',
      'unreachable',
      refs(unreachable),
      `${people(unreachable.length)} could not be reached: no device of theirs showed the alarm.`,
      'Check that the device exists, starts, and reaches a relay; call them by another contact path and ask why.',
    ),
    ...weakness(
      'high',
      'silent-alone',
      refs(alone),
      `${people(alone.length)} did not answer and no deputy stepped in.`,
      'Ask why, and give them a deputy who is reachable at other hours or in another place.',
    ),
    ...weakness(
      'medium',
      'silent',
      refs(silent),
      `${people(silent.length)} did not answer; a deputy stepped in.`,
      'Ask why. The role was covered; the person was not reached.',
    ),
    ...weakness(
      'low',
      'late',
      refs(late),
      `${people(late.length)} answered after the target.`,
      'Ask what kept them: sound, distance, or not knowing what to do.',
    ),
    ...weakness(
      'medium',
      'no-deputy',
      refs(undeputised),
      `${people(undeputised.length)} had no deputy on the list.`,
      'Name at least one deputy for everyone.',
    ),
  ];
}

function aboutDevices(log: Log, participants: readonly ReportParticipant[]): readonly Found[] {
  const stale = participants.filter(
    (each) => each.readiness !== undefined && each.readiness.listVersion < log.list.version,
  );
  const skewed = participants.filter((each) => Math.abs(each.readiness?.clockOffsetMs ?? 0) > clockToleranceMs);
  return [
    ...weakness(
      'medium',
      'stale-list',
      refs(stale),
      `${people(stale.length)} still had an older muster list.`,
      'Bring their devices up to date.',
    ),
    ...weakness(
      'low',
      'clock',
      refs(skewed),
      `${people(skewed.length)} had a clock more than 2 s off the relays’.`,
      'Set the clock; until then compare their times with care.',
    ),
  ];
}

function aboutRelays(relays: readonly ReportRelay[]): readonly Found[] {
  return relays.flatMap((relay): readonly Found[] => {
    if (relay.lostAfterMs === undefined) return [];
    const carried = (relay.answersAfterLoss ?? 0) > 0;
    const lost = weakness(
      'medium',
      'relay-lost',
      [relay.ref],
      `Relay ${relay.ref} was lost ${(relay.lostAfterMs / 1000).toFixed(1)} s into the drill; ${relay.lostBy === 1 ? 'one device' : `${relay.lostBy} devices`} noticed.`,
      'Find out why, and bring it back before the next drill.',
    );
    const survived: Found = {
      kind: 'strength',
      severity: 'low',
      code: 'relay-survived',
      text: `The channel carried on without ${relay.ref}: ${relay.answersAfterLoss === 1 ? 'one answer' : `${relay.answersAfterLoss} answers`} came after it was gone.`,
      about: [relay.ref],
      advice: 'Keep relays with different providers.',
    };
    return carried ? [...lost, survived] : lost;
  });
}
