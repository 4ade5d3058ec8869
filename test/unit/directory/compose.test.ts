import { beforeAll, describe, expect, test } from 'vitest';
import { readDraft, makeDraft } from '../../../src/core/draft.ts';
import { foundOrganisation } from '../../../src/core/custodian.ts';
import { makeCertificate, makeDeviceKeys } from '../../../src/core/certificate.ts';
import { deviceOf } from '../../../src/core/id.ts';
import { encodeJoin, type JoinRequest, readJoin } from '../../../src/core/join.ts';
import { makeSignKey } from '../../../src/core/key.ts';
import { makePrekey } from '../../../src/core/prekey.ts';
import type { MusterList } from '../../../src/core/list.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { composeLeaves, type Parts } from '../../../src/directory/compose.ts';
import { readContacts } from '../../../src/directory/contacts.ts';
import { listChanges } from '../../../src/directory/difference.ts';
import { readProgramme } from '../../../src/directory/programme.ts';
import { readRelay } from '../../../src/directory/relays.ts';
import { seeded } from '../../kit/random.ts';

const nowMs = Date.UTC(2027, 0, 1);
const random = seeded(41);
const heading =
  'handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary';
const person = (handle: string, name: string, role = 'responder') =>
  `${handle},${name},${role},IT,Europe/Berlin,,mobile,+49 1,yes,email,x@example.org,no`;
const relay = (pin: string, name: string) =>
  readRelay(JSON.stringify({ pin: pin.repeat(64), name, addresses: ['127.0.0.1:7443'] }));
const drill = (title: string, day: number, coordinators: readonly string[]) => ({
  title,
  announced: false,
  from: `2027-02-0${day}T09:00:00+01:00`,
  to: `2027-02-0${day}T17:00:00+01:00`,
  coordinators,
  openWithinSeconds: 60,
  answerWithinSeconds: 300,
  escalateAfterSeconds: 300,
  closeAfterSeconds: 900,
  answeredPercent: 80,
});
const programme = (...drills: readonly object[]) => readProgramme(JSON.stringify({ drills }));

let joins: ReadonlyMap<string, JoinRequest>;
let genesis: Uint8Array;
beforeAll(async () => {
  await loadSodium();
  genesis = foundOrganisation('Test', ['One'], 1, random).genesis;
  joins = new Map(['ada', 'bela', 'cleo'].map((handle) => [handle, join(handle)]));
});

function join(handle: string): JoinRequest {
  const identity = makeSignKey(random);
  const keys = makeDeviceKeys(random);
  const certificate = makeCertificate(identity, keys, 'laptop', nowMs);
  const prekey = makePrekey(keys.sign, deviceOf(keys.sign.publicKey), { seq: 0 }, { nowMs, forMs: 1e10 }, random);
  return readJoin(encodeJoin({ handle, identity: identity.publicKey, certificate, prekey: prekey.record }));
}

const joinsOf = (...handles: readonly string[]) => handles.flatMap((handle) => joins.get(handle) ?? []);
const parts = (changes: Partial<Parts> = {}): Parts => ({
  contacts: readContacts([heading, person('ada', 'Ada', 'commander'), person('bela', 'Bela')].join('\n')),
  joins: joinsOf('ada', 'bela'),
  relays: [relay('a', 'One')],
  programme: programme(drill('Winter', 1, ['ada'])),
  nowMs,
  ...changes,
});
const listOf = (given: Parts): MusterList =>
  readDraft(
    makeDraft(
      {
        genesis,
        version: (given.previous?.version ?? 0) + 1,
        ...(given.previous === undefined ? {} : { previous: given.previous.id }),
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + 1e9,
      },
      composeLeaves(given, random),
      random,
    ),
  ).preview;

test('makes a list that reads back, members in the order of the file', () => {
  const list = listOf(parts());
  expect(list.members.map((member) => member.name)).toEqual(['Ada', 'Bela']);
  expect(list.drills.map((each) => each.sequence)).toEqual([1]);
  expect(list.rendezvous).toBeDefined();
});

