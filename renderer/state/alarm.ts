/**
 * The alarm between the moment it is raised and the moment it is over: is it in front or put aside, and what is on its
 * way. What was answered is not kept here: only the responder's own word counts as an answer given.
 */
import { createStore } from 'zustand/vanilla';
import type { AlarmView, Answer } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Problem, problemOf } from './ask.ts';

export interface AlarmState {
  /** What the person put aside; an alarm that asks for more than that comes to the front again. */
  readonly aside?: string | undefined;
  /** In front although it asks for nothing: the person has just answered, or called it back. */
  readonly front: boolean;
  /** The answer, or the member stepped in for, that was pressed and has no reply yet. */
  readonly sending?: string | undefined;
  readonly refused?: Problem | undefined;
}

/** Two alarms with the same demand are the same to a person who put one aside. Undefined: it asks for nothing now. */
export function demandOf(alarm: AlarmView | undefined): string | undefined {
  if (alarm === undefined || alarm.state !== 'running') return undefined;
  return [alarm.drill, ...alarm.standInFor.map(({ member }) => member)].join(' ');
}

/** Put aside covers what was asked then and less, never more. */
export function isAside(aside: string | undefined, alarm: AlarmView | undefined): boolean {
  const covered = new Set(aside?.split(' '));
  return (demandOf(alarm)?.split(' ') ?? []).every((part) => covered.has(part));
}

export function isInFront({ aside, front }: AlarmState, alarm: AlarmView | undefined): boolean {
  if (alarm === undefined || alarm.state !== 'running') return false;
  const asks = alarm.answered === undefined || alarm.standInFor.length > 0;
  return front || (asks && !isAside(aside, alarm));
}

export function createAlarm(api: Api, refreshHome: () => Promise<void>) {
  const store = createStore<AlarmState>(() => ({ front: false }));
  return {
    store,
    putAside(alarm: AlarmView) {
      store.setState({ aside: demandOf(alarm), front: false, refused: undefined });
    },
    bringBack() {
      store.setState({ aside: undefined, front: true });
    },
    /** True once the responder has written the answer to disk. Whether a relay has it shows in what is read next. */
    async acknowledge(drill: string, answer: Answer, standInFor?: string): Promise<boolean> {
      if (store.getState().sending !== undefined) return false;
      store.setState({ sending: standInFor ?? answer, refused: undefined });
      const reply = await api.call('alarm.acknowledge', {
        drill,
        answer,
        ...(standInFor === undefined ? {} : { standInFor }),
      });
      if (reply.ok) store.setState({ front: true });
      if (reply.ok) await refreshHome();
      store.setState({ sending: undefined, refused: reply.ok ? undefined : problemOf(reply) });
      return reply.ok;
    },
    clear() {
      store.setState({ aside: undefined, front: false, sending: undefined, refused: undefined });
    },
  };
}
