/** Invented people, rooms and a drill for screen tests: long names, other scripts, a relay that is down. No real ones. */
import type {
  AlarmView,
  Compared,
  ComparisonView,
  HomeView,
  ListView,
  MessageView,
  RelayHereView,
  RoomView,
} from '../../src/ipc/view.ts';

export const id = (kind: number, n: number) =>
  `${kind.toString(16).padStart(2, '0')}${n.toString(16).padStart(30, '0')}`;
export const memberId = (n: number) => id(1, n);
export const roomIds = { org: id(2, 1), incident: id(2, 2), direct: id(2, 3), drill: id(2, 4) } as const;
export const drillIds = { running: id(3, 2), finished: id(3, 1) } as const;

export interface Person {
  readonly name: string;
  readonly role: string;
  readonly unit: string;
}

const people: readonly Person[] = [
  { name: 'Astrid Holm', role: 'Incident lead', unit: 'Security operations' },
  {
    name: 'Benedikt Freiherr von Hohenlohe-Waldenburg-Schillingsfürst',
    role: 'Deputy incident lead',
    unit: 'Security operations',
  },
  { name: 'Chiara Moretti', role: 'Forensics', unit: 'Security operations' },
  { name: 'دانا الخطيب', role: 'Network', unit: 'Infrastructure' },
  { name: 'Emeka Okafor', role: 'Network', unit: 'Infrastructure' },
  { name: 'Françoise Lefèvre', role: 'Legal', unit: 'Legal and compliance' },
  { name: '郭雪', role: 'Operations', unit: 'Plant north' },
  { name: 'Henrik Å. Sørensen', role: 'Operations', unit: 'Plant south' },
  { name: 'Ines Duarte 🚒', role: 'Communications', unit: 'Press office' },
  { name: 'Jan Novák', role: 'Identity', unit: 'Infrastructure' },
  { name: 'Katarzyna Wójcik', role: 'Board liaison', unit: 'Management' },
  { name: 'Liam O’Sullivan', role: 'Backup and recovery', unit: 'Infrastructure' },
];

/** The first twelve are written by hand; more than that are numbered. */
export function makePeople(count: number): Person[] {
  return Array.from(
    { length: count },
    (_, n) => people[n] ?? { name: `Member Number ${n + 1}`, role: `Responder ${n % 9}`, unit: `Unit ${n % 23}` },
  );
}

const minute = 60_000;
const day = 24 * 60 * minute;
const words = [
  'harbour',
  'lantern',
  'cobalt',
  'willow',
  'anchor',
  'saffron',
  'tundra',
  'marble',
  'pelican',
  'copper',
  'meadow',
  'signal',
];
export const fingerprint = '7f3a9c0e5b1d48f2a6c7e8901b2d3f4a5c6e7f8091a2b3c4d5e6f708192a3b4c';

export function makeHome(now: number, members: number, alarm: AlarmView | undefined): HomeView {
  return {
    me: { member: memberId(0), name: 'Astrid Holm', role: 'Incident lead', device: 'Astrid’s laptop' },
    organisation: { name: 'Nordhavn Energi', fingerprint, words, listVersion: 4, listExpiresAtMs: now + 61 * day },
    relays: [
      { id: 'r1', name: 'Harbour', address: '198.51.100.7:7443', state: 'up', sinceMs: now - 3 * day, offsetMs: 40 },
      { id: 'r2', name: 'Ridge', address: '203.0.113.21:7443', state: 'up', sinceMs: now - 5 * minute, offsetMs: -310 },
      {
        id: 'r3',
        name: 'Quarry',
        address: '192.0.2.90:7443',
        state: 'down',
        sinceMs: now - 11 * minute,
        text: 'No answer since 11 minutes. Trying again every minute.',
      },
    ],
    proxy: 'what the system names, or directly: whichever leads there',
    clock: { offsetMs: -310, relays: 2, wrong: false },
    rooms: [
      {
        id: roomIds.org,
        title: 'Nordhavn Energi',
        kind: 'org',
        members,
        last: { author: 'Katarzyna Wójcik', text: 'Board meets at nine, by phone bridge.', atMs: now - 40 * minute },
      },
      {
        id: roomIds.incident,
        title: 'Turbine control network, odd log-ins',
        kind: 'incident',
        members: 6,
        last: { author: 'Emeka Okafor', text: 'Port 14 is shut.', atMs: now - 3 * minute },
      },
      ...(alarm === undefined ? [] : [{ id: roomIds.drill, title: alarm.title, kind: 'drill' as const, members }]),
      {
        id: roomIds.direct,
        title: 'Chiara Moretti',
        kind: 'direct',
        members: 2,
        last: { author: 'Astrid Holm', text: 'Call me when you are through.', atMs: now - day },
      },
    ],
    ...(alarm === undefined ? {} : { alarm }),
    waiting: 1,
    retired: false,
    nowMs: now,
  };
}

