/** Who is in a room and what they are there, and what this person may do about it. */
import { useState } from 'react';
import type { RoomView } from '../../../src/ipc/view.ts';
import type { Problem as Told } from '../../state/ask.ts';
import { count } from '../../text/time.ts';
import { useApp } from '../context.ts';
import { Problem } from '../part/Problem.tsx';
import { ChangePeople } from './ChangePeople.tsx';

/** New keys whatever there is. Harmless, so it asks nothing back. */
function Heal({ id }: { readonly id: string }) {
  const { room } = useApp();
  const [state, setState] = useState<'waits' | 'done' | Told>();
  const heal = async () => {
    if (state === 'waits') return;
    setState('waits');
    setState((await room.heal(id)) ?? 'done');
  };
  return (
    <div className="heal">
      <button type="button" className="button" aria-disabled={state === 'waits'} onClick={() => void heal()}>
        New keys now
      </button>
      <p className="quiet small">
        Keys of this room that somebody took before do not open what is written from then on.
      </p>
      <p role="status" className="small">
        {state === 'done' && <b>New keys are in use.</b>}
      </p>
      <Problem problem={typeof state === 'object' ? state : undefined} />
    </div>
  );
}

export function People({ room }: { readonly room: RoomView }) {
  const [changing, setChanging] = useState<'add' | 'remove'>();
  const mayRemove = room.members.some((each) => each.mayRemove);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled
    <aside className="people" aria-label="People in this room" tabIndex={0}>
      <h2>{count(room.members.length, 'person', 'people')} in this room</h2>
      {(room.mayAdd || mayRemove) && (
        <div className="actions">
          {room.mayAdd && (
            <button type="button" className="button" onClick={() => setChanging('add')}>
              Let people in
            </button>
          )}
          {mayRemove && (
            <button type="button" className="button" onClick={() => setChanging('remove')}>
              Put people out
            </button>
          )}
        </div>
      )}
      {room.mayWrite && <Heal id={room.id} />}
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
      {changing !== undefined && <ChangePeople room={room} change={changing} onLeave={() => setChanging(undefined)} />}
    </aside>
  );
}
