/** `muster room add|remove|role|policy|heal|members`: who is in a room, and who may do what there. */
import { type Command, Option } from 'commander';
import { histories, horizons } from '../core/body.ts';
import type { DeviceId, MemberId, RoomId } from '../core/id.ts';
import { type Role, roles } from '../core/leaf.ts';
import { nameOf } from '../core/list.ts';
import type { Policy } from '../core/right.ts';
import { keptFor } from '../directory/difference.ts';
import type { Command as Order } from '../engine/event.ts';
import { type Roster, viewRoster } from '../responder/people.ts';
import { CallerFault } from '../wire/fault.ts';
import {
  addDeviceOptions,
  type DeviceFlags,
  findListedDevice,
  findMember,
  findRoom,
  notReached,
  type OpenDevice,
  onRelays,
  withDevice,
} from './connect.ts';
import type { Io } from './io.ts';
import { readKept } from './option.ts';
import { clean, count, paint, table } from './say.ts';

interface Flags extends DeviceFlags {
  readonly json?: boolean;
}
interface WhoFlags extends Flags {
  readonly member?: readonly string[];
  readonly device?: readonly string[];
}
interface RoleFlags extends Flags {
  readonly member: string;
  readonly role: Role;
}
type PolicyFlags = Flags & Partial<Omit<Policy, 'retentionDays'>> & { readonly keep?: string };

export function addMembership(room: Command, io: Io): void {
  const about = (name: string, description: string) =>
    addDeviceOptions(
      room.command(name).description(description).argument('<room>', 'its title, or the beginning of its id'),
    ).option('--json', 'print one JSON object');
  about('members', 'Who is in a room, what they may do there, and with which devices')
    .addHelpText('after', '\nExample:\n  muster room members Everyone --dir ada')
    .action((said: string, flags: Flags) => members(io, said, flags));
  about('add', 'Let people into a room, or in again')
    .option('--member <name...>', 'who, by name')
    .option('--device <name...>', 'devices that were put out, by name or the beginning of the id')
    .addHelpText('after', '\nExample:\n  muster room add "Incident 7" --member Cleo --dir ada')
    .action((said: string, flags: WhoFlags) => put(io, said, flags, 'add'));
  about('remove', 'Put people or devices out of a room, now: what is written from then on they cannot read')
    .option('--member <name...>', 'who, by name')
    .option('--device <name...>', 'only these devices, by name or the beginning of the id')
    .addHelpText('after', '\nExample:\n  muster room remove "Incident 7" --member Cleo --dir ada')
    .action((said: string, flags: WhoFlags) => put(io, said, flags, 'remove'));
  about('role', 'Say what somebody may do in a room')
    .requiredOption('--member <name>', 'who, by name')
    .addOption(new Option('--role <role>', 'what they are from now on').choices(roles).makeOptionMandatory())
    .addHelpText('after', '\nExample:\n  muster room role "Incident 7" --member Cleo --role officer --dir ada')
    .action((said: string, flags: RoleFlags) => role(io, said, flags));
  about(
    'policy',
    'Say what who comes later may read, and how long keys and messages are kept; what is not given stays as it is',
  )
    .addOption(new Option('--history <what>', 'what who comes later may read of before').choices(histories))
    .addOption(new Option('--horizon <how>', 'default keeps keys for a day, high for an hour').choices(horizons))
    .option('--keep <days>', 'for how long devices keep what people write here, or "for-good"')
    .addHelpText('after', '\nExample:\n  muster room policy "Incident 7" --horizon high --keep 90 --dir ada')
    .action((said: string, flags: PolicyFlags) => policy(io, said, flags));
  about(
    'heal',
    'New keys at once: keys of this room that somebody took before do not open what is written from then on',
  )
    .addHelpText('after', '\nExample:\n  muster room heal "Incident 7" --dir ada')
    .action((said: string, flags: Flags) => heal(io, said, flags));
}

interface Room {
  readonly id: RoomId;
  readonly title: string;
}
/** What is ordered, and what to say of it once a relay has it. */
interface Plan {
  readonly order: Order;
  readonly done: string;
}

/** Orders something for a room, and waits until a relay has it on disk. */
const change = (
  io: Io,
  said: string,
  flags: Flags,
  plan: (device: OpenDevice['device'], room: Room) => Plan,
): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp, handOver }) => {
    await catchUp();
    const room = findRoom(device, said);
    const { order, done } = plan(device, room);
    const { entry } = await device.command(order);
    const relays = await handOver();
    if (flags.json === true) {
      const facts = { sent: relays > 0, room: room.id, ...(entry === undefined ? {} : { entry }) };
      io.out(JSON.stringify({ ...facts, relays, relaysTotal: device.state.relays.size }));
    }
    if (relays === 0)
      throw notReached(
        device,
        'Done on this device, and not told to the others: no relay took it in time. It goes out the next time this device is open',
      );
    if (flags.json !== true) io.out(`${done} (${onRelays(device, relays)}, on disk)`);
  });

