/**
 * The room on the screen, and what is being written in every room. A draft outlives the screen it was typed on, and
 * goes away only when the responder says that the message is on this device's disk.
 */
import { createStore } from 'zustand/vanilla';
import { maxSeen } from '../../src/ipc/limit.ts';
import type { MessageView, RoomView } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader, type Problem, problemOf } from './ask.ts';

const page = 50;
const mostAtOnce = 200;

export interface RoomState {
  readonly id?: string | undefined;
  readonly room: Asked<RoomView>;
  /** The message to show and to mark; another object each time that somebody is led there. */
  readonly target?: { readonly entry: string } | undefined;
  /** What is shown lies around this message; absent: it is the newest. */
  readonly anchor?: string | undefined;
  readonly drafts: Readonly<Record<string, string>>;
  readonly sending: boolean;
  readonly refused?: Problem | undefined;
}

/** The newer reading of a message wins; older pages that were fetched before stay above it. */
export function mergeMessages(before: readonly MessageView[], now: readonly MessageView[]): readonly MessageView[] {
  const fresh = new Set(now.map(({ entry }) => entry));
  const first = now[0];
  // Messages are ordered by the responder, not by clocks, so what is older is what stood before the overlap.
  const overlap = first === undefined ? -1 : before.findIndex(({ entry }) => entry === first.entry);
  const older = overlap < 0 ? [] : before.slice(0, overlap).filter(({ entry }) => !fresh.has(entry));
  return [...older, ...now];
}

export function createRoom(api: Api) {
  const store = createStore<RoomState>(() => ({ room: {}, drafts: {}, sending: false }));
  const reader = createReader(api, 'room.read');
  /** What was said to be on the screen: once is enough. */
  const told = new Set<string>();

  async function refresh(): Promise<void> {
    const { id, room, anchor } = store.getState();
    if (id === undefined) return;
    const shown = room.value;
    const limit = Math.min(mostAtOnce, Math.max(page, shown?.messages.length ?? 0));
    const next = await reader.read(
      anchor === undefined ? { room: id, limit } : { room: id, around: anchor, limit: page },
      room,
    );
    if (next === undefined) return;
    const { value } = next;
    if (value === undefined || next.problem !== undefined || shown === undefined) return store.setState({ room: next });
    const messages = mergeMessages(shown.messages, value.messages);
    const more = messages.length > value.messages.length ? shown.more : value.more;
    // Where the end is reached, what comes next belongs to it.
    if (!value.newer) store.setState({ anchor: undefined });
    store.setState({ room: { value: { ...value, messages, more } } });
  }

  return {
    store,
    refresh,
    /** `entry`: the message to show, wherever in the room it is. */
    async show(id: string | undefined, entry?: string): Promise<void> {
      const { id: before, room, target, anchor } = store.getState();
      const isHere = id === before && room.value?.messages.some((each) => each.entry === entry);
      if (id === before && entry === target?.entry && (isHere || anchor === entry)) return;
      const sought = entry === undefined ? undefined : { entry };
      if (isHere) return store.setState({ target: sought });
      if (id === before && entry === undefined && anchor === undefined) return store.setState({ target: undefined });
      reader.forget();
      store.setState({ id, room: {}, target: sought, anchor: entry, refused: undefined });
      await refresh();
    },
    forgetTarget() {
      store.setState({ target: undefined });
    },
    /** The messages after those that are shown. */
    async showNewer(): Promise<void> {
      const last = store.getState().room.value?.messages.at(-1);
      if (last === undefined) return;
      store.setState({ anchor: last.entry });
      await refresh();
    },
    /** Back to the end of the room. */
    async showNewest(): Promise<void> {
      store.setState({ target: undefined, anchor: undefined });
      await refresh();
    },
    async showOlder(): Promise<void> {
      const { id, room } = store.getState();
      const oldest = room.value?.messages[0];
      if (id === undefined || oldest === undefined) return;
      const reply = await api.call('room.read', { room: id, before: oldest.entry, limit: page });
      const { id: still, room: current } = store.getState();
      if (still !== id || current.value === undefined) return;
      if (!reply.ok) return store.setState({ room: { ...current, problem: problemOf(reply) } });
      const messages = [...reply.value.messages, ...current.value.messages];
      store.setState({ room: { value: { ...current.value, messages, more: reply.value.more } } });
    },
    /** These entries of the room are in front of the person. Said once; if that fails, when they are seen again. */
    async seen(entries: string[]): Promise<void> {
      const { id } = store.getState();
      const fresh = entries.filter((entry) => !told.has(entry)).slice(-maxSeen);
      if (id === undefined || fresh.length === 0) return;
      for (const entry of fresh) told.add(entry);
      const reply = await api.call('room.seen', { room: id, entries: fresh });
      if (!reply.ok) for (const entry of fresh) told.delete(entry);
    },
    write(id: string, text: string) {
      store.setState(({ drafts }) => ({ drafts: { ...drafts, [id]: text } }));
    },
    /** True when the message is on this device's disk. Anything else leaves the draft as it was. */
    async send(id: string): Promise<boolean> {
      const { drafts, sending } = store.getState();
      const text = (drafts[id] ?? '').trim();
      if (sending || text === '') return false;
      store.setState({ sending: true, refused: undefined });
      const reply = await api.call('room.send', { room: id, text });
      if (!reply.ok) {
        store.setState({ sending: false, refused: problemOf(reply) });
        return false;
      }
      // What one has just written is at the end.
      store.setState(({ drafts: latest }) => ({
        sending: false,
        drafts: { ...latest, [id]: '' },
        target: undefined,
        anchor: undefined,
      }));
      await refresh();
      return true;
    },
    async create(title: string, members: string[]): Promise<{ readonly room: string } | { readonly problem: Problem }> {
      const reply = await api.call('room.create', { title, members });
      return reply.ok ? reply.value : { problem: problemOf(reply) };
    },
    /** Lets people in, or puts them out. Gives what went wrong, if something did. */
    async change(room: string, change: 'add' | 'remove', members: string[]): Promise<Problem | undefined> {
      const reply = await api.call(`room.${change}`, { room, members });
      if (reply.ok) await refresh();
      return reply.ok ? undefined : problemOf(reply);
    },
    /** New keys at once. */
    async heal(room: string): Promise<Problem | undefined> {
      const reply = await api.call('room.heal', { room });
      return reply.ok ? undefined : problemOf(reply);
    },
    clear() {
      reader.forget();
      told.clear();
      store.setState({
        id: undefined,
        room: {},
        target: undefined,
        anchor: undefined,
        drafts: {},
        sending: false,
        refused: undefined,
      });
    },
  };
}
