/** Whether the vault is open. The passphrase passes through `unlock` once and is never put in the store. */
import { createStore } from 'zustand/vanilla';
import type { VaultView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader, type Problem, problemOf } from './ask.ts';

export interface VaultState {
  readonly vault: Asked<VaultView>;
  readonly busy: boolean;
  readonly refused?: Problem | undefined;
}

export function createVault(api: Api) {
  const store = createStore<VaultState>(() => ({ vault: {}, busy: false }));
  const reader = createReader(api, 'vault.status');

  async function refresh(): Promise<void> {
    const vault = await reader.read({}, store.getState().vault);
    if (vault !== undefined) store.setState({ vault });
  }

  return {
    store,
    refresh,
    async unlock(passphrase: string): Promise<boolean> {
      store.setState({ busy: true, refused: undefined });
      const reply = await api.call('vault.unlock', { passphrase });
      if (!reply.ok) {
        store.setState({ busy: false, refused: problemOf(reply) });
        return false;
      }
      reader.forget();
      store.setState({ busy: false, vault: { value: reply.value } });
      return true;
    },
    async lock(): Promise<void> {
      await api.call('vault.lock', {});
      await refresh();
    },
  };
}
