/** What answers a search: rooms by their titles, then messages with where, who and when. The focus stays in the field. */
import type { SearchView } from '../../../src/ipc/view.ts';
import type { Answer } from '../../state/search.ts';
import { roomWords } from '../../text/word.ts';
import { Time } from '../part/Time.tsx';
import { Found } from './Found.tsx';

interface Props {
  readonly found: SearchView;
  /** Which one is pointed at, rooms first. */
  readonly at: number;
  readonly lineId: (n: number) => string;
  readonly onPoint: (n: number) => void;
  readonly onChoose: (answer: Answer) => void;
}

export function Answers({ found, at, lineId, onPoint, onChoose }: Props) {
  // The field has the keyboard, and the arrows in it point; a mouse or a finger needs no focus here.
  const line = (n: number, answer: Answer) => ({
    id: lineId(n),
    role: 'option',
    'aria-selected': n === at,
    className: 'answer-line',
    onMouseMove: () => onPoint(n),
    onMouseDown: (event: { preventDefault(): void }) => event.preventDefault(),
    onClick: () => onChoose(answer),
  });
  return (
    <div id="answers" role="listbox" aria-label="Answers">
      {found.rooms.map(({ id, title, kind, hits }, n) => (
        <div key={id} {...line(n, { room: id })}>
          <b>
            <bdi>
              <Found text={title} hits={hits} />
            </bdi>
          </b>
          <span className="small quiet">
            {kind === 'drill' ? <b className="exercise-tag">Exercise</b> : 'Room'} · {roomWords[kind]}
          </span>
        </div>
      ))}
      {found.messages.map(({ room, entry, title, authorName, atMs, text, hits }, n) => (
        <div key={entry} {...line(found.rooms.length + n, { room, entry })}>
          <span className="answer-text" dir="auto">
            <Found text={text} hits={hits} />
          </span>
          <span className="small quiet">
            <b>
              <bdi>{authorName}</bdi>
            </b>{' '}
            · <Time ms={atMs} as="both" /> · <bdi>{title}</bdi>
          </span>
        </div>
      ))}
    </div>
  );
}