function put(io: Io, said: string, flags: WhoFlags, type: 'add' | 'remove'): Promise<void> {
  if (flags.member === undefined && flags.device === undefined)
    throw new CallerFault('invalid', 'Say who: --member NAME, or --device NAME.');
  return change(io, said, flags, (device, { id, title }) => {
    const { list } = device.state;
    const people = (flags.member ?? []).map((each) => findMember(list.members, each));
    const machines = (flags.device ?? []).map((each) => findListedDevice(list, each));
    const names = [...people.map(nameOf), ...machines.map(({ name }) => `the device ${name}`)].map(clean).join(', ');
    const members = unique<MemberId>(people.map((each) => each.id));
    const devices = unique<DeviceId>(machines.map((each) => each.id));
    const done =
      type === 'add'
        ? `In ${clean(title)}: ${names}. ${viewRoster(device, id).policy.history === 'all' ? 'They may read everything.' : 'They read what is written from now on, and at most the quarter of an hour before.'}`
        : `Out of ${clean(title)}: ${names}. What you write from now on they cannot read, nor what others write who have got this. What they have, they keep.`;
    return { order: { type: 'operate', room: id, operation: { type, members, devices } }, done };
  });
}

const unique = <T>(ids: readonly T[]): readonly T[] => [...new Set(ids)];

const role = (io: Io, said: string, flags: RoleFlags): Promise<void> =>
  change(io, said, flags, (device, { id, title }) => {
    const member = findMember(device.state.list.members, flags.member);
    return {
      order: { type: 'operate', room: id, operation: { type: 'role', member: member.id, role: flags.role } },
      done: `${clean(nameOf(member))} is ${flags.role} of ${clean(title)}.`,
    };
  });

function policy(io: Io, said: string, { history, horizon, keep, ...flags }: PolicyFlags): Promise<void> {
  if (history === undefined && horizon === undefined && keep === undefined)
    throw new CallerFault('invalid', 'Say what to set: --history none or all, --horizon default or high, --keep DAYS.');
  const days = keep === undefined ? undefined : readKept('--keep', keep);
  return change(io, said, flags, (device, { id, title }) => {
    const before = viewRoster(device, id).policy;
    const { retentionDays } = days ?? before;
    const after = {
      history: history ?? before.history,
      horizon: horizon ?? before.horizon,
      ...(retentionDays === undefined ? {} : { retentionDays }),
    };
    return {
      order: { type: 'operate', room: id, operation: { type: 'policy', ...after } },
      done: `${clean(title)}: ${wordsOfPolicy(after)}.`,
    };
  });
}

const heal = (io: Io, said: string, flags: Flags): Promise<void> =>
  change(io, said, flags, (_, { id, title }) => ({
    order: { type: 'heal', room: id },
    done: `New keys for ${clean(title)}: keys of this room that somebody took before do not open what is written from now on.`,
  }));

const wordsOfPolicy = ({ history, horizon, retentionDays }: Policy): string =>
  `who comes later ${history === 'all' ? 'may read everything' : 'reads from then on'}, keys are kept for ${horizon === 'high' ? 'an hour' : 'a day'}, messages ${keptFor(retentionDays)}`;

const members = (io: Io, said: string, flags: Flags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    const isWhole = await catchUp();
    const { id, title } = findRoom(device, said);
    const roster = viewRoster(device, id);
    if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, room: id, title, ...roster }));
    else say(io, title, roster);
    if (!isWhole) throw notReached(device, 'This is what this device knows; there may be more on the relays');
  });

function say(io: Io, title: string, { members: people, policy: set, contested, forked }: Roster): void {
  const { bold, red } = paint(io);
  io.out(`${bold(clean(title))}  ${count(people.length, 'member')}; ${wordsOfPolicy(set)}`);
  io.out(
    table(
      ['name', 'role here', 'devices'],
      people.map((each) => [
        each.you ? `${each.name} (you)` : each.name,
        each.role,
        each.devices.map(({ name, isIn }) => (isIn ? name : `${name} (out)`)).join(', ') || '-',
      ]),
    ),
  );
  if (!people.some(({ you }) => you)) io.out('  You are not in this room any more.');
  for (const sentence of contested) io.out(red(`  ${clean(sentence)}`));
  for (const { name, of } of forked)
    io.out(
      red(
        `  Forked: the device ${clean(name)} of ${clean(of)} signed two different things for one place. It is out for good; they need a new one.`,
      ),
    );
}