describe('refuses', () => {
  const cases: readonly [what: string, changes: () => Partial<Parts>, message: RegExp][] = [
    ['a line without a join request', () => ({ joins: joinsOf('ada') }), /none was given for bela/],
    ['a join request without a line', () => ({ joins: joinsOf('ada', 'bela', 'cleo') }), /join request of "cleo"/],
    [
      'two people with one handle',
      () => ({ joins: [...joinsOf('ada', 'bela'), join('ada')] }),
      /two of different people/,
    ],
    ['a list without relays', () => ({ relays: [] }), /at least one relay/],
    ['a relay twice', () => ({ relays: [relay('a', 'One'), relay('a', 'Two')] }), /same relay is given twice/],
    [
      'a coordinator who is nobody',
      () => ({ programme: programme(drill('Winter', 1, ['zoe'])) }),
      /drills\[0\]\.coordinators.*"zoe"/,
    ],
    ['a drill that is over', () => ({ nowMs: Date.UTC(2027, 5, 1) }), /drills\[0\]\.to: this drill would be over/],
  ];
  test.each(cases)('%s', (_, changes, message) => {
    expect(() => composeLeaves(parts(changes()), random)).toThrow(message);
  });
});

describe('the next list', () => {
  test('keeps rendezvous and drills, and numbers on', () => {
    const previous = listOf(parts());
    const next = listOf(parts({ previous, programme: programme(drill('Spring', 2, ['bela'])) }));
    expect(next.rendezvous?.open()).toEqual(previous.rendezvous?.open());
    expect(next.drills.map((each) => [each.sequence, each.title])).toEqual([
      [1, 'Winter'],
      [2, 'Spring'],
    ]);
    expect(next.drills[0]?.id).toBe(previous.drills[0]?.id);
  });
  test('takes the same drill of the programme for the same drill', () => {
    const previous = listOf(parts());
    const next = listOf(
      parts({ previous, programme: programme({ ...drill('Winter', 1, ['bela']), answeredPercent: 90 }) }),
    );
    expect(next.drills).toHaveLength(1);
    expect(next.drills[0]).toMatchObject({ id: previous.drills[0]?.id, answeredPercent: 90 });
  });
  test('never changes a drill that has begun', () => {
    const previous = listOf(parts());
    const late = {
      previous,
      nowMs: Date.UTC(2027, 1, 2),
      programme: programme({ ...drill('Winter', 1, ['ada']), answeredPercent: 10 }),
    };
    expect(listOf(parts(late)).drills[0]?.answeredPercent).toBe(80);
  });
  test('refuses to lose the last coordinator of a drill', () => {
    const previous = listOf(parts());
    const contacts = readContacts([heading, person('bela', 'Bela')].join('\n'));
    const without = parts({ previous, contacts, joins: joinsOf('bela'), programme: [] });
    expect(() => composeLeaves(without, random)).toThrow(/drill 1 "Winter": none of its coordinators/);
  });
  test('says what it changes', () => {
    const previous = listOf(parts());
    const contacts = readContacts([heading, person('ada', 'Ada', 'officer'), person('cleo', 'Cleo')].join('\n'));
    const next = listOf(parts({ previous, contacts, joins: joinsOf('ada', 'cleo'), relays: [relay('b', 'Two')] }));
    expect(listChanges(previous, next)).toEqual([
      { kind: 'removed', what: 'member', name: 'Bela', details: [] },
      { kind: 'changed', what: 'member', name: 'Ada', details: ['role: commander → officer'] },
      { kind: 'added', what: 'member', name: 'Cleo', details: ['responder, IT'] },
      { kind: 'removed', what: 'relay', name: 'One', details: [] },
      { kind: 'added', what: 'relay', name: 'Two', details: [] },
    ]);
    expect(listChanges(previous, previous)).toEqual([]);
  });
  test('shouts when somebody comes with other keys', () => {
    const previous = listOf(parts());
    const next = listOf(parts({ previous, joins: [join('ada'), ...joinsOf('bela')] }));
    const [change] = listChanges(previous, next);
    expect(change).toMatchObject({ kind: 'changed', name: 'Ada' });
    expect(change?.details[0]).toMatch(/^NEW KEYS/);
  });
});
