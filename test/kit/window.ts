/**
 * A device that is not there: a WindowHost with twelve members, three relays of which one is down, a room in the middle
 * of an incident, a drill that runs and one that is over. It behaves, so a screen can be driven from end to end; the
 * test that holds it can make the outside world happen.
 */
import type { GiveName, Handlers, Reply, TakeName } from '../../src/ipc/contract.ts';
import { createGate, createGiveGate, createTakeGate } from '../../src/ipc/gate.ts';
import type { WindowHost } from '../../src/ipc/host.ts';
import type {
  AlarmView,
  ChangeEvent,
  Compared,
  FileView,
  Hit,
  MessageView,
  RelayHereView,
  RoomLine,
  RoomView,
  SearchView,
  VaultView,
} from '../../src/ipc/view.ts';
import { type ProxySetting, type ProxyServer, saySetting, usualProxySetting } from '../../src/link/proxy.ts';
import { readChoice, viewProxy } from '../../src/responder/setting.ts';
import { CallerFault, Refused } from '../../src/wire/fault.ts';
import {
  codeOf,
  drillIds,
  id,
  makeAlarm,
  makeComparison,
  makeHome,
  makeKnown,
  makeList,
  makeMessages,
  makePeople,
  makeRoom,
  memberId,
  relayChoices,
  roomIds,
} from './windowData.ts';
import { createFakeCarried, makeFile } from './windowFile.ts';
import { makeReport } from './windowReport.ts';

/** As a person sees it; how words are found is the vault's and tested there. */
function searchIn(
  lines: readonly RoomLine[],
  written: ReadonlyMap<string, readonly MessageView[]>,
  typed: string,
  only: string | undefined,
): SearchView {
  const asked = typed.trim().toLowerCase();
  const isFound = (text: string) => asked !== '' && text.toLowerCase().includes(asked);
  const hitsIn = (text: string): readonly Hit[] => {
    const ends = text.toLowerCase().split(asked).slice(0, -1);
    return ends.map((_, n) => {
      const from = ends.slice(0, n + 1).join(asked).length;
      return { from, to: from + asked.length };
    });
  };
  return {
    rooms:
      only === undefined
        ? lines.filter(({ title }) => isFound(title)).map((line) => ({ ...line, hits: hitsIn(line.title) }))
        : [],
    messages: lines
      .filter((line) => only === undefined || line.id === only)
      .flatMap(({ id: room, title }) =>
        (written.get(room) ?? [])
          .filter((each) => each.kind === 'text' && isFound(each.text))
          .map(({ entry, authorName, atMs, text }) => {
            const hits = hitsIn(text);
            return { room, title, entry, authorName, atMs, text, hits, place: 1 };
          }),
      )
      .sort((one, other) => other.atMs - one.atMs),
    more: false,
  };
}

export const passphrase = 'four lanterns over water';

interface World {
  readonly members: number;
  readonly vault: VaultView['state'];
  readonly alarm: 'running' | 'closed' | 'none';
}

interface Proxies {
  kept: ProxySetting;
  instead?: ProxySetting;
  system?: ProxyServer;
}

export interface FakeHost extends WindowHost {
  /** Names of the calls that came through the gate and were understood. */
  readonly calls: string[];
  /** Entries that the window said are on its screen. */
  readonly seen: ReadonlySet<string>;
  /** Another person writes. */
  hear(room: string, author: number, text: string): void;
  /** Somebody tells a room of a file; 0 is oneself. Gives the entry. */
  tellOfFile(room: string, author: number, file: Partial<FileView>): string;
  /** It comes in, goes out, or goes wrong. */
  changeFile(entry: string, change: Partial<FileView>): void;
  changeAlarm(change: Partial<AlarmView>): void;
  raiseAlarm(): void;
  /** Every own message reaches the disks of all relays. */
  storeAll(): void;
  setVault(state: VaultView['state']): void;
  /** What is kept about proxies, what counts in this run instead, and what the system names. */
  readonly proxies: Proxies;
  /** What the relay on this machine says of itself. */
  changeRelay(change: Partial<RelayHereView>): void;
  /** The device finds out that a copy of it writes. */
  retire(): void;
  /** Somebody puts this member out of the room of the incident; 0 is oneself. */
  putOut(member: number): void;
  /** Changes what a room says of itself, whatever happened to it. */
  changeRoom(change: Partial<RoomView>): void;
  /** The next calls of this name fail as a full disk would make them. */
  failOn(name: keyof Handlers | GiveName | TakeName | undefined): void;
  listeners(): number;
}

