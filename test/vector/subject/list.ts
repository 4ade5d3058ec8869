/** Readings of what custodians sign and people carry. */
import { readAdmission } from '../../../src/core/admission.ts';
import { joinBundle, readBundle } from '../../../src/core/bundle.ts';
import { readCertificate } from '../../../src/core/certificate.ts';
import { startOf } from '../../../src/core/drill.ts';
import { orgOf, readGenesis } from '../../../src/core/genesis.ts';
import { encodeJoin, readJoin } from '../../../src/core/join.ts';
import { readList } from '../../../src/core/list.ts';
import { inboxOf, orgRoom, readRoom } from '../../../src/core/room.ts';
import {
  isVerificationCode,
  verificationCode,
  verificationOf,
  verificationWords,
} from '../../../src/core/verification.ts';
import { sodiumChecker } from '../../../src/core/verify.ts';
import { safetyWords } from '../../../src/core/words.ts';
import { orgId } from '../../../src/wire/id.ts';
import { bytes, type Input, same, text } from './input.ts';

const orgIn = (input: Input) => (input['org'] === undefined ? undefined : orgId.parse(text(input, 'org')));

export const listSubjects = {
  genesis(input: Input) {
    const genesis = readGenesis(bytes(input, 'genesis'));
    return {
      org: orgOf(bytes(input, 'genesis')),
      name: genesis.name,
      threshold: genesis.threshold,
      custodians: genesis.custodians,
    };
  },
  certificate: (input: Input) => readCertificate(bytes(input, 'certificate'), bytes(input, 'identity')),
  list(input: Input) {
    const list = readList(bytes(input, 'list'), orgIn(input));
    const following = list.rendezvous === undefined ? {} : { orgRoom: orgRoom(list).id, orgTopic: orgRoom(list).topic };
    return {
      id: list.id,
      org: list.org,
      version: list.version,
      signedBy: list.signedBy,
      withheld: list.withheld,
      members: list.members.map((member) => ({
        id: member.id,
        name: member.name,
        held: member.held,
        devices: member.devices.map(({ id, since }) => ({ id, since })),
      })),
      former: [...list.former.values()].map(({ id, member, role, since, until }) => ({
        id,
        member,
        role,
        since,
        until,
      })),
      relays: list.relays.map((relay) => relay.id),
      drills: list.drills.map((plan) => ({
        id: plan.id,
        ...(list.rendezvous === undefined ? {} : { startMs: startOf(list, plan) }),
      })),
      ...following,
      ...(list.rendezvous === undefined
        ? {}
        : { inboxes: [...list.devices.keys()].map((device) => inboxOf(list, device)) }),
    };
  },
  admission(input: Input) {
    const { org, admission } = readAdmission(bytes(input, 'admission'), sodiumChecker);
    return { org, version: admission.version, access: admission.access };
  },
  bundle(input: Input) {
    const { list, listBytes, admission } = readBundle(bytes(input, 'bundle'), orgIn(input));
    same(joinBundle(listBytes, admission), bytes(input, 'bundle'));
    return { list: list.id, org: list.org, version: list.version };
  },
  join(input: Input) {
    const { digest, device, ...rest } = readJoin(bytes(input, 'request'));
    same(encodeJoin(rest), bytes(input, 'request'));
    return { handle: rest.handle, member: device.member, device: device.id, digest, words: safetyWords(digest) };
  },
  room(input: Input) {
    const room = readRoom(bytes(input, 'genesis'), readList(bytes(input, 'list')));
    const { id, topic, kind, title, members, founder, drill } = room;
    return { id, topic, kind, title, members, founder, drill };
  },
  verification(input: Input) {
    const digest = verificationOf(orgId.parse(text(input, 'org')), bytes(input, 'one'), bytes(input, 'other'));
    const scanned = input['scanned'] === undefined ? {} : { fits: isVerificationCode(text(input, 'scanned'), digest) };
    return { digest, words: verificationWords(digest), code: verificationCode(digest), ...scanned };
  },
};
