/** A new room: a title and the people in it. */
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Problem as Told } from '../../state/ask.ts';
import { count } from '../../text/time.ts';
import { useApp } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Pick } from '../part/Pick.tsx';
import { Problem } from '../part/Problem.tsx';

export function NewRoom({ onLeave }: { readonly onLeave: () => void }) {
  const app = useApp();
  const list = useStore(app.list.store, (state) => state.list);
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<Told>();
  useEffect(() => void app.list.refresh(), [app]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === '') return setProblem({ code: 'invalid', text: 'Give the room a title first.' });
    if (chosen.size === 0) return setProblem({ code: 'invalid', text: 'Choose at least one person.' });
    const made = await app.room.create(title, [...chosen]);
    if ('problem' in made) return setProblem(made.problem);
    onLeave();
    app.route.go({ screen: 'room', id: made.room });
  };
  const others = (list.value?.members ?? []).filter(({ you }) => !you);
  return (
    <Dialog className="dialog" labelledBy="new-room-title" onLeave={onLeave}>
      <form onSubmit={(event) => void submit(event)} className="new-room">
        <h2 id="new-room-title">New room</h2>
        <label htmlFor="new-room-name">Title</label>
        <input
          id="new-room-name"
          value={title}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => setTitle(event.target.value)}
        />
        <Pick
          id="new-room-search"
          legend={`In the room besides you: ${count(chosen.size, 'person', 'people')}`}
          people={others}
          chosen={chosen}
          onChoose={setChosen}
        />
        <Problem problem={problem ?? list.problem} />
        <div className="actions">
          <button type="submit" className="button button-main">
            Make the room
          </button>
          <button type="button" className="button" onClick={onLeave}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
