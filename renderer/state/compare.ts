/** Two people compare keys: what both must see, and what came of it. Of one member at a time. */
import { createStore } from 'zustand/vanilla';
import type { Compared, ComparisonView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader, type Problem, problemOf } from './ask.ts';

export interface CompareState {
  readonly comparison: Asked<ComparisonView>;
  readonly sending: boolean;
  readonly refused?: Problem | undefined;
}

const nothing: CompareState = { comparison: {}, sending: false, refused: undefined };

export function createCompare(api: Api) {
  const store = createStore<CompareState>(() => nothing);
  const reader = createReader(api, 'member.compare');

  /** True when the outcome is on this device's disk. */
  async function note(member: string, how: Compared['how'], holds: boolean): Promise<boolean> {
    if (store.getState().sending) return false;
    store.setState({ sending: true, refused: undefined });
    const reply = await api.call('member.confirm', { member, how, holds });
    store.setState({ sending: false, refused: reply.ok ? undefined : problemOf(reply) });
    return reply.ok;
  }

  return {
    store,
    note,
    async show(member: string): Promise<void> {
      store.setState(nothing);
      const comparison = await reader.read({ member }, {});
      if (comparison !== undefined) store.setState({ comparison });
    },
    /** Whether a code is of these two; `undefined` when it is no such code, or could not be checked. */
    async check(member: string, code: string): Promise<boolean | undefined> {
      store.setState({ refused: undefined });
      const reply = await api.call('member.check', { member, code });
      if (reply.ok) return reply.value;
      store.setState({ refused: problemOf(reply) });
      return undefined;
    },
    clear() {
      reader.forget();
      store.setState(nothing);
    },
  };
}
