/**
 * What a drill was, as data: the shape of report.json. It is computed from signed entries and the signed muster
 * list alone (assess.ts), so anyone who holds those computes the same report. Names are not in it: participants
 * are numbered, and who P07 is stands in a part of the pack that can be withheld.
 *
 * Field groups follow the list in docs/evidence.md. Times are milliseconds since 1970 UTC unless a name ends in
 * `AfterMs`, which counts from the start of the drill.
 */

export const reportSchema = 'muster-report/1';

export type Answer = 'there' | 'need-help' | 'not-available';

/** `silent`: the alarm was on their screen and no answer came. `unreachable`: it never got there. */
export type Outcome = 'in-time' | 'late' | 'silent' | 'unreachable';

/** Performed without, with some, with major challenges; unable to be performed (the HSEEP ratings). */
export type Rating = 'P' | 'S' | 'M' | 'U';

export interface ReportParticipant {
  /** `P01` …, in the order of the muster list. */
  readonly ref: string;
  readonly role: string;
  readonly unit: string;
  /** Refs of the people who step in for this one, in order. */
  readonly deputies: readonly string[];
  readonly outcome: Outcome;
  readonly answer?: Answer;
  /** When the alarm was on the screen of the first of their devices, after the start. */
  readonly reachedAfterMs?: number;
  /** When they answered themselves, after the start. */
  readonly answeredAfterMs?: number;
  /** Who answered for them, and when. */
  readonly standIn?: { readonly ref: string; readonly answeredAfterMs: number };
  /** What their device said of itself when it answered, or when the alarm was raised if no answer came. */
  readonly readiness?: {
    readonly listVersion: number;
    readonly relaysUp: number;
    readonly relaysTotal: number;
    readonly clockOffsetMs: number;
    readonly app: string;
    readonly factor: string;
  };
}

export interface ReportRelay {
  readonly ref: string;
  readonly name: string;
  readonly pin: string;
  readonly reachedBy: number;
  /** Devices that saw it go while the drill ran, and when the first of them did. */
  readonly lostBy: number;
  readonly lostAfterMs?: number;
  /** People who answered after the first device lost this relay: their answers took another way. */
  readonly answersAfterLoss?: number;
  /** From losing this relay to the next entry of the log, in milliseconds: how long the channel was quiet. */
  readonly switchMs?: number;
}

export interface ReportObjective {
  readonly id: string;
  readonly text: string;
  readonly target: string;
  readonly actual: string;
  readonly met: boolean;
  readonly rating: Rating;
}

export interface ReportFinding {
  readonly id: string;
  readonly kind: 'strength' | 'weakness';
  readonly severity: 'low' | 'medium' | 'high';
  readonly code: string;
  readonly text: string;
  /** Participants or relays it is about. */
  readonly about: readonly string[];
  readonly advice: string;
}

export interface ReportEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly afterMs: number;
  /** `P03`, or `relay R2`. */
  readonly actor: string;
  readonly action: string;
  readonly detail: string;
  /** Id of the signed entry this line was read from. */
  readonly entry: string;
}

export interface Report {
  readonly schema: typeof reportSchema;
  readonly id: string;
  readonly status: 'final';
  readonly exercise: true;
  readonly organisation: { readonly name: string; readonly fingerprint: string };
  readonly drill: {
    readonly id: string;
    readonly sequence: number;
    readonly title: string;
    readonly type: 'reach';
    readonly trigger: 'planned';
    readonly announced: boolean;
    readonly scenario: string;
    readonly injects: readonly string[];
    readonly windowFromMs: number;
    readonly windowToMs: number;
    readonly startedAtMs: number;
    readonly openedAfterMs: number;
    readonly closedAfterMs: number;
    readonly director: string;
  };
  readonly list: {
    readonly version: number;
    readonly id: string;
    readonly issuedAtMs: number;
    readonly expiresAtMs: number;
    readonly custodians: number;
    readonly threshold: number;
    readonly signedBy: readonly string[];
  };
  readonly targets: {
    readonly answerWithinMs: number;
    readonly escalateAfterMs: number;
    readonly closeAfterMs: number;
    readonly answeredPercent: number;
  };
  readonly figures: {
    readonly members: number;
    /** Members whose device showed the alarm. */
    readonly reached: number;
    /** Members who answered themselves, in time or late. */
    readonly acknowledged: number;
    readonly inTime: number;
    readonly late: number;
    readonly silent: number;
    readonly unreachable: number;
    readonly stoodInFor: number;
    readonly needHelp: number;
    readonly notAvailable: number;
    readonly firstMs?: number;
    readonly medianMs?: number;
    readonly p90Ms?: number;
    readonly p95Ms?: number;
    readonly maxMs?: number;
    /** From escalation falling due to the first deputy's answer. */
    readonly deputyMs?: number;
  };
  readonly byRole: readonly {
    readonly role: string;
    readonly members: number;
    readonly acknowledged: number;
    readonly medianMs?: number;
  }[];
  readonly participants: readonly ReportParticipant[];
  readonly relays: readonly ReportRelay[];
  readonly objectives: readonly ReportObjective[];
  readonly result: 'pass' | 'pass-with-findings' | 'fail';
  readonly findings: readonly ReportFinding[];
  readonly events: readonly ReportEvent[];
  readonly crypto: {
    readonly suite: number;
    readonly signature: string;
    readonly keyAgreement: string;
    readonly cipher: string;
  };
  readonly limits: readonly string[];
  readonly notExercised: readonly { readonly item: string; readonly reason: string }[];
  readonly clauses: readonly {
    readonly clause: string;
    readonly claim: 'supports';
    readonly fields: readonly string[];
  }[];
  readonly evidence: { readonly entries: number; readonly closedBy: string };
}
