/**
 * What is being looked for, what answers it, and which answer is pointed at. One question is on its way at a time: who
 * types fast asks for the last of it, and nothing queues up behind a slow disk.
 */
import { createStore } from 'zustand/vanilla';
import { maxSearchLength } from '../../src/ipc/limit.ts';
import type { SearchView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Problem, problemOf } from './ask.ts';

const page = 30;
/** Answers on the screen; whoever needs more looks for something narrower. */
export const mostAnswers = 150;

export interface SearchState {
  readonly open: boolean;
  readonly text: string;
  /** The room that is on the screen, and whether to look in it alone. */
  readonly room?: string | undefined;
  readonly inside: boolean;
  /** What answers `asked`; absent before the first answer. */
  readonly found?: SearchView | undefined;
  readonly asked: string;
  /** Which answer, rooms first, is pointed at. */
  readonly at: number;
  readonly waits: boolean;
  readonly problem?: Problem | undefined;
}

/** Where an answer leads. */
export interface Answer {
  readonly room: string;
  readonly entry?: string;
}

const shut: SearchState = {
  open: false,
  text: '',
  room: undefined,
  inside: false,
  found: undefined,
  asked: '',
  at: 0,
  waits: false,
  problem: undefined,
};

export const answersOf = (found: SearchView | undefined): readonly Answer[] => [
  ...(found?.rooms ?? []).map(({ id }) => ({ room: id })),
  ...(found?.messages ?? []).map(({ room, entry }) => ({ room, entry })),
];

/** Characters too many for a search. */
export const excessOf = (text: string): number => Math.max(0, text.length - maxSearchLength);

export function createSearch(api: Api) {
  const store = createStore<SearchState>(() => shut);
  let isAsking = false;
  let turn = 0;

  async function ask(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    for (let asked = -1; asked !== turn; ) {
      asked = turn;
      const { open, text, room, inside } = store.getState();
      if (!open || excessOf(text) > 0) break;
      if (text.trim() === '') {
        store.setState({ found: undefined, asked: '', at: 0, problem: undefined });
        continue;
      }
      const reply = await api.call('search.read', { text, limit: page, ...(inside && room !== undefined && { room }) });
      if (asked !== turn) continue;
      store.setState(
        reply.ok
          ? { found: reply.value, asked: text, at: 0, problem: undefined }
          : { found: undefined, asked: text, problem: problemOf(reply) },
      );
    }
    isAsking = false;
    store.setState({ waits: false });
  }
  function change(next: Partial<SearchState>): void {
    turn += 1;
    store.setState({ ...next, waits: true });
    void ask();
  }

  return {
    store,
    /** `room`: the one on the screen; `inside`: look in it alone, to begin with. */
    open(room: string | undefined, inside: boolean) {
      change({ ...shut, open: true, room, inside: inside && room !== undefined });
    },
    shut() {
      turn += 1;
      store.setState(shut);
    },
    write: (text: string) => change({ text }),
    lookInside: (inside: boolean) => change({ inside }),
    /** Points at the answer so many further on; from the last to the first. */
    move(by: number) {
      store.setState(({ at, found }) => {
        const count = answersOf(found).length;
        return count === 0 ? {} : { at: (((at + by) % count) + count) % count };
      });
    },
    point(at: number) {
      store.setState({ at });
    },
    /** The next page of the same answers. */
    async more(): Promise<void> {
      const { found, asked, room, inside } = store.getState();
      const last = found?.messages.at(-1);
      if (last === undefined || found === undefined) return;
      const mine = turn;
      const reply = await api.call('search.read', {
        text: asked,
        before: last.place,
        limit: page,
        ...(inside && room !== undefined && { room }),
      });
      if (mine !== turn) return;
      if (!reply.ok) return store.setState({ problem: problemOf(reply) });
      const messages = [...found.messages, ...reply.value.messages];
      store.setState({ found: { rooms: found.rooms, messages, more: reply.value.more } });
    },
    clear() {
      turn += 1;
      store.setState(shut);
    },
  };
}
