/** People to choose from, with a search over them. */
import { useState } from 'react';
import { type Searched, searchMembers } from '../../state/list.ts';

interface Props {
  readonly id: string;
  readonly legend: string;
  readonly people: readonly (Searched & { readonly member: string })[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

export function Pick({ id, legend, people, chosen, onChoose }: Props) {
  const [search, setSearch] = useState('');
  const toggle = (member: string) => {
    const next = new Set(chosen);
    if (!next.delete(member)) next.add(member);
    onChoose(next);
  };
  return (
    <>
      <label htmlFor={id}>Find people</label>
      <input
        id={id}
        type="search"
        value={search}
        autoComplete="off"
        onChange={(event) => setSearch(event.target.value)}
      />
      <fieldset>
        <legend>{legend}</legend>
        <div className="pick">
          {searchMembers(people, search).map(({ member, name, role }) => (
            <label key={member} className="pick-line">
              <input type="checkbox" checked={chosen.has(member)} onChange={() => toggle(member)} />
              <span>
                <bdi>{name}</bdi> <span className="quiet small">{role}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}
