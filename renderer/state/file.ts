/** Files of rooms: what is about to be sent, what is on its way in, and what came of the last thing done with each. */
import { createStore } from 'zustand/vanilla';
import type { TakenOut } from '../../src/ipc/contract.ts';
import { maxSentBytes } from '../../src/ipc/limit.ts';
import type { FileView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Problem, problemOf } from './ask.ts';

/** What is known of a file from what was pressed, and not from the room. */
export interface FileNote {
  readonly busy?: boolean;
  readonly taken?: TakenOut;
  readonly problem?: Problem;
}

export interface FileState {
  /** A file that was dropped or picked, and is to be sent once the person says so. */
  readonly asking?: { readonly room: string; readonly file: File } | undefined;
  /** It is read into the vault; nobody was told of it yet. */
  readonly reading?: { readonly name: string; readonly share: number } | undefined;
  readonly refused?: Problem | undefined;
  readonly notes: Readonly<Record<string, FileNote>>;
}

const nothing: FileState = { asking: undefined, reading: undefined, refused: undefined, notes: {} };

/** Why this file cannot be sent to any room, if so. Looks at nothing but its size. */
export const tooLarge = ({ size }: Pick<File, 'size'>): boolean => size > maxSentBytes;

export function createFiles(api: Api) {
  const store = createStore<FileState>(() => nothing);
  const note = (entry: string, next: FileNote) =>
    store.setState(({ notes }) => ({ notes: { ...notes, [entry]: next } }));

  return {
    store,
    /** Asks the person before anything is read. */
    ask(room: string, file: File) {
      if (store.getState().reading !== undefined) return;
      store.setState({ asking: { room, file }, refused: undefined });
    },
    leave() {
      store.setState({ asking: undefined, refused: undefined });
    },
    /** True when the file is in the vault and the room was told of it. */
    async send(): Promise<boolean> {
      const { asking, reading } = store.getState();
      if (asking === undefined || reading !== undefined || tooLarge(asking.file)) return false;
      const { room, file } = asking;
      store.setState({ reading: { name: file.name, share: 0 }, refused: undefined });
      const reply = await api.give('file.send', { room }, file, (share) =>
        store.setState({ reading: { name: file.name, share } }),
      );
      // It may have been locked meanwhile: then there is nothing to say any more.
      if (store.getState().reading === undefined) return false;
      store.setState(
        reply.ok
          ? { reading: undefined, asking: undefined }
          : { reading: undefined, asking, refused: problemOf(reply) },
      );
      return reply.ok;
    },
    async move(what: 'fetch' | 'offer' | 'drop', room: string, { entry }: FileView): Promise<void> {
      if (store.getState().notes[entry]?.busy === true) return;
      note(entry, { busy: true });
      const reply = await api.call(`file.${what}`, { room, entry });
      note(entry, reply.ok ? {} : { problem: problemOf(reply) });
    },
    async save(room: string, { entry }: FileView): Promise<void> {
      if (store.getState().notes[entry]?.busy === true) return;
      note(entry, { busy: true });
      const reply = await api.take('file.save', { room, entry });
      note(entry, reply.ok ? { taken: reply.value } : { problem: problemOf(reply) });
    },
    clear() {
      store.setState(nothing, true);
    },
  };
}
