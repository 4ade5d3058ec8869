/** The relay on this machine: what it says of itself, and what came of starting or stopping it. */
import { createStore } from 'zustand/vanilla';
import type { ArgsOf } from '../../src/ipc/contract.ts';
import type { RelayHereView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader, type Problem, problemOf } from './ask.ts';

export interface RelayState {
  readonly relay: Asked<RelayHereView>;
  readonly busy: boolean;
  readonly refused?: Problem | undefined;
}

export function createRelay(api: Api) {
  const store = createStore<RelayState>(() => ({ relay: {}, busy: false }));
  const reader = createReader(api, 'relay.read');

  async function refresh(): Promise<void> {
    const relay = await reader.read({}, store.getState().relay);
    if (relay !== undefined) store.setState({ relay });
  }
  async function ask<N extends 'relay.start' | 'relay.stop'>(name: N, args: ArgsOf<N>): Promise<void> {
    if (store.getState().busy) return;
    store.setState({ busy: true, refused: undefined });
    const reply = await api.call(name, args);
    store.setState({ busy: false, refused: reply.ok ? undefined : problemOf(reply) });
    // Read again in either case: a stop that could not be noted has still stopped it.
    await refresh();
  }

  return {
    store,
    refresh,
    start: (args: ArgsOf<'relay.start'>) => ask('relay.start', args),
    stop: () => ask('relay.stop', {}),
    clear() {
      reader.forget();
      store.setState({ relay: {}, refused: undefined });
    },
  };
}
