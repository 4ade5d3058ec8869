/**
 * A device for the length of one command: opened, connected, used, closed. Every wait has an end, and what did not
 * come in time is said; nothing here ever claims a relay has what none confirmed.
 */
import type { Command } from 'commander';
import { type RoomId, roomId } from '../core/id.ts';
import { type ListDevice, type Member, type MusterList, nameOf } from '../core/list.ts';
import { isLive } from '../engine/agenda.ts';
import { isUp } from '../engine/cast.ts';
import { retiredText } from '../engine/feed.ts';
import type { AlarmView } from '../ipc/view.ts';
import { openDevice } from '../responder/host.ts';
import { nodePorts } from '../responder/node.ts';
import type { Responder } from '../responder/responder.ts';
import { viewHome } from '../responder/view.ts';
import { CallerFault, Refused } from '../wire/fault.ts';
import { type DirFlags, findDevice, shown } from './file.ts';
import type { Io } from './io.ts';
import { readWhole } from './option.ts';
import { addPassphraseOption, askPassphrase, type PassphraseFlags } from './passphrase.ts';
import { proxyFacts } from './proxyFacts.ts';
import { clean, count, duration, paint } from './say.ts';

export interface DeviceFlags extends PassphraseFlags, DirFlags {
  readonly wait: string;
  readonly proxy?: string;
  readonly proxyOnly?: boolean;
}

export const addDeviceOptions = (command: Command): Command =>
  addPassphraseOption(
    command
      .option('--dir <folder>', 'where the device lives')
      .option('--wait <seconds>', 'how long to wait for relays', '15')
      .option('--proxy <proxy>', 'this time: http://, https:// or socks5://HOST:PORT, or "system", or "none"')
      .option('--proxy-only', 'this time: never directly'),
  );

/** How often to look whether what is waited for is there. */
const lookMs = 20;
/** Once one relay has it, how long the others that are up get before we tell on how many it is. */
const othersMs = 2_000;

export interface OpenDevice {
  readonly device: Responder;
  /** What options and environment say about proxies. */
  readonly proxies: ReturnType<typeof proxyFacts>;
  /** True once everything that the relays hold for this device has come; false when the time was over. */
  catchUp(): Promise<boolean>;
  /** Waits until each relay was reached, or failed; true if one is up. */
  reach(): Promise<boolean>;
  /** Waits until at least one relay has everything written here; gives how many relays that are up have all of it. */
  handOver(): Promise<number>;
  /** Waits until `look` gives 1; false once it has given the same for as long as is waited for relays. `say` on each change. */
  progress(look: () => number, say: (share: number) => void): Promise<boolean>;
}

/** Opens the device, runs `use`, and closes it whatever happens. */
export async function withDevice<T>(
  io: Io,
  flags: DeviceFlags,
  use: (open: OpenDevice) => Promise<T>,
  { showAlarm = true }: { readonly showAlarm?: boolean } = {},
): Promise<T> {
  const waitMs = readWhole('--wait', flags.wait, 0, 3600) * 1000;
  const dir = findDevice(io, flags);
  const passphrase = await askPassphrase(io, flags, 'this device');
  const log = (line: { readonly code: string; readonly text: string }) => {
    if (io.isDebug) io.err(`${line.code}: ${line.text}`);
  };
  const proxies = proxyFacts(io, flags);
  const device = await openDevice(dir, passphrase, nodePorts(log, proxies));
  try {
    return await use({
      device,
      proxies,
      async catchUp() {
        const isWhole = await until(() => isCaughtUp(device), waitMs);
        // Only now: before, it could ask for what others have done already.
        if (showAlarm) sayAlarm(io, device, flags);
        if (device.state.retiredAtMs !== undefined) io.err(paint(io).bold(retiredText));
        return isWhole;
      },
      async reach() {
        const isTried = () => [...device.state.relays.values()].every(({ up, text }) => up || text !== undefined);
        await until(isTried, waitMs);
        return isUp(device.state);
      },
      handOver: () => handOver(device, leftMs(device, waitMs)),
      progress: (look, say) => progress(look, say, leftMs(device, waitMs)),
    });
  } finally {
    sayClock(io, device);
    // Opening a device can say things by itself: that the alarm was shown here, or a coordinator's part in a drill.
    if (isUp(device.state)) await until(() => !isWaiting(device) && !isTelling(device), Math.min(waitMs, othersMs));
    device.close();
  }
}

/** After catching up. Relays that did not come in that time were waited for: what is written is kept, and that is said. */
const leftMs = ({ state }: Responder, waitMs: number): number => (isUp(state) ? waitMs : Math.min(waitMs, othersMs));

async function until(condition: () => boolean, forMs: number): Promise<boolean> {
  const endMs = performance.now() + forMs;
  while (!condition()) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return true;
}

async function progress(look: () => number, say: (share: number) => void, waitMs: number): Promise<boolean> {
  for (let share = look(); ; share = look()) {
    const before = share;
    say(share);
    if (share >= 1) return true;
    if (!(await until(() => look() !== before, waitMs))) return false;
  }
}

const isCaughtUp = (device: Responder): boolean =>
  [...device.state.rooms.values()].every((room) => isLive(device.state, room));

/** What was read here was not told to the room yet. */
const isTelling = ({ state }: Responder): boolean =>
  [...state.rooms.values()].some((room) => room.tellReadMs !== undefined);

/** Entries that no epoch carries yet, or envelopes that no relay holds yet. */
const isWaiting = ({ state }: Responder): boolean =>
  [...state.rooms.values()].some((room) => room.unsealed.length > 0) ||
  [...state.outbox.values()].some((parcel) => parcel.held.length === 0);

