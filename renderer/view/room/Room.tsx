/** One room: who is in it, what was said, and the line to write on. */
import { useState } from 'react';
import { useStore } from 'zustand';
import type { RoomView } from '../../../src/ipc/view.ts';
import { count } from '../../text/time.ts';
import { roomWords } from '../../text/word.ts';
import { useApp, useHome, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { Composer } from './Composer.tsx';
import { Log } from './Log.tsx';
import { People } from './People.tsx';

/** Why this person cannot write here, if they cannot. */
function shutText({ mayWrite, role }: RoomView, retired: boolean): string | undefined {
  if (mayWrite) return undefined;
  if (retired) return 'This device was copied, or put back to an earlier state. It does not write any more.';
  return role === undefined
    ? 'You are not in this room any more. What was written before stays readable here.'
    : 'This device was put out of this room. What was written before stays readable here.';
}

export function Room({ id }: { readonly id: string }) {
  const { room: store, search } = useApp();
  const target = useStore(store.store, (state) => state.target);
  const { value: room, problem } = useStore(store.store, (state) => state.room);
  const retired = useHome()?.retired ?? false;
  const [people, setPeople] = useState(false);
  useTitle(room?.title ?? 'Room');
  if (room === undefined)
    return problem === undefined ? <p className="empty">Opening the room…</p> : <Problem problem={problem} />;
  return (
    <div className="room" data-kind={room.kind} data-people={people ? 'shown' : 'hidden'}>
      <header className="room-head">
        {room.kind === 'drill' && <p className="exercise-band">Exercise · drill · exercise</p>}
        <div className="room-head-line">
          <div>
            <Heading>
              <bdi>{room.title}</bdi>
            </Heading>
            <p className="quiet small">
              {roomWords[room.kind]} · {count(room.members.length, 'member')} · end-to-end encrypted
            </p>
          </div>
          <div className="actions">
            <button type="button" className="button" onClick={() => search.open(id, true)}>
              Search here
            </button>
            <button type="button" className="button" aria-expanded={people} onClick={() => setPeople(!people)}>
              People
            </button>
          </div>
        </div>
        {room.contested && (
          <p className="problem">
            <b>Contested: two people put each other out at the same time.</b> The senior one stayed. Talk about it, by
            voice.
          </p>
        )}
        <Problem problem={problem}>What you see may be old.</Problem>
      </header>
      <Log
        room={room}
        target={target}
        onOlder={() => void store.showOlder()}
        onNewer={() => void store.showNewer()}
        onNewest={() => void store.showNewest()}
        onSeen={store.seen}
      />
      <Composer id={id} title={room.title} shut={shutText(room, retired)} />
      {people && <People room={room} />}
    </div>
  );
}