const all: ChangeEvent = { home: true, alarm: true, vault: true, relay: true, rooms: Object.values(roomIds) };

export function createFakeHost(options: Partial<World> = {}): FakeHost {
  const world: World = { members: 12, vault: 'open', alarm: 'none', ...options };
  const people = makePeople(world.members);
  const listeners = new Set<(change: ChangeEvent) => void>();
  const calls: string[] = [];
  const seen = new Set<string>();
  const compared = new Map<string, Compared>([[memberId(2), { how: 'words', atMs: Date.now() - 5 * 86_400_000 }]]);
  const started = Date.now();
  let vault = world.vault;
  let failing: keyof Handlers | GiveName | TakeName | undefined;
  let count = 100;
  let retired = false;
  let roomChange: Partial<RoomView> = {};
  let alarm: AlarmView | undefined =
    world.alarm === 'none' ? undefined : { ...makeAlarm(started, world.members), state: world.alarm };
  const rooms = new Map<string, MessageView[]>(
    Object.values(roomIds).map((room) => [room, room === roomIds.incident ? makeMessages(started, people) : []]),
  );

  /** Who is in the room of the incident; the others are as large as they say. */
  const inIncident = new Set(people.map((_, n) => n).slice(0, 6));
  const numberOf = (member: string) => people.findIndex((_, n) => memberId(n) === member);
  const change = (room: string, members: readonly string[], put: (n: number) => void) => {
    for (const member of members) put(numberOf(member));
    tell({ rooms: [room], home: true });
    return { entry: id(4, count++) };
  };

  const tell = (change: Partial<ChangeEvent>) => {
    for (const listener of listeners)
      listener({ home: false, alarm: false, vault: false, relay: false, rooms: [], ...change });
  };
  const write = (room: string, author: number, text: string): string => {
    const entry = id(4, count++);
    const own = author === 0;
    rooms.get(room)?.push({
      entry,
      author: memberId(author),
      authorName: people[author]?.name ?? '',
      own,
      atMs: Date.now(),
      kind: 'text',
      text,
      relays: own ? 0 : 2,
      relaysTotal: 3,
      devices: own ? 1 : 2,
      devicesTotal: world.members,
      members: people.map(({ name }, n) => ({ name, has: n === author || (!own && n === 0), read: false })),
    });
    tell({ home: true, rooms: [room] });
    return entry;
  };
  const tellOfFile = (room: string, author: number, file: Partial<FileView>): string => {
    const entry = write(room, author, `${people[author]?.name} sent a file.`);
    const written = rooms.get(room);
    const last = written?.pop();
    if (last === undefined) return entry;
    const { atMs, own, authorName } = last;
    written?.push({
      ...last,
      kind: 'notice',
      relays: file.relays ?? last.relays,
      file: { ...makeFile(entry), atMs, own, authorName, ...file },
    });
    tell({ rooms: [room] });
    return entry;
  };
  const fileOf = (entry: string) =>
    [...rooms.values()].flat().find((each) => each.entry === entry && each.file !== undefined)?.file;
  const changeFile = (entry: string, change: Partial<FileView>) => {
    for (const [room, written] of rooms)
      written.forEach((each, n) => {
        if (each.entry !== entry || each.file === undefined) return;
        written[n] = { ...each, file: { ...each.file, ...change } };
        tell({ rooms: [room] });
      });
    return { entry };
  };
  const status = (): VaultView => (vault === 'open' ? { state: vault, device: 'Astrid’s laptop' } : { state: vault });
  let tellsReading = true;
  const home = () => ({
    ...makeHome(started, world.members, alarm),
    proxy: saySetting(proxies.instead ?? proxies.kept),
    retired,
    nowMs: Date.now(),
  });
  const device = () => ({ tellsReading, proxy: viewProxy(proxies.kept, proxies.instead, proxies.system) });

  const proxies: Proxies = { kept: usualProxySetting };
  let relay: RelayHereView = { state: 'off', choices: relayChoices, devices: 0 };
  const changeRelay = (change: Partial<RelayHereView>) => {
    relay = { ...relay, ...change };
    tell({ relay: true });
  };

  const handlers: Handlers = {
    'vault.status': () => status(),
    'vault.unlock': (args) => {
      if (args.passphrase !== passphrase)
        throw new CallerFault('wrong-passphrase', 'This passphrase does not open the vault.');
      vault = 'open';
      tell(all);
      return status();
    },
    'vault.lock': () => {
      vault = 'locked';
      tell(all);
      return status();
    },
    'home.read': home,
    'list.read': () => makeList(started, people, compared),
    'device.read': device,
    'reading.set': ({ tells }) => {
      tellsReading = tells;
      tell({ home: true });
      return device();
    },
    'proxy.set': (choice) => {
      proxies.kept = readChoice(choice, proxies.kept);
      tell({ home: true });
      return device();
    },
    'relay.read': () => {
      // As the real one: a locked window sees that it runs and where.
      const { known, listed, ...bare } = relay;
      return vault === 'open' ? relay : bare;
    },
    'relay.start': ({ address, port, name }) => {
      if (!relay.choices.some((each) => each.address === address))
        throw new CallerFault('not-found', 'This machine has no such address.');
      const known = makeKnown(address, port ?? 43_117, name);
      changeRelay({ state: 'running', at: known.address, known });
      return relay;
    },
    'relay.stop': () => {
      const { at, listed, trouble, ...rest } = relay;
      relay = { ...rest, state: 'off', devices: 0 };
      tell({ relay: true });
      return relay;
    },
    'room.read': ({ room, before, around, limit }) => {
      const written = rooms.get(room) ?? [];
      const placeOf = (entry: string) => written.findIndex((each) => each.entry === entry);
      const middle = around === undefined ? undefined : placeOf(around);
      if (middle === -1) throw new CallerFault('not-found', 'This message is not on this device any more.');
      const half = Math.ceil(limit / 2);
      const end =
        middle !== undefined
          ? Math.min(written.length, middle + half)
          : before === undefined
            ? written.length
            : placeOf(before);
      const size = home().rooms.find((each) => each.id === room)?.members ?? 0;
      const isIn = (n: number) => (room === roomIds.incident ? inIncident.has(n) : n < size);
      const view = makeRoom(home(), room, written.slice(Math.max(0, end - limit), end), people, isIn);
      if (view === undefined) throw new CallerFault('not-found', 'This room is not on this device.');
      if (retired) roomChange = { ...roomChange, mayWrite: false, mayAdd: false };
      return { ...view, ...(before === undefined ? {} : { more: false }), newer: end < written.length, ...roomChange };
    },
    'room.seen': ({ room, entries }) => {
      for (const entry of entries) seen.add(entry);
      return { room };
    },
    'room.send': ({ room, text }) => ({ entry: write(room, 0, text) }),
    'room.create': () => ({ room: roomIds.incident }),
    'room.add': ({ room, members }) => change(room, members, (n) => inIncident.add(n)),
    'room.remove': ({ room, members }) => change(room, members, (n) => inIncident.delete(n)),
    'room.heal': ({ room }) => ({ room }),
    'file.fetch': ({ entry }) => changeFile(entry, { state: 'fetching', here: 0 }),
    'file.offer': ({ entry }) => changeFile(entry, { offered: true, sentChunks: 0, relays: 0 }),
    'file.drop': ({ entry }) => changeFile(entry, { state: 'elsewhere', here: 0, offered: false }),
    'search.read': ({ text, room }) => searchIn(home().rooms, rooms, text, room),
    'member.compare': ({ member }) => makeComparison(numberOf(member), people, compared.get(member)),
    'member.check': ({ member, code }) => {
      if (!code.trim().startsWith('muster-verify:1:'))
        throw new CallerFault('invalid', 'This is not a Muster code for comparing keys.');
      return code.trim() === codeOf(numberOf(member));
    },
    'member.confirm': ({ member, how, holds }) => {
      if (holds) compared.set(member, { how, atMs: Date.now() });
      else compared.delete(member);
      tell({ home: true });
      return { entry: id(4, count++) };
    },
    'alarm.acknowledge': ({ answer, standInFor }) => {
      if (alarm === undefined) throw new CallerFault('not-found', 'No drill runs now.');
      alarm =
        standInFor === undefined
          ? { ...alarm, answered: answer, acknowledged: alarm.acknowledged + 1 }
          : { ...alarm, standInFor: alarm.standInFor.filter((each) => each.member !== standInFor) };
      tell({ alarm: true, home: true });
      return { entry: id(4, count++) };
    },
    'report.list': () => [
      ...(alarm === undefined
        ? []
        : [
            {
              drill: drillIds.running,
              title: alarm.title,
              startedAtMs: alarm.startedAtMs,
              closed: alarm.state === 'closed',
            },
          ]),
      {
        drill: drillIds.finished,
        title: 'Reach everyone, second quarter',
        startedAtMs: started - 9 * 86_400_000,
        closed: true,
      },
    ],
    'report.read': () => makeReport(started, people),
  };
  const gate = createGate(handlers);
  const carried = createFakeCarried(
    (room, name, size) => tellOfFile(room, 0, { name, size, state: 'here', offered: true }),
    (entry) => fileOf(entry),
  );
  const give = createGiveGate(carried.give);
  const take = createTakeGate(carried.take);
  /** What a locked or failing device says instead. */
  const refused = (name: unknown, isOpen = vault === 'open'): Extract<Reply<never>, { ok: false }> | undefined => {
    if (name === failing) {
      const fault = new Refused('disk', 'The disk of this machine is full. Nothing was sent.');
      return { ok: false, code: fault.code, text: fault.message };
    }
    return isOpen ? undefined : { ok: false, code: 'locked', text: 'The vault is locked.' };
  };

  return {
    gate: async (name, args) => {
      if (typeof name === 'string' && name in handlers) calls.push(name);
      const isOpen = vault === 'open' || String(name).startsWith('vault.') || name === 'relay.read';
      return refused(name, isOpen) ?? gate(name, args);
    },
    give: async (name, args, facts, pieces) => {
      if (typeof name === 'string') calls.push(name);
      return refused(name) ?? give(name, args, facts, pieces);
    },
    take: async (name, args) => {
      if (typeof name === 'string') calls.push(name);
      return refused(name) ?? take(name, args);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renew: () => void calls.push('renew'),
    close: async () => listeners.clear(),
    calls,
    seen,
    hear: (room, author, text) => void write(room, author, text),
    tellOfFile,
    changeFile,
    changeAlarm(change) {
      if (alarm !== undefined) alarm = { ...alarm, ...change };
      tell({ alarm: true, home: true });
    },
    raiseAlarm() {
      alarm = makeAlarm(Date.now(), world.members);
      tell({ alarm: true, home: true });
    },
    storeAll() {
      for (const written of rooms.values())
        written.forEach((each, n) => {
          if (each.own) written[n] = { ...each, relays: each.relaysTotal };
        });
      tell(all);
    },
    setVault(state) {
      vault = state;
      tell(all);
    },
    proxies,
    changeRelay,
    retire() {
      retired = true;
      tell(all);
    },
    putOut(member) {
      inIncident.delete(member);
      tell(all);
    },
    changeRoom(change) {
      roomChange = change;
      tell(all);
    },
    failOn(name) {
      failing = name;
    },
    listeners: () => listeners.size,
  };
}

/** Handlers that answer from the same invented world, for a test that replaces some of them. */
export function fakeHandlers(): Handlers {
  const host = createFakeHost();
  const ask = async (name: keyof Handlers, args: unknown) => {
    const reply = await host.gate(name, args);
    if (!reply.ok) throw new CallerFault('not-allowed', reply.text);
    return reply.value;
  };
  const names = [
    'vault.status',
    'vault.unlock',
    'vault.lock',
    'home.read',
    'list.read',
    'device.read',
    'reading.set',
    'proxy.set',
    'relay.read',
    'relay.start',
    'relay.stop',
    'room.read',
    'room.send',
    'room.create',
    'room.add',
    'room.remove',
    'room.heal',
    'file.fetch',
    'file.offer',
    'file.drop',
    'search.read',
    'member.compare',
    'member.check',
    'member.confirm',
    'alarm.acknowledge',
    'report.list',
    'report.read',
  ] as const satisfies readonly (keyof Handlers)[];
  return Object.fromEntries(names.map((name) => [name, (args: unknown) => ask(name, args)])) as unknown as Handlers;
}
