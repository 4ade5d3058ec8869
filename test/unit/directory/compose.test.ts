import { beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate, makeDeviceKeys } from '../../../src/core/certificate.ts';
import { foundOrganisation } from '../../../src/core/custodian.ts';
import { makeDraft, readDraft } from '../../../src/core/draft.ts';
import { deviceOf } from '../../../src/core/id.ts';
import { encodeJoin, type JoinRequest, readJoin } from '../../../src/core/join.ts';
import { makeSignKey } from '../../../src/core/key.ts';
import type { MusterList } from '../../../src/core/list.ts';
import { makePrekey } from '../../../src/core/prekey.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { composeLeaves, type Parts } from '../../../src/directory/compose.ts';
import { readContacts } from '../../../src/directory/contacts.ts';
import { listChanges } from '../../../src/directory/difference.ts';
import { nextVersion } from '../../../src/directory/past.ts';
import { readProgramme } from '../../../src/directory/programme.ts';
import { readRelay } from '../../../src/directory/relays.ts';
import { u32be } from '../../../src/wire/bytes.ts';
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

function join(
  handle: string,
  identity = makeSignKey(random),
  name = 'laptop',
  keys = makeDeviceKeys(random),
): JoinRequest {
  const certificate = makeCertificate(identity, keys, name, nowMs);
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
        version: nextVersion(given.previous),
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
      { kind: 'removed', what: 'member', name: 'Bela', details: ['device leaves for good: laptop'] },
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
    expect(change?.details.slice(1)).toEqual(['device leaves for good: laptop', 'device comes: laptop']);
  });
});