export function makeAlarm(now: number, members: number): AlarmView {
  return {
    drill: drillIds.running,
    title: 'Reach everyone, third quarter',
    scenario: 'Mail, chat and the directory are down since 02:40. Answer here. One relay counts as lost.',
    exercise: true,
    startedAtMs: now - 2 * minute,
    answerByMs: now + 3 * minute,
    closesAtMs: now + 28 * minute,
    room: roomIds.drill,
    state: 'running',
    standInFor: [],
    members,
    reached: members - 2,
    acknowledged: 5,
  };
}

const holders = (all: readonly Person[], missing: number) =>
  all.map(({ name }, n) => ({ name, has: n < all.length - missing, read: n > 0 && n < (all.length - missing) / 2 }));

export function makeMessages(now: number, all: readonly Person[]): MessageView[] {
  const say = (
    n: number,
    author: number,
    minutesAgo: number,
    text: string,
    more: Partial<MessageView> = {},
  ): MessageView => ({
    entry: id(4, n),
    author: memberId(author),
    authorName: all[author]?.name ?? '',
    own: author === 0,
    atMs: now - minutesAgo * minute,
    kind: 'text',
    text,
    relays: 3,
    relaysTotal: 3,
    devices: all.length,
    devicesTotal: all.length,
    members: holders(all, 0),
    ...more,
  });
  return [
    say(1, 0, 1500, 'Opened this room. Nothing about this goes into mail or chat.'),
    say(2, 4, 1498, 'Two engineering log-ins from the jump host at 01:12 and 01:19. Nobody of ours was on shift.'),
    say(
      3,
      2,
      1490,
      'Memory image of the jump host is safe.\n\nSHA-256 of the image:\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\nI keep a second copy off the site.',
    ),
    say(4, 0, 1489, 'Chiara Moretti was added by Astrid Holm.', { kind: 'notice' }),
    say(5, 3, 34, 'سأعزل قطاع التحكم الآن، دقيقتان.'),
    say(6, 8, 20, 'Press line is ready, nothing out before you say so 👍🏽'),
    say(7, 0, 12, 'Emeka, shut port 14 on the north switch. Write here when it is done.', {
      devices: 11,
      devicesTotal: 12,
      members: holders(all, 1),
    }),
    say(8, 4, 3, 'Port 14 is shut.'),
    say(9, 0, 2, 'Good. Henrik: plant south to manual, by radio, now.', {
      relays: 2,
      devices: 7,
      devicesTotal: 12,
      members: holders(all, 5),
    }),
    say(10, 0, 0, 'Next call in ten minutes.', {
      relays: 0,
      devices: 1,
      devicesTotal: 12,
      members: all.map(({ name }, n) => ({ name, has: n === 0, read: false })),
    }),
  ];
}

export const relayChoices: RelayHereView['choices'] = [
  { address: '192.0.2.44', network: 'eth0', onlyHere: false },
  { address: '169.254.17.3', network: 'usb0', onlyHere: false },
  { address: '2001:db8:77:1:8a2e:370:7334:beef', network: 'eth0', onlyHere: false },
  { address: '127.0.0.1', network: 'this machine', onlyHere: true },
];

