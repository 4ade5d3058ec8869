/** The rooms this person is in, each with its last line. Drill rooms are marked as such here too. */
import { useState } from 'react';
import { useStore } from 'zustand';
import type { RoomLine } from '../../../src/ipc/view.ts';
import { formatRoute } from '../../state/route.ts';
import { count } from '../../text/time.ts';
import { roomWords } from '../../text/word.ts';
import { useApp, useHome } from '../context.ts';
import { Time } from '../part/Time.tsx';
import { NewRoom } from './NewRoom.tsx';

function Line({ room, here }: { readonly room: RoomLine; readonly here: boolean }) {
  return (
    <li>
      <a
        className="room-line"
        data-kind={room.kind}
        href={formatRoute({ screen: 'room', id: room.id })}
        aria-current={here ? 'page' : undefined}
      >
        <span className="room-line-title">
          <bdi>{room.title}</bdi>
        </span>
        <span className="room-line-kind small">
          {room.kind === 'drill' ? <b className="exercise-tag">Exercise</b> : roomWords[room.kind]}
          {room.kind !== 'direct' && ` · ${count(room.members, 'member')}`}
        </span>
        {room.last !== undefined && (
          <>
            <span className="room-line-time small quiet">
              <Time ms={room.last.atMs} as="recent" />
            </span>
            <span className="room-line-last small quiet">
              {room.last.author === undefined ? null : (
                <>
                  <bdi>{room.last.author}</bdi>:{' '}
                </>
              )}
              <bdi>{room.last.text}</bdi>
            </span>
          </>
        )}
      </a>
    </li>
  );
}

export function Rooms() {
  const home = useHome();
  const here = useStore(useApp().route.store, (route) => (route.screen === 'room' ? route.id : undefined));
  const [making, setMaking] = useState(false);
  return (
    <nav aria-labelledby="rooms-title" className="rooms">
      <div className="side-title">
        <h2 id="rooms-title">Rooms</h2>
        {home?.retired !== true && (
          <button type="button" className="button" onClick={() => setMaking(true)}>
            New room
          </button>
        )}
      </div>
      <ul className="plain">
        {home?.rooms.map((room) => (
          <Line key={room.id} room={room} here={room.id === here} />
        ))}
      </ul>
      {making && <NewRoom onLeave={() => setMaking(false)} />}
    </nav>
  );
}
