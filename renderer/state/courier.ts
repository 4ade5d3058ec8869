/** Messages that are carried by hand: what came of the last file that was read, and of the last that was written. */
import { createStore } from 'zustand/vanilla';
import type { TakenOut } from '../../src/ipc/contract.ts';
import { maxGivenBytes } from '../../src/ipc/limit.ts';
import type { CourierView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Problem, problemOf } from './ask.ts';

/** With this every courier file begins, and what a device has too. */
const head = 'muster courier 1\n';

export interface CourierState {
  readonly reading: boolean;
  /** The file that was read, and what came of it. */
  readonly read?: { readonly name: string; readonly view: CourierView } | undefined;
  /** Envelopes that the other side said it has; absent: it did not say. */
  readonly has?: number | undefined;
  readonly writing: boolean;
  readonly written?: TakenOut | undefined;
  readonly problem?: Problem | undefined;
}

const nothing: CourierState = {
  reading: false,
  read: undefined,
  has: undefined,
  writing: false,
  written: undefined,
  problem: undefined,
};

/** Looks at the beginning of a file and nothing else. False also for what cannot be read. */
export async function isCourierFile(file: Blob): Promise<boolean> {
  return (
    (await file
      .slice(0, head.length)
      .text()
      .catch(() => '')) === head
  );
}

export function createCourier(api: Api) {
  const store = createStore<CourierState>(() => nothing);

  async function write(name: 'courier.pack' | 'courier.have', lacking: boolean): Promise<void> {
    if (store.getState().writing) return;
    store.setState({ writing: true, written: undefined, problem: undefined });
    const reply = await (name === 'courier.pack' ? api.take(name, { lacking }) : api.take(name, {}));
    store.setState(reply.ok ? { writing: false, written: reply.value } : { writing: false, problem: problemOf(reply) });
  }

  return {
    store,
    async read(file: File): Promise<void> {
      if (store.getState().reading) return;
      store.setState({ read: undefined, written: undefined, problem: undefined });
      if (file.size > maxGivenBytes)
        return store.setState({
          problem: { code: 'invalid', text: `${file.name} is larger than any courier file. Nothing was taken in.` },
        });
      store.setState({ reading: true });
      const reply = await api.give('courier.read', {}, file);
      if (!reply.ok) return store.setState({ reading: false, problem: problemOf(reply) });
      const view = reply.value;
      store.setState({ reading: false, read: { name: file.name, view }, ...(view.has > 0 ? { has: view.has } : {}) });
    },
    /** What the other side lacks, or everything if it did not say what it has. */
    pack: () => write('courier.pack', store.getState().has !== undefined),
    have: () => write('courier.have', false),
    /** As if the other side had said nothing. */
    forgetHas() {
      store.setState({ has: undefined });
    },
    clear() {
      store.setState(nothing);
    },
  };
}
