/** Letting people into a room, or putting them out of it. One press does it: the button says what and whom. */
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { maxAtOnce } from '../../../src/ipc/limit.ts';
import type { RoomView } from '../../../src/ipc/view.ts';
import type { Problem as Told } from '../../state/ask.ts';
import { count } from '../../text/time.ts';
import { useApp } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Pick } from '../part/Pick.tsx';
import { Problem } from '../part/Problem.tsx';

interface Props {
  readonly room: RoomView;
  readonly change: 'add' | 'remove';
  readonly onLeave: () => void;
}

export function ChangePeople({ room, change, onLeave }: Props) {
  const app = useApp();
  const list = useStore(app.list.store, (state) => state.list);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<Told>();
  const [sending, setSending] = useState(false);
  useEffect(() => void app.list.refresh(), [app]);

  const inside = new Set(room.members.map(({ member }) => member));
  const people =
    change === 'remove'
      ? room.members.filter((each) => each.mayRemove)
      : (list.value?.members ?? []).filter(({ member, you }) => !you && !inside.has(member));
  // The search can hide who is chosen, so they are named.
  const names = people.filter(({ member }) => chosen.has(member)).map(({ name }) => name);
  const who = count(chosen.size, 'person', 'people');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    if (chosen.size === 0) return setProblem({ code: 'invalid', text: 'Choose at least one person.' });
    if (chosen.size > maxAtOnce)
      return setProblem({ code: 'invalid', text: `Choose at most ${maxAtOnce} people at once.` });
    setSending(true);
    const refused = await app.room.change(room.id, change, [...chosen]);
    setSending(false);
    if (refused === undefined) onLeave();
    else setProblem(refused);
  };
  return (
    <Dialog className="dialog" labelledBy="change-title" onLeave={onLeave}>
      <form onSubmit={(event) => void submit(event)} className="new-room">
        <h2 id="change-title">
          {change === 'remove' ? 'Put people out of' : 'Let people into'} <bdi>{room.title}</bdi>
        </h2>
        <p>
          {change === 'remove'
            ? 'What you write from now on they cannot read, nor what others write who have got this. What they have, they keep. Everybody here sees who did it.'
            : room.history === 'all'
              ? 'They may read everything that was written here.'
              : 'They read what is written from now on, and at most the quarter of an hour before.'}
        </p>
        <Pick
          id="change-search"
          legend={`${change === 'remove' ? 'Out' : 'In'}: ${names.join(', ') || 'nobody yet'}`}
          people={people}
          chosen={chosen}
          onChoose={setChosen}
        />
        {people.length === 0 && change === 'add' && list.value !== undefined && (
          <p className="quiet">Everybody on the muster list is in this room.</p>
        )}
        <Problem problem={problem ?? (change === 'add' ? list.problem : undefined)} />
        <div className="actions">
          <button type="submit" className="button button-main" aria-disabled={sending || chosen.size === 0}>
            {change === 'remove' ? `Put ${who} out now` : `Let ${who} in`}
          </button>
          <button type="button" className="button" onClick={onLeave}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
