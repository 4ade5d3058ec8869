/** Notes what devices did while it happened: what they wrote knowing what, and every key they ever held. */
import { readBody } from '../../src/core/body.ts';
import type { Entry } from '../../src/core/entry.ts';
import { type Epoch, restoreEpoch } from '../../src/core/epoch.ts';
import type { DeviceId, EntryId, MemberId, RoomId } from '../../src/core/id.ts';
import { dueAt } from '../../src/engine/agenda.ts';
import type { HeldPrekey, Parcel, Row, RowOf } from '../../src/engine/row.ts';
import type { State } from '../../src/engine/state.ts';
import type { EnvelopeId } from '../../src/wire/id.ts';
import type { World, WorldDevice } from './world.ts';

export interface Text {
  readonly entry: Entry;
  readonly author: WorldDevice;
  readonly atMs: number;
  /** Who could read it by what its author knew. */
  readonly roster: ReadonlySet<DeviceId>;
  readonly knew: ReadonlySet<EntryId>;
}

export interface Addition {
  readonly id: EntryId;
  readonly room: RoomId;
  readonly members: readonly MemberId[];
  readonly devices: readonly DeviceId[];
  readonly atMs: number;
}

/** Keys of one device, from all its time and all its copies. */
export interface Keys {
  readonly epochs: Map<string, RowOf<'epoch'>>;
  readonly prekeys: Map<string, { readonly prekey: HeldPrekey; readonly seed: Uint8Array }>;
  readonly pairs: Map<string, { readonly row: RowOf<'pair'>; readonly secret: Uint8Array }>;
}

export interface Sealed extends Parcel {
  /** Who was in by what its sealer knew. It may have waited for an epoch since it was written. */
  readonly roster: ReadonlySet<DeviceId>;
}

export interface Removal {
  readonly id: EntryId;
  readonly room: RoomId;
  readonly members: readonly MemberId[];
  readonly devices: readonly DeviceId[];
  readonly held: ReadonlyMap<DeviceId, number>;
}

export interface Watched {
  readonly texts: Map<EntryId, Text>;
  readonly authored: Map<EntryId, { readonly entry: Entry; readonly author: WorldDevice }>;
  readonly additions: Addition[];
  /** Every envelope with an entry in it that any device made. */
  readonly parcels: Map<EnvelopeId, Sealed>;
  /** What somebody removed, and how much of the feeds of those they had: that much counts. */
  readonly removals: Removal[];
  readonly keys: Map<DeviceId, Keys>;
  /** Who opened which epoch, and when, by its tag. */
  readonly opened: Map<string, Pick<Epoch, 'device' | 'openedAtMs'>>;
  /** Rooms in which, to somebody, everything was for everybody at some time. */
  readonly open: Set<RoomId>;
  listAtMs: number | undefined;
  steps: number;
}

const most = {
  parked: 4096,
  missing: 64,
  outgoing: 2000,
  seen: 16_384,
  answered: 2048,
  operations: 300,
  outbox: 20_000,
};

export function watch(world: World): Watched {
  const watched: Watched = {
    texts: new Map(),
    authored: new Map(),
    additions: [],
    parcels: new Map(),
    removals: [],
    keys: new Map(),
    opened: new Map(),
    open: new Set(),
    listAtMs: undefined,
    steps: 0,
  };
  const idle = new Map<WorldDevice, number>();
  world.onStep = (device, before, event, args, made) => {
    watched.steps += 1;
    // What ticks do not get rid of would keep a device busy for ever.
    const due = event.type === 'tick' ? dueAt(made.state, args.nowMs) : undefined;
    const ticks = due !== undefined && due <= args.nowMs ? (idle.get(device) ?? 0) + 1 : 0;
    idle.set(device, ticks);
    if (ticks >= 3) throw new Error('something stays due');
    expectBounded(made.state);
    for (const [id, { membership }] of made.state.rooms) if (membership.policy.history === 'all') watched.open.add(id);
    for (const effect of made.effects)
      if (effect.type === 'write')
        for (const row of effect.rows) note(watched, world, device, { before, after: made.state }, row);
  };
  return watched;
}

function expectBounded(state: State): void {
  const sizes = {
    parked: state.parked.size,
    outgoing: state.outgoing.size,
    seen: state.seen.reduce((sum, portion) => sum + portion.size, 0),
    answered: state.answered.size,
    outbox: state.outbox.size,
    missing: Math.max(...[...state.rooms.values()].map((room) => room.missing.size)),
    operations: Math.max(...[...state.rooms.values()].map((room) => room.operations.size)),
  };
  for (const [name, size] of Object.entries(sizes))
    if (size > (most[name as keyof typeof most] ?? 0)) throw new Error(`${size} ${name}`);
}

interface Change {
  readonly before: State;
  readonly after: State;
}

function note(watched: Watched, world: World, device: WorldDevice, { before, after }: Change, row: Row): void {
  const id = device.self.device;
  const keys = watched.keys.get(id) ?? { epochs: new Map(), prekeys: new Map(), pairs: new Map() };
  watched.keys.set(id, keys);
  switch (row.type) {
    case 'epoch': {
      const { tag, device: opener, openedAtMs } = restoreEpoch(row.announcement, row.bucket, row.secret);
      watched.opened.set(tag, { device: opener, openedAtMs });
      const known = keys.epochs.get(row.epoch);
      // The earliest bucket gives all later ones. A copy, as the engine wipes what it lets go of.
      if (known === undefined || row.bucket < known.bucket)
        keys.epochs.set(row.epoch, { ...row, secret: row.secret.slice() });
      return;
    }
    case 'own-prekey':
      if (!keys.prekeys.has(row.prekey.id))
        keys.prekeys.set(row.prekey.id, { prekey: row.prekey, seed: row.prekey.seed.open().slice() });
      return;
    case 'pair':
      keys.pairs.set(row.ref, { row, secret: row.pair.secret.open().slice() });
      return;
    case 'parcel':
      if (row.parcel.entry !== undefined && !watched.parcels.has(row.parcel.id)) {
        const roster = new Set(after.rooms.get(row.parcel.entry.room)?.membership.roster.keys());
        watched.parcels.set(row.parcel.id, { ...row.parcel, roster });
      }
      return;
    case 'entry':
      if (!row.sealed) noteAuthored(watched, world, device, before, row.entry);
      return;
    default:
  }
}

function noteAuthored(watched: Watched, world: World, author: WorldDevice, before: State, entry: Entry): void {
  watched.authored.set(entry.id, { entry, author });
  const body = readBody(entry.body);
  const room = before.rooms.get(entry.room);
  if (body?.type === 'add') watched.additions.push({ ...body, id: entry.id, room: entry.room, atMs: world.nowMs });
  if (body?.type === 'remove') {
    const held = new Map([...(room?.feeds ?? [])].map(([id, { count }]) => [id, count]));
    watched.removals.push({ ...body, id: entry.id, room: entry.room, held });
  }
  if (body?.type !== 'text' || room === undefined) return;
  watched.texts.set(entry.id, {
    entry,
    author,
    atMs: world.nowMs,
    roster: new Set(room.membership.roster.keys()),
    knew: new Set(room.control.operations.keys()),
  });
}
