/** One room: who is in it, what was said, and the line to write on. */
import { useState } from 'react';
import { useStore } from 'zustand';
import type { RoomView } from '../../../src/ipc/view.ts';
import { count } from '../../text/time.ts';
import { roomWords } from '../../text/word.ts';
import { useApp, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { Composer } from './Composer.tsx';
import { Log } from './Log.tsx';

function People({ room }: { readonly room: RoomView }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled
    <aside className="people" aria-label="People in this room" tabIndex={0}>
      <h2>{count(room.members.length, 'person', 'people')} in this room</h2>
      <ul className="plain">
        {room.members.map(({ member, name, role, you }) => (
          <li key={member}>
            <bdi>{name}</bdi>
            {you && ' (you)'}
            <span className="quiet small">
              <bdi>{role}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </aside>
  );
}

export function Room({ id }: { readonly id: string }) {
  const { room: store } = useApp();
  const { value: room, problem } = useStore(store.store, (state) => state.room);
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
          <button type="button" className="button" aria-expanded={people} onClick={() => setPeople(!people)}>
            People
          </button>
        </div>
        <Problem problem={problem}>What you see may be old.</Problem>
      </header>
      <Log room={room} onOlder={() => void store.showOlder()} />
      <Composer id={id} title={room.title} />
      {people && <People room={room} />}
    </div>
  );
}
