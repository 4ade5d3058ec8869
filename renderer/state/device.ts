/** What a person sets on this device, and what came of the last change. A password passes through and is never put in the store. */
import { createStore } from 'zustand/vanilla';
import type { ArgsOf, Reply } from '../../src/ipc/contract.ts';
import type { DeviceView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader, type Problem, problemOf } from './ask.ts';

export type SetName = 'reading.set' | 'proxy.set';

export interface DeviceState {
  readonly device: Asked<DeviceView>;
  readonly busy: boolean;
  /** What was changed last, or was not and why. */
  readonly last?: { readonly name: SetName; readonly problem?: Problem } | undefined;
}

export function createDevice(api: Api) {
  const store = createStore<DeviceState>(() => ({ device: {}, busy: false }));
  const reader = createReader(api, 'device.read');

  async function set(name: SetName, ask: () => Promise<Reply<DeviceView>>): Promise<boolean> {
    if (store.getState().busy) return false;
    store.setState({ busy: true, last: undefined });
    const reply = await ask();
    // What was being read is older than this answer.
    reader.forget();
    store.setState(
      reply.ok
        ? { busy: false, last: { name }, device: { value: reply.value } }
        : { busy: false, last: { name, problem: problemOf(reply) } },
    );
    return reply.ok;
  }

  return {
    store,
    async refresh(): Promise<void> {
      const device = await reader.read({}, store.getState().device);
      if (device !== undefined) store.setState({ device });
    },
    tellReading: (tells: boolean) => set('reading.set', () => api.call('reading.set', { tells })),
    setProxy: (choice: ArgsOf<'proxy.set'>) => set('proxy.set', () => api.call('proxy.set', choice)),
    /** Whoever comes back later is told nothing of before. */
    leave() {
      store.setState({ last: undefined });
    },
    clear() {
      reader.forget();
      store.setState({ device: {}, busy: false, last: undefined });
    },
  };
}
