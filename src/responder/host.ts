/**
 * A device as a window meets it: closed, opened with a passphrase, closed again. Holds at most one responder, and the
 * passphrase for no longer than opening takes.
 */
import { readBundle } from '../core/bundle.ts';
import { drillId, entryId, memberId, roomId } from '../core/id.ts';
import { loadSodium } from '../core/sodium.ts';
import type { Command } from '../engine/event.ts';
import type { Handlers } from '../ipc/contract.ts';
import { createGate, createGiveGate, createTakeGate } from '../ipc/gate.ts';
import type { WindowHost } from '../ipc/host.ts';
import type { ChangeEvent, VaultView } from '../ipc/view.ts';
import { hasVault } from '../vault/folder.ts';
import { Vault } from '../vault/vault.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { moveFile } from './attach.ts';
import { createCarried } from './carried.ts';
import { checkCode, viewComparison } from './compare.ts';
import { installBundle } from './device.ts';
import { viewReport } from './evidence.ts';
import type { Ports } from './port.ts';
import { noteSeen } from './reading.ts';
import { RelayHere } from './relayHere.ts';
import { Responder } from './responder.ts';
import { viewAround, viewRoom } from './roomView.ts';
import { viewSearch } from './search.ts';
import { readChoice, viewDevice } from './setting.ts';
import { listReports, viewHome, viewList } from './view.ts';

/**
 * Opens a device and starts it. `bundle`: a signed list to take in first. Throws `CallerFault`, `Broken`, and what
 * `installBundle` throws.
 */
export async function openDevice(dir: string, passphrase: string, ports: Ports, bundle?: Bytes): Promise<Responder> {
  await loadSodium();
  const vault = await Vault.open(dir, passphrase);
  try {
    if (bundle !== undefined) installBundle(vault, bundle);
    const bytes = vault.readBundle();
    if (bytes === undefined) {
      throw new CallerFault(
        'not-found',
        'This device has no muster list yet. Hand its join file to a custodian, then: muster list install FILE',
      );
    }
    const device = new Responder(vault, vault.readKeyring(), readBundle(bytes), ports);
    device.start();
    return device;
  } catch (fault) {
    vault.close();
    throw fault;
  }
}

export interface DeviceHost extends WindowHost {
  /** The device, once it is open. */
  readonly device: Responder | undefined;
  unlock(passphrase: string): Promise<Responder>;
  /** Called when a person must look now. */
  onRaise(listener: () => void): () => void;
}

/**
 * `bundle`: a signed list to take in when the device is first opened. A relay that ran here when Muster ended runs
 * again at once, with the vault still locked: it needs nothing out of it.
 */
