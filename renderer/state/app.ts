/**
 * Puts the stores together and keeps them true: what changed is read again, and when the vault closes everything that
 * was read out of it is thrown away. Built once in main.tsx and handed down; there is no global store.
 */
import { createStore } from 'zustand/vanilla';
import type { ChangeEvent } from '../../src/ipc/view.ts';
import type { Api, Link } from '../api.ts';
import { createAlarm } from './alarm.ts';
import { createCompare } from './compare.ts';
import { createCourier } from './courier.ts';
import { createDevice } from './device.ts';
import { createFiles } from './file.ts';
import { createHome } from './home.ts';
import { createList } from './list.ts';
import { createRelay } from './relay.ts';
import { createReports } from './report.ts';
import { createRoom } from './room.ts';
import { createRoute, type Place, type Route } from './route.ts';
import { createSearch } from './search.ts';
import { createVault } from './vault.ts';

export function createApp(api: Api, place: Place, clock: () => number = Date.now) {
  const link = createStore<{ readonly link: Link }>(() => ({ link: 'up' }));
  const vault = createVault(api);
  const home = createHome(api, clock);
  const room = createRoom(api);
  const list = createList(api);
  const compare = createCompare(api);
  const relay = createRelay(api);
  const device = createDevice(api);
  const reports = createReports(api);
  const search = createSearch(api);
  const courier = createCourier(api);
  const files = createFiles(api);
  const route = createRoute(place);
  const alarm = createAlarm(api, home.refresh);

  /** Shows what the address says: reads it if the vault is open. */
  async function follow(): Promise<void> {
    if (vault.store.getState().vault.value?.state !== 'open') return;
    const now = route.store.getState();
    await Promise.all([
      now.screen === 'room' ? room.show(now.id, now.entry) : room.show(undefined),
      ...(now.screen === 'list' ? [list.refresh()] : []),
      ...(now.screen === 'relay' ? [relay.refresh()] : []),
      ...(now.screen === 'device' ? [device.refresh()] : []),
      ...(now.screen === 'reports' || now.screen === 'report'
        ? [reports.show(now.screen === 'report' ? now.id : undefined)]
        : []),
    ]);
  }
  /** Goes there, also from there: who looks for the same message again is led to it again. */
  function visit(to: Route): void {
    room.forgetTarget();
    route.go(to);
    void follow();
  }
  async function readAll(): Promise<void> {
    // The relay also while the vault is locked: it runs on, and says so on the locked door.
    await Promise.all([vault.refresh(), relay.refresh()]);
    if (vault.store.getState().vault.value?.state === 'open')
      await Promise.all([home.refresh(), room.refresh(), follow()]);
  }
  async function change(what: ChangeEvent): Promise<void> {
    if (what.vault) return readAll();
    const shown = route.store.getState();
    await Promise.all([
      ...(what.home || what.alarm ? [home.refresh()] : []),
      ...(what.relay ? [relay.refresh()] : []),
      ...(shown.screen === 'room' && what.rooms.includes(shown.id) ? [room.refresh()] : []),
      ...(what.home && shown.screen === 'list' ? [list.refresh()] : []),
      ...(what.home && shown.screen === 'device' ? [device.refresh()] : []),
      ...((what.home || what.alarm) && (shown.screen === 'reports' || shown.screen === 'report')
        ? [reports.refresh()]
        : []),
    ]);
  }

  route.store.subscribe(() => void follow());
  vault.store.subscribe(({ vault: now }, { vault: before }) => {
    if (now.value?.state === before.value?.state) return;
    if (now.value?.state === 'open') return void readAll();
    for (const store of [home, room, list, compare, relay, device, reports, search, courier, files, alarm])
      store.clear();
    void relay.refresh();
  });
  api.onLink((now) => {
    const before = link.getState().link;
    link.setState({ link: now });
    // Changes that came while the line was cut are gone; only reading again tells.
    if (now === 'up' && before !== 'up') void readAll();
  });
  api.onChange((what) => void change(what));
  void vault.refresh();

  return {
    link,
    vault,
    home,
    room,
    list,
    compare,
    relay,
    device,
    reports,
    search,
    courier,
    files,
    route,
    visit,
    alarm,
  };
}
export type App = ReturnType<typeof createApp>;