describe('what earlier lists had', () => {
  const contactsOf = (...people: readonly string[]) => readContacts([heading, ...people].join('\n'));
  const adaAs = (role: string) => contactsOf(person('ada', 'Ada', role), person('bela', 'Bela'));
  const idOf = (handle: string) => joinsOf(handle)[0]?.device.id ?? deviceOf(new Uint8Array(32));
  const formerOf = (list: MusterList) =>
    [...list.former.values()].map(({ id, role, since, until }) => ({ id, role, since, until }));
  /** Ada, whose first device can be told from a second one of the same person. */
  const withPhone = () => {
    const identity = makeSignKey(random);
    return [join('ada', identity), join('ada', identity, 'phone')] as const;
  };

  test('a device that stays has been there since its first list, a new one since this one', () => {
    const [laptop, phone] = withPhone();
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const next = listOf(parts({ previous: first, joins: [laptop, phone, ...joinsOf('bela')] }));
    const third = listOf(parts({ previous: next, joins: [laptop, phone, ...joinsOf('bela')] }));
    for (const list of [next, third])
      expect(list.members[0]?.devices.map(({ name, since }) => [name, since])).toEqual([
        ['laptop', 1],
        ['phone', 2],
      ]);
    expect(third.former.size).toBe(0);
    expect(listChanges(first, next)).toEqual([
      { kind: 'changed', what: 'member', name: 'Ada', details: ['device comes: phone'] },
    ]);
  });

  test('a device that is replaced is a former one, and the signers see it go', () => {
    const [laptop, phone] = withPhone();
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const next = listOf(parts({ previous: first, joins: [phone, ...joinsOf('bela')] }));
    expect(formerOf(next)).toEqual([{ id: laptop.device.id, role: 'commander', since: 1, until: 2 }]);
    expect(next.former.get(laptop.device.id)).toMatchObject({
      member: first.members[0]?.id,
      certificate: laptop.certificate,
    });
    expect([...next.devices.keys()]).toEqual([phone.device.id, idOf('bela')]);
    expect(listChanges(first, next)).toEqual([
      {
        kind: 'changed',
        what: 'member',
        name: 'Ada',
        details: ['device leaves for good: laptop', 'device comes: phone'],
      },
    ]);
  });

  test('a device of the same name does not take another’s place unseen', () => {
    const identity = makeSignKey(random);
    const first = listOf(parts({ joins: [join('ada', identity), ...joinsOf('bela')] }));
    const next = listOf(parts({ previous: first, joins: [join('ada', identity), ...joinsOf('bela')] }));
    expect(listChanges(first, next)[0]?.details).toEqual(['device leaves for good: laptop', 'device comes: laptop']);
  });

  test('a device that comes with another certificate or prekey is the same one, and that it did shows', () => {
    const identity = makeSignKey(random);
    const keys = makeDeviceKeys(random);
    const [laptop, tablet] = [join('ada', identity, 'laptop', keys), join('ada', identity, 'tablet', keys)];
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const next = listOf(parts({ previous: first, joins: [tablet, ...joinsOf('bela')] }));
    expect([next.former.size, next.devices.get(laptop.device.id)?.since]).toEqual([0, 1]);
    expect(listChanges(first, next)[0]?.details).toEqual(['device certified anew: laptop → tablet']);
    const request = { handle: 'ada', identity: identity.publicKey, certificate: laptop.certificate };
    const other = readJoin(encodeJoin({ ...request, prekey: tablet.prekey }));
    const same = listOf(parts({ previous: first, joins: [other, ...joinsOf('bela')] }));
    expect(listChanges(first, same)[0]?.details).toEqual(['device with another prekey: laptop']);
  });

  test('devices of who leaves are carried on as they were, over every later list', () => {
    const first = listOf(parts());
    const without = { contacts: contactsOf(person('ada', 'Ada', 'commander')), joins: joinsOf('ada') };
    const second = listOf(parts({ ...without, previous: first }));
    const gone = { id: idOf('bela'), role: 'responder', since: 1, until: 2 };
    expect(formerOf(second)).toEqual([gone]);
    const cleo = contactsOf(person('ada', 'Ada', 'commander'), person('cleo', 'Cleo', 'officer'));
    const third = listOf(parts({ previous: second, contacts: cleo, joins: joinsOf('ada', 'cleo') }));
    const fourth = listOf(parts({ ...without, previous: third }));
    expect(formerOf(third)).toEqual([gone]);
    expect(formerOf(fourth)).toEqual([gone, { id: idOf('cleo'), role: 'officer', since: 3, until: 4 }]);
    expect(listChanges(second, third).map(({ what }) => what)).toEqual(['member']);
    expect(fourth.members).toHaveLength(1);
  });

  test('a device that left does not come back, and its person is named', () => {
    const first = listOf(parts());
    const without = { contacts: contactsOf(person('ada', 'Ada', 'commander')), joins: joinsOf('ada') };
    const second = listOf(parts({ ...without, previous: first }));
    const third = listOf(parts({ ...without, previous: second }));
    for (const previous of [second, third])
      expect(() => composeLeaves(parts({ previous }), random)).toThrow(
        expect.objectContaining({
          side: 'caller',
          code: 'invalid',
          message: expect.stringMatching(/^join request of "bela" \(laptop\): this device left with list 2 /),
        }),
      );
    expect(() =>
      composeLeaves(parts({ previous: second, joins: [...joinsOf('ada'), join('bela')] }), random),
    ).not.toThrow();
  });

  test('a role that is lowered is kept as held until one as high is given again', () => {
    const roles = ['commander', 'responder', 'officer', 'commander', 'observer'];
    const seen: (readonly (string | undefined)[])[] = [];
    let previous: MusterList | undefined;
    for (const role of roles) {
      previous = listOf(parts({ contacts: adaAs(role), ...(previous === undefined ? {} : { previous }) }));
      seen.push([previous.members[0]?.role, previous.members[0]?.held]);
    }
    expect(seen).toEqual([
      ['commander', undefined],
      ['responder', 'commander'],
      ['officer', 'commander'],
      ['commander', undefined],
      ['observer', 'commander'],
    ]);
    expect(listOf(parts({ contacts: adaAs('officer') })).members[0]).not.toHaveProperty('held');
  });

  test('a device leaves with the highest role its person had until then, not with one that came later', () => {
    const [laptop, phone] = withPhone();
    const second = listOf(
      parts({
        previous: listOf(parts({ contacts: adaAs('officer'), joins: [laptop, ...joinsOf('bela')] })),
        contacts: adaAs('observer'),
        joins: [laptop, phone, ...joinsOf('bela')],
      }),
    );
    const third = listOf(parts({ previous: second, contacts: adaAs('commander'), joins: [phone, ...joinsOf('bela')] }));
    expect(formerOf(third)).toEqual([{ id: laptop.device.id, role: 'officer', since: 1, until: 3 }]);
    const fourth = listOf(parts({ previous: third, contacts: adaAs('commander'), joins: [phone, ...joinsOf('bela')] }));
    expect(formerOf(fourth)).toEqual(formerOf(third));
  });

  test('who comes back with another device is still known by the role they had', () => {
    const [laptop, phone] = withPhone();
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const bela = { contacts: contactsOf(person('bela', 'Bela')), joins: joinsOf('bela') };
    const second = listOf(parts({ ...bela, previous: first, programme: programme(drill('Winter', 1, ['bela'])) }));
    const third = listOf(parts({ previous: second, contacts: adaAs('responder'), joins: [phone, ...joinsOf('bela')] }));
    expect(third.members[0]).toMatchObject({ role: 'responder', held: 'commander' });
    expect(formerOf(third)).toEqual([{ id: laptop.device.id, role: 'commander', since: 1, until: 2 }]);
  });

  test('a list that says something else of an earlier one shows it', () => {
    const [laptop, phone] = withPhone();
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const second = listOf(parts({ previous: first, joins: [phone, ...joinsOf('bela')] }));
    const device = second.former.get(laptop.device.id);
    if (device === undefined) throw new Error('it left');
    const saying = (former: MusterList['former']) => listChanges(second, { ...second, former });
    const what = 'former device';
    expect(saying(new Map())).toEqual([{ kind: 'removed', what, name: 'laptop', details: [] }]);
    expect(saying(new Map([[device.id, { ...device, role: 'observer', since: 0 }]]))).toEqual([
      {
        kind: 'changed',
        what,
        name: 'laptop',
        details: ['role: commander → observer', 'on lists: 1 to 1 → 0 to 1'],
      },
    ]);
    const other = { ...device, id: idOf('cleo'), name: 'tablet' };
    expect(saying(new Map([...second.former, [other.id, other]]))).toEqual([
      { kind: 'added', what, name: 'tablet', details: [] },
    ]);
  });

  test('there is a bound on former devices, and what to do is said', () => {
    const [laptop, phone] = withPhone();
    const first = listOf(parts({ joins: [laptop, ...joinsOf('bela')] }));
    const second = listOf(parts({ previous: first, joins: [phone, ...joinsOf('bela')] }));
    const [one] = second.former.values();
    if (one === undefined) throw new Error('it left');
    const many = (count: number): MusterList => ({
      ...second,
      former: new Map(
        Array.from({ length: count }, (_, i) => {
          const id = deviceOf(u32be(i));
          return [id, { ...one, id, since: i }] as const;
        }),
      ),
    });
    const leaving = (count: number) => () =>
      composeLeaves(parts({ previous: many(count), joins: [join('ada'), ...joinsOf('bela')] }), random);
    expect(leaving(1_999)).not.toThrow();
    expect(leaving(2_000)).toThrow(
      expect.objectContaining({
        side: 'caller',
        message: expect.stringMatching(
          /^former devices: there would be 2001, .* at most 2000,.*found a new organisation$/,
        ),
      }),
    );
  });
});