export function makeKnown(host: string, port: number, name: string): NonNullable<RelayHereView['known']> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const pin = '3c91d40a7be25f68'.repeat(4);
  const card = `${JSON.stringify({ pin, name, operator: '', addresses: [address] }, null, 2)}\n`;
  const cardPath = '/data/people/astrid/.local/share/muster/device/relay/relay.json';
  return { name, host, port, address, pin, words: words.toReversed(), card, cardPath };
}

const roleHere = (n: number) => ['commander', 'officer', 'responder', 'responder', 'observer'][n] ?? 'responder';

export function makeRoom(
  home: HomeView,
  room: string,
  messages: readonly MessageView[],
  all: readonly Person[],
  inRoom: (n: number) => boolean,
): RoomView | undefined {
  const line = home.rooms.find((each) => each.id === room);
  if (line === undefined) return undefined;
  return {
    id: line.id,
    title: line.title,
    kind: line.kind,
    members: all.flatMap(({ name }, n) =>
      inRoom(n)
        ? [
            {
              member: memberId(n),
              name,
              role: roleHere(n),
              you: n === 0,
              mayRemove: n !== 0 && inRoom(0),
            },
          ]
        : [],
    ),
    ...(inRoom(0) ? { role: roleHere(0) } : {}),
    mayWrite: inRoom(0),
    mayAdd: inRoom(0),
    history: 'none',
    contested: false,
    messages,
    more: room === roomIds.incident,
    newer: false,
    missing: [],
    waitingForKey: room === roomIds.incident ? 2 : 0,
  };
}

const wordsBetween = ['amber', 'bridge', 'canvas', 'dune', 'ember', 'fjord', 'glacier', 'hollow'];
/** A code like a real one; each person has another. */
export const codeOf = (n: number) => `muster-verify:1:${n.toString(16).padStart(2, '0').repeat(32)}`;

export const makeComparison = (n: number, all: readonly Person[], compared?: Compared): ComparisonView => ({
  member: memberId(n),
  name: all[n]?.name ?? '',
  words: wordsBetween,
  code: codeOf(n),
  ...(compared === undefined ? {} : { compared }),
});

export function makeList(
  now: number,
  all: readonly Person[],
  compared: ReadonlyMap<string, Compared> = new Map(),
): ListView {
  return {
    version: 4,
    issuedAtMs: now - 120 * day,
    expiresAtMs: now + 61 * day,
    custodians: [
      { name: 'Astrid Holm', signed: true },
      { name: 'Katarzyna Wójcik', signed: true },
      { name: 'Françoise Lefèvre', signed: false },
    ],
    threshold: 2,
    members: all.map(({ name, role, unit }, n) => ({
      ...comparedIn(compared, n),
      member: memberId(n),
      name,
      role,
      unit,
      deputies: n < 4 ? [memberId(n + 1)] : n === 4 ? [memberId(3), memberId(11)] : [],
      contacts: [
        { kind: 'phone', value: `+45 55 01 ${String(10 + (n % 90))} ${String(20 + (n % 70))}`, offPrimary: true },
        n % 4 === 1
          ? { kind: 'satellite phone', value: `+881 6 3155 ${String(1000 + n)}`, offPrimary: true }
          : { kind: 'mail', value: `person${n + 1}@nordhavn.example`, offPrimary: false },
      ],
      devices: n === 6 ? 0 : n === 0 ? 2 : 1,
      you: n === 0,
    })),
    relays: [
      { id: 'r1', name: 'Harbour', addresses: ['198.51.100.7:7443'] },
      { id: 'r2', name: 'Ridge', addresses: ['203.0.113.21:7443', 'ridge.example:7443'] },
      { id: 'r3', name: 'Quarry', addresses: ['192.0.2.90:7443'] },
    ],
    drills: {
      planned: 4,
      announced: [{ title: 'Backup channels by radio', fromMs: now + 20 * day, toMs: now + 21 * day }],
    },
  };
}

function comparedIn(compared: ReadonlyMap<string, Compared>, n: number): { readonly compared?: Compared } {
  const found = compared.get(memberId(n));
  return found === undefined ? {} : { compared: found };
}