async function handOver(device: Responder, waitMs: number): Promise<number> {
  if (!(await until(() => !isWaiting(device), waitMs))) return 0;
  const holders = () => {
    const up = [...device.state.relays.values()].filter((relay) => relay.up);
    return {
      up: up.length,
      have: up.filter(({ id }) => [...device.state.outbox.values()].every((parcel) => parcel.held.includes(id))).length,
    };
  };
  await until(
    () => holders().have === holders().up && holders().up === device.state.relays.size,
    Math.min(waitMs, othersMs),
  );
  return Math.max(1, holders().have);
}

/** A person sits in front of this terminal: a drill that runs must be seen here as on any other screen. */
function sayAlarm(io: Io, device: Responder, flags: DirFlags): void {
  const { alarm } = viewHome(device);
  const asked = alarm === undefined ? [] : askedOf(alarm, flags);
  if (alarm === undefined || asked.length === 0) return;
  io.err(paint(io).bold(`EXERCISE  A drill is running: ${clean(alarm.title)}`));
  for (const line of asked) io.err(`          ${line}`);
}

/** Nothing breaks by a wrong clock, and a person must know it all the same. */
function sayClock(io: Io, device: Responder): void {
  const { clock } = viewHome(device);
  if (clock?.wrong !== true) return;
  const by = duration(Math.abs(clock.offsetMs));
  const [is, start] = clock.offsetMs > 0 ? ['behind', 'late'] : ['ahead', 'early'];
  const alone = clock.relays > 1 ? '' : ' Only one relay says so: look at another clock first.';
  io.err(paint(io).bold(`The clock of this machine is ${by} ${is}, measured at ${count(clock.relays, 'relay')}.`));
  io.err(`          Set it. Until then what you write carries the wrong time, and drills start ${by} ${start} here;`);
  io.err(`          nothing is lost by it, and the order of messages is right.${alone}`);
}

/** What a drill that runs still asks of this person, with the commands for it. */
export function askedOf(alarm: AlarmView, flags: DirFlags): readonly string[] {
  if (alarm.state !== 'running') return [];
  const dir = flags.dir === undefined ? '' : ` --dir ${shown(flags.dir)}`;
  return [
    ...(alarm.answered === undefined ? [`Answer it: muster drill answer there${dir}`] : []),
    ...alarm.standInFor.map(
      ({ name }) =>
        `You are asked to step in for ${clean(name)}: muster drill answer there --for "${clean(name)}"${dir}`,
    ),
  ];
}

/** Why there was nobody to talk to, relay by relay. */
export function notReached(device: Responder, meanwhile: string): Refused {
  const home = viewHome(device);
  const reasons = home.relays
    .filter((relay) => relay.state !== 'up')
    .map((relay) => `${clean(relay.name)}: ${relay.text ?? 'no answer yet'}`);
  const why = reasons.length === 0 ? 'a relay is there, but its backlog has not all come yet' : reasons.join('; ');
  return new Refused('busy', `${meanwhile} (${why})`);
}

export const onRelays = (device: Responder, holding: number): string =>
  `on ${holding} of ${count(device.state.relays.size, 'relay')}`;

/** A room by title or by the beginning of its id. Throws `CallerFault`. */
export function findRoom(device: Responder, said: string): { readonly id: RoomId; readonly title: string } {
  const rooms = viewHome(device).rooms.map((room) => ({ ...room, id: roomId.parse(room.id) }));
  const titled = rooms.filter((room) => room.title.toLowerCase() === said.trim().toLowerCase());
  const found =
    titled.length > 0 ? titled : rooms.filter((room) => said.length >= 4 && room.id.startsWith(said.toLowerCase()));
  const [room] = found;
  if (room === undefined)
    throw new CallerFault('not-found', `There is no room "${said}" on this device. muster room list shows them.`);
  if (found.length > 1)
    throw new CallerFault(
      'invalid',
      `There are ${found.length} rooms called "${said}": give the beginning of the id instead, from muster room list.`,
    );
  return room;
}

/** As people type names: without accents, in small letters. */
const plain = (name: string): string => name.trim().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** A member by name, a part of the name that only one has, or the beginning of the id. Throws `CallerFault`. */
export function findMember(members: readonly Member[], said: string): Member {
  const wanted = plain(said);
  const tries = [
    members.filter((member) => plain(nameOf(member)) === wanted),
    members.filter((member) => plain(nameOf(member)).includes(wanted)),
    members.filter((member) => wanted.length >= 4 && member.id.startsWith(wanted)),
  ];
  const found = tries.find((each) => each.length > 0) ?? [];
  const [member] = found;
  if (member === undefined || wanted === '')
    throw new CallerFault('not-found', `There is nobody called "${said}" on the muster list.`);
  if (found.length > 1)
    throw new CallerFault('invalid', `"${said}" fits ${found.map(nameOf).join(', ')}: write the whole name.`);
  return member;
}

/** A device on the list by its name, or by the beginning of its id. Throws `CallerFault`. */
export function findListedDevice({ devices, members }: MusterList, said: string): ListDevice {
  const wanted = plain(said);
  const all = [...devices.values()];
  const named = all.filter(({ name }) => plain(name) === wanted);
  const found = named.length > 0 ? named : all.filter(({ id }) => wanted.length >= 4 && id.startsWith(wanted));
  const [device] = found;
  if (device === undefined)
    throw new CallerFault(
      'not-found',
      `There is no device "${said}" on the muster list. muster room members shows them.`,
    );
  if (found.length > 1) {
    const owner = ({ id, member }: ListDevice) =>
      `${id.slice(0, 8)} of ${members.filter((each) => each.id === member).map(nameOf)}`;
    throw new CallerFault('invalid', `"${said}" fits ${found.map(owner).join(', ')}: give the beginning of the id.`);
  }
  return device;
}