export function createHost(dir: string, ports: Ports, bundle?: Bytes): DeviceHost {
  let device: Responder | undefined;
  let opening: Promise<Responder> | undefined;
  let untaken = bundle;
  const listeners = new Set<(change: ChangeEvent) => void>();
  const raisers = new Set<() => void>();
  const tell = (change: ChangeEvent) => {
    for (const listener of listeners) listener(change);
  };

  const here = new RelayHere(dir, ports, () =>
    tell({ home: false, alarm: false, vault: false, relay: true, rooms: [] }),
  );
  here.resume();

  const open = (): Responder => {
    if (device === undefined) throw new CallerFault('locked', 'This device is locked. Unlock it with its passphrase.');
    return device;
  };

  const carried = createCarried(open);

  const status = (): VaultView => {
    if (device === undefined) return { state: hasVault(dir) ? 'locked' : 'none' };
    return { state: 'open', device: device.state.list.devices.get(device.state.self.device)?.name ?? '' };
  };

  const unlock = async (passphrase: string): Promise<Responder> => {
    if (device !== undefined) return device;
    // Two windows that unlock at once open one device, not two.
    opening ??= openDevice(dir, passphrase, ports, untaken).finally(() => {
      opening = undefined;
    });
    const opened = await opening;
    untaken = undefined;
    if (device === undefined) {
      device = opened;
      opened.watch({
        changed: (change) => tell({ ...change, vault: false, relay: false }),
        raised: () => {
          for (const raise of raisers) raise();
        },
      });
      tell({ home: true, alarm: true, vault: true, relay: true, rooms: [] });
    }
    return opened;
  };

  const lock = (): void => {
    device?.close();
    device = undefined;
    carried.forget();
    tell({ home: false, alarm: false, vault: true, relay: true, rooms: [] });
  };

  const write = async (opened: Responder, command: Command) => {
    const { entry } = await opened.command(command);
    return { entry: entry ?? '' };
  };

  const change = async (room: string, type: 'add' | 'remove', members: readonly string[]) => {
    const operation = { type, members: members.map((each) => memberId.parse(each)), devices: [] };
    return write(open(), { type: 'operate', room: roomId.parse(room), operation });
  };

  const move = async (what: 'fetch-file' | 'offer-file', at: { readonly room: string; readonly entry: string }) => {
    await moveFile(open(), what, roomId.parse(at.room), entryId.parse(at.entry));
    return { entry: at.entry };
  };

  const set = async (change: (opened: Responder) => void) => {
    const opened = open();
    change(opened);
    tell({ home: true, alarm: false, vault: false, relay: false, rooms: [] });
    return viewDevice(opened, ports);
  };

  const handlers: Handlers = {
    'vault.status': status,
    'vault.unlock': async ({ passphrase }) => {
      await unlock(passphrase);
      return status();
    },
    'vault.lock': () => {
      lock();
      return status();
    },
    'home.read': () => viewHome(open()),
    'list.read': () => viewList(open()),
    'device.read': () => viewDevice(open(), ports),
    'reading.set': ({ tells }) => set((opened) => opened.tellReading(tells)),
    'proxy.set': (choice) => set((opened) => opened.setProxy(readChoice(choice, opened.keptProxy))),
    'relay.read': () => here.view(device?.state.list),
    'relay.start': async ({ address, port, name }) => {
      const { bundle } = open();
      const { list } = bundle;
      const wish = { name, org: list.org, host: address, port: port ?? 0 };
      await here.start(wish, bundle.admission);
      return here.view(list);
    },
    'relay.stop': async () => {
      // Whoever comes by a locked window may look, and change nothing.
      const { list } = open().bundle;
      await here.stop();
      return here.view(list);
    },
    'room.read': ({ room, before, around, limit }) =>
      around === undefined
        ? viewRoom(open(), roomId.parse(room), before === undefined ? undefined : entryId.parse(before), limit)
        : viewAround(open(), roomId.parse(room), entryId.parse(around), limit),
    'room.seen': async ({ room, entries }) => {
      const id = roomId.parse(room);
      await noteSeen(open(), id, new Set(entries.map((each) => entryId.parse(each))));
      return { room: id };
    },
    'room.send': ({ room, text }) => write(open(), { type: 'send-text', room: roomId.parse(room), text }),
    'room.create': async ({ title, members }) => {
      const { room } = await open().command({
        type: 'create-room',
        title,
        members: members.map((id) => memberId.parse(id)),
      });
      return { room };
    },
    'room.add': ({ room, members }) => change(room, 'add', members),
    'room.remove': ({ room, members }) => change(room, 'remove', members),
    'room.heal': ({ room }) => open().command({ type: 'heal', room: roomId.parse(room) }),
    'file.fetch': (args) => move('fetch-file', args),
    'file.offer': (args) => move('offer-file', args),
    'file.drop': ({ room, entry }) =>
      write(open(), { type: 'drop-file', room: roomId.parse(room), entry: entryId.parse(entry) }),
    'search.read': ({ text, room, before, limit }) =>
      viewSearch(open(), text, {
        limit,
        ...(room === undefined ? {} : { room: roomId.parse(room) }),
        ...(before === undefined ? {} : { before }),
      }),
    'member.compare': ({ member }) => viewComparison(open(), memberId.parse(member)),
    'member.check': ({ member, code }) => checkCode(open(), memberId.parse(member), code),
    'member.confirm': ({ member, how, holds }) =>
      write(open(), { type: 'verify', member: memberId.parse(member), how, holds }),
    'alarm.acknowledge': ({ drill, answer, standInFor }) =>
      write(open(), {
        type: 'answer',
        drill: drillId.parse(drill),
        answer,
        ...(standInFor === undefined ? {} : { standInFor: memberId.parse(standInFor) }),
      }),
    'report.list': () => listReports(open()),
    'report.read': ({ drill }) => viewReport(open(), drillId.parse(drill)),
  };

  return {
    get device() {
      return device;
    },
    unlock,
    gate: createGate(handlers),
    give: createGiveGate(carried.give),
    take: createTakeGate(carried.take),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRaise(listener) {
      raisers.add(listener);
      return () => raisers.delete(listener);
    },
    renew() {
      device?.renew();
    },
    async close() {
      lock();
      await here.close();
    },
  };
}
