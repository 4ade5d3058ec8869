/** Looks for what was written, over whatever is on the screen. Works from the keyboard alone: type, arrows, Enter, Escape. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { maxSearchLength } from '../../../src/ipc/limit.ts';
import { type Answer, answersOf, excessOf, mostAnswers } from '../../state/search.ts';
import { count } from '../../text/time.ts';
import { useApp, useHome } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Problem } from '../part/Problem.tsx';
import { Answers } from './Answers.tsx';

const lineId = (n: number) => `answer-${n}`;

function useChoose() {
  const { search, visit } = useApp();
  return ({ room, entry }: Answer) => {
    search.shut();
    visit({ screen: 'room', id: room, ...(entry === undefined ? {} : { entry }) });
  };
}

/** What is to be said of the answers, to those who do not see them come. */
function Told() {
  const { store } = useApp().search;
  const { text, asked, found, waits } = useStore(store);
  const excess = excessOf(text);
  const all = answersOf(found).length;
  if (excess > 0)
    return (
      <b className="bad">
        {count(excess, 'character')} too long. A search has at most {maxSearchLength}.
      </b>
    );
  if (text.trim() === '') return 'Words in any order, a phrase in quotation marks. The last word may be a beginning.';
  if (waits && asked !== text) return 'Looking…';
  if (found === undefined) return null;
  if (all === 0) return 'Nothing on this device answers that.';
  return `${count(all, 'answer')}${found.more ? ', and there are more' : ''}. The newest stand first.`;
}

function SearchDialog() {
  const { search } = useApp();
  const { text, room, inside, found, at, problem } = useStore(search.store);
  const title = useHome()?.rooms.find(({ id }) => id === room)?.title;
  const choose = useChoose();
  const list = useRef<HTMLDivElement>(null);
  const answers = answersOf(found);
  useEffect(() => {
    list.current?.querySelector(`#${lineId(at)}`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      search.move(event.key === 'ArrowDown' ? 1 : -1);
    }
    const answer = answers[at];
    if (event.key === 'Enter') event.preventDefault();
    if (event.key === 'Enter' && answer !== undefined) choose(answer);
  };
  return (
    <Dialog className="dialog dialog-wide search" labelledBy="search-title" onLeave={search.shut}>
      <h2 id="search-title">Search</h2>
      <div className="search-line">
        <label htmlFor="search-text" className="visually-hidden">
          What was written, or what a room is called
        </label>
        <input
          id="search-text"
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={answers.length > 0}
          aria-controls={answers.length > 0 ? 'answers' : undefined}
          aria-activedescendant={answers.length > 0 ? lineId(at) : undefined}
          aria-describedby="search-told"
          aria-invalid={excessOf(text) > 0}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="auto"
          value={text}
          onChange={(event) => search.write(event.target.value)}
          onKeyDown={onKey}
        />
        <button type="button" className="button" onClick={search.shut}>
          Close
        </button>
      </div>
      {title !== undefined && (
        <label className="tick">
          <input type="checkbox" checked={inside} onChange={(event) => search.lookInside(event.target.checked)} />
          <span>
            Only in <bdi>{title}</bdi>
          </span>
        </label>
      )}
      <p id="search-told" role="status" className="quiet small">
        <Told />
      </p>
      <Problem problem={problem} />
      {found !== undefined && answers.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled
        <div className="search-found" ref={list} tabIndex={0}>
          <Answers found={found} at={at} lineId={lineId} onPoint={search.point} onChoose={choose} />
          {found.more &&
            (answers.length < mostAnswers ? (
              <button type="button" className="button" onClick={() => void search.more()}>
                Show more answers
              </button>
            ) : (
              <p className="quiet small">There are still more. Another word makes them fewer.</p>
            ))}
        </div>
      )}
    </Dialog>
  );
}

const useRoomHere = () => useStore(useApp().route.store, (now) => (now.screen === 'room' ? now.id : undefined));

export function SearchButton() {
  const { search } = useApp();
  const room = useRoomHere();
  return (
    <button type="button" className="button search-button" onClick={() => search.open(room, false)}>
      Search <kbd>Ctrl K</kbd>
    </button>
  );
}

/** The dialog while it is open, and the other way in: Ctrl or Cmd with K from anywhere. */
export function Search() {
  const { search } = useApp();
  const open = useStore(search.store, (state) => state.open);
  const room = useRoomHere();
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      // Whatever asks for an answer is not covered up: an alarm least of all.
      if (document.querySelector('dialog[open]') === null) search.open(room, false);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [search, room]);
  return open ? <SearchDialog /> : null;
}
