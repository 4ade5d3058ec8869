/**
 * The leaves of a muster list: each fact is salted and hashed on its own, and the custodians sign the hashes. So a
 * leaf (a phone number, a name, the rendezvous secret) can be left out of a copy and the signatures still hold.
 */
import type { Bytes } from '../wire/bytes.ts';
import {
  bool,
  type Coded,
  checked,
  encode,
  field,
  list,
  maybe,
  oneOf,
  rawBytes,
  record,
  text,
  uint,
  variant,
} from '../wire/cbor.ts';
import { relayId } from '../wire/id.ts';
import { maxCertificateBytes } from './certificate.ts';
import { drillId, memberId } from './id.ts';
import type { Random } from './key.ts';
import { maxPrekeyBytes } from './prekey.ts';
import { retentionDays } from './retention.ts';
import { hash } from './verify.ts';

export const maxMembers = 2000;
/** Devices that earlier lists had. They are carried on for good, so this is what an organisation may use up in its life. */
export const maxFormer = 2000;
const name = text(120);
const durationMs = uint(7 * 86_400_000);

/** What a member may do. Coordinators open drills; everyone may write. */
export const roles = ['commander', 'officer', 'responder', 'observer', 'archivist'] as const;
export type Role = (typeof roles)[number];
/** Whether the first may do more than the second. */
export const outranks = (a: Role, b: Role): boolean => roles.indexOf(a) < roles.indexOf(b);
export const contactKinds = ['phone', 'mobile', 'satellite', 'radio', 'email', 'address', 'other'] as const;

/** Tags of the kinds. They stand in the signed head beside the hashes, so that a copy shows what kind of leaf it leaves out. */
export const leafTags = {
  member: 1,
  name: 2,
  contact: 3,
  relay: 4,
  drill: 5,
  rendezvous: 6,
  primary: 7,
  former: 8,
  policy: 9,
} as const;

const version = uint(0xffffffff);

export const leafBody = variant({
  member: [
    leafTags.member,
    checked(
      record({
        member: field(1, memberId),
        identity: field(2, rawBytes({ size: 32 })),
        role: field(3, oneOf(...roles)),
        unit: field(4, name),
        /** Who steps in, first one first. */
        deputies: field(5, list(memberId, 8)),
        devices: field(
          6,
          list(
            record({
              certificate: field(1, rawBytes({ max: maxCertificateBytes })),
              prekey: field(2, rawBytes({ max: maxPrekeyBytes })),
              /** The first list that has this device. */
              since: field(3, version),
            }),
            16,
          ),
        ),
        /** The highest role by an earlier list, where it is above the present one: what was done in it stays judgeable. */
        held: maybe(7, oneOf(...roles)),
      }),
      ({ held, role }) => held === undefined || outranks(held, role),
      'a role that was held and is not above the present one',
    ),
  ],
  name: [leafTags.name, record({ member: field(1, memberId), name: field(2, name) })],
  contact: [
    leafTags.contact,
    record({
      member: field(1, memberId),
      timeZone: field(2, text(60)),
      paths: field(
        3,
        list(
          record({
            kind: field(1, oneOf(...contactKinds)),
            value: field(2, text(200)),
            /** Works when the primary infrastructure does not. */
            offPrimary: field(3, bool),
          }),
          12,
        ),
      ),
      confirmedAtMs: maybe(4, uint()),
    }),
  ],
  relay: [
    leafTags.relay,
    record({
      relay: field(1, relayId),
      name: field(2, name),
      /** `203.0.113.7:8443` or `[2001:db8::7]:8443`, an address rather than a name, tried in order. */
      addresses: field(3, list(text(200), 8)),
      operator: field(4, name),
    }),
  ],
  drill: [
    leafTags.drill,
    checked(
      record({
        drill: field(1, drillId),
        /** Gap-free over the years: a drill that was skipped or hidden shows. */
        sequence: field(2, uint(1_000_000)),
        title: field(3, name),
        announced: field(4, bool),
        /** It starts at a moment in here that follows from the list and that no screen shows before. */
        fromMs: field(5, uint()),
        toMs: field(6, uint()),
        scenario: field(7, text(2000)),
        injects: field(8, list(text(300), 20)),
        /** Whose devices open the drill, first one first. */
        coordinators: field(9, list(memberId, 8)),
        /** If the one before has not opened it by then, the next does. */
        openWithinMs: field(10, durationMs),
        answerWithinMs: field(11, durationMs),
        escalateAfterMs: field(12, durationMs),
        closeAfterMs: field(13, durationMs),
        /** Target: share of members that answer in time. */
        answeredPercent: field(14, uint(100)),
      }),
      (drill) =>
        drill.fromMs <= drill.toMs && drill.answerWithinMs <= drill.closeAfterMs && drill.coordinators.length > 0,
      'a drill whose times or coordinators do not fit',
    ),
  ],
  /** From it follow the topics and rooms that everyone on the list finds without being told. Never leaves a device. */
  rendezvous: [leafTags.rendezvous, record({ secret: field(1, rawBytes({ size: 32 })) })],
  /** What Muster must not depend on; audited against in drills. */
  primary: [
    leafTags.primary,
    record({
      domains: field(1, list(text(253), 100)),
      networks: field(2, list(text(50), 100)),
      notes: field(3, text(2000)),
    }),
  ],
  /** A device that an earlier list had and this one has not: what it signed must verify where only this list is held. */
  former: [
    leafTags.former,
    checked(
      record({
        member: field(1, memberId),
        identity: field(2, rawBytes({ size: 32 })),
        certificate: field(3, rawBytes({ max: maxCertificateBytes })),
        /** The highest that its member had by a list before `until`. */
        role: field(4, oneOf(...roles)),
        since: field(5, version),
        /** The first list without it. */
        until: field(6, version),
      }),
      ({ since, until }) => since < until,
      'a device that left before it came',
    ),
  ],
  /** How long what people write is kept, and how long what they write in drills. Absent: for good. */
  policy: [leafTags.policy, record({ retentionDays: maybe(1, retentionDays), evidenceDays: maybe(2, retentionDays) })],
});
export type LeafBody = Coded<typeof leafBody>;
export type LeafOf<T extends LeafBody['type']> = Extract<LeafBody, { readonly type: T }>;

export const leaf = record({ salt: field(1, rawBytes({ size: 16 })), body: field(2, leafBody) });

export const makeLeaf = (body: LeafBody, random: Random): Bytes => encode(leaf, { salt: random(16), body });
export const hashLeaf = (leafBytes: Bytes): Bytes => hash('list-leaf', leafBytes);
