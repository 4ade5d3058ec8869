/** The muster list as last read. */
import { createStore } from 'zustand/vanilla';
import type { ListView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader } from './ask.ts';

export type Member = ListView['members'][number];

export interface ListState {
  readonly list: Asked<ListView>;
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** What a search looks at, as far as it is there. */
export type Searched = Pick<Member, 'name' | 'role'> & Partial<Pick<Member, 'unit' | 'contacts'>>;

/** Every word of the search has to be somewhere in a member's data. Accents and case make no difference. */
export function searchMembers<P extends Searched>(members: readonly P[], search: string): readonly P[] {
  const wanted = plain(search)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (wanted.length === 0) return members;
  return members.filter(({ name, role, unit = '', contacts = [] }) => {
    const hay = plain([name, role, unit, ...contacts.map(({ value }) => value)].join(' '));
    return wanted.every((word) => hay.includes(word));
  });
}

export function createList(api: Api) {
  const store = createStore<ListState>(() => ({ list: {} }));
  const reader = createReader(api, 'list.read');
  return {
    store,
    async refresh(): Promise<void> {
      const list = await reader.read({}, store.getState().list);
      if (list !== undefined) store.setState({ list });
    },
    clear() {
      reader.forget();
      store.setState({ list: {} });
    },
  };
}
