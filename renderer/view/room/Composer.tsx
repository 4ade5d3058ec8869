/** The line to write on. What was typed stays until the responder says that it is on disk. */
import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { maxTextLength } from '../../../src/ipc/limit.ts';
import { count } from '../../text/time.ts';
import { useApp } from '../context.ts';
import { FileButton } from '../part/FileButton.tsx';
import { Problem } from '../part/Problem.tsx';

const tellFrom = maxTextLength - 1000;

interface Props {
  readonly id: string;
  readonly title: string;
  /** Why nothing can be written here, if so. What was typed can still be read and copied. */
  readonly shut: string | undefined;
}

export function Composer({ id, title, shut }: Props) {
  const { room, files } = useApp();
  const draft = useStore(room.store, (state) => state.drafts[id] ?? '');
  const sending = useStore(room.store, (state) => state.sending);
  const refused = useStore(room.store, (state) => state.refused);
  const field = useRef<HTMLTextAreaElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the field grows with the text in it
  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [draft, shut]);

  const left = maxTextLength - draft.length;
  const send = async () => {
    await room.send(id);
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    // While an input method is composing, Enter chooses a character; it must not send half a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (left >= 0) void send();
  };
  if (shut !== undefined)
    return (
      <section className="composer" aria-label="Write">
        <p>{shut}</p>
        {draft !== '' && (
          <>
            <label htmlFor="message">You had typed, and it was not sent:</label>
            <textarea ref={field} id="message" rows={1} dir="auto" value={draft} readOnly />
          </>
        )}
      </section>
    );
  return (
    <form
      className="composer"
      aria-label="Write"
      onSubmit={(event) => {
        event.preventDefault();
        if (left >= 0) void send();
      }}
    >
      <Problem problem={refused}>Your text is still here.</Problem>
      <label htmlFor="message" className="visually-hidden">
        Message to {title}
      </label>
      <div className="composer-line">
        <textarea
          ref={field}
          id="message"
          rows={1}
          dir="auto"
          value={draft}
          readOnly={sending}
          placeholder="Write to everyone in this room"
          aria-describedby="composer-help"
          aria-invalid={left < 0}
          onChange={(event) => room.write(id, event.target.value)}
          onKeyDown={onKey}
        />
        <FileButton label="Send a file" onPick={(file) => files.ask(id, file)} />
        <button type="submit" className="button button-main" aria-disabled={sending || left < 0 || draft.trim() === ''}>
          {sending ? 'Saving…' : 'Send'}
        </button>
      </div>
      <p id="composer-help" className="quiet small composer-help">
        {draft.length > tellFrom ? (
          <b>{left >= 0 ? `${count(left, 'character')} left` : `${count(-left, 'character')} too long`}</b>
        ) : (
          'Enter sends. Shift and Enter start a new line. A file can be dragged onto the room.'
        )}
      </p>
    </form>
  );
}
