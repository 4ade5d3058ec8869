/** A new room: a title and the people in it. */
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Problem as Told } from '../../state/ask.ts';
import { searchMembers } from '../../state/list.ts';
import { count } from '../../text/time.ts';
import { useApp } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Problem } from '../part/Problem.tsx';

export function NewRoom({ onLeave }: { readonly onLeave: () => void }) {
  const app = useApp();
  const list = useStore(app.list.store, (state) => state.list);
  const [title, setTitle] = useState('');
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<Told>();
  useEffect(() => void app.list.refresh(), [app]);

  const toggle = (member: string) => {
    const next = new Set(chosen);
    if (!next.delete(member)) next.add(member);
    setChosen(next);
  };
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
        <label htmlFor="new-room-search">Find people</label>
        <input
          id="new-room-search"
          type="search"
          value={search}
          autoComplete="off"
          onChange={(event) => setSearch(event.target.value)}
        />
        <fieldset>
          <legend>In the room besides you: {count(chosen.size, 'person', 'people')}</legend>
          <div className="pick">
            {searchMembers(others, search).map(({ member, name, role }) => (
              <label key={member} className="pick-line">
                <input type="checkbox" checked={chosen.has(member)} onChange={() => toggle(member)} />
                <span>
                  <bdi>{name}</bdi> <span className="quiet small">{role}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
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
