/** What is true of this device as a whole: who, which organisation, relays, rooms, the alarm. */
import { createStore } from 'zustand/vanilla';
import type { HomeView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader } from './ask.ts';

export interface HomeState {
  readonly home: Asked<HomeView>;
  /** Responder's clock minus this page's: what is shown as "now" must be the device's now. */
  readonly skewMs: number;
}

export function createHome(api: Api, clock: () => number) {
  const store = createStore<HomeState>(() => ({ home: {}, skewMs: 0 }));
  const reader = createReader(api, 'home.read');
  return {
    store,
    async refresh(): Promise<void> {
      const home = await reader.read({}, store.getState().home);
      if (home === undefined) return;
      store.setState(
        home.problem === undefined && home.value !== undefined
          ? { home, skewMs: home.value.nowMs - clock() }
          : { home },
      );
    },
    clear() {
      reader.forget();
      store.setState({ home: {} });
    },
  };
}
