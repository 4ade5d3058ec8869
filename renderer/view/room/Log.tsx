/**
 * What was said in a room, oldest first. It follows new messages only while the reader is at the end: being thrown away
 * from what one reads is worse than a button.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RoomView } from '../../../src/ipc/view.ts';
import { count, formatDay } from '../../text/time.ts';
import { Message } from './Message.tsx';
import { useSeen } from './useSeen.ts';

/** Lines of one author within this time stand under one name. */
const togetherMs = 5 * 60_000;
const nearPx = 80;

interface Props {
  readonly room: RoomView;
  /** The message that was looked for: it is shown, marked, and has the focus. */
  readonly target: { readonly entry: string } | undefined;
  readonly onOlder: () => void;
  readonly onNewer: () => void;
  readonly onNewest: () => void;
  readonly onSeen: (entries: string[]) => void;
}

export function Log({ room, target, onOlder, onNewer, onNewest, onSeen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(false);
  const last = room.messages.at(-1)?.entry;
  const hasTarget = room.messages.some(({ entry }) => entry === target?.entry);

  useSeen(box, last, onSeen);
  const toNewest = () => {
    atEnd.current = true;
    onNewest();
  };
  const toEnd = () => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
    setBehind(false);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is what it waits for
  useLayoutEffect(() => {
    if (room.newer || hasTarget) return;
    if (atEnd.current || room.messages.at(-1)?.own === true) toEnd();
    else setBehind(true);
  }, [last]);
  // After the heading of a room that has just come up took the focus.
  useEffect(() => {
    if (!hasTarget || target === undefined) return;
    const frame = box.current;
    const line = frame?.querySelector<HTMLElement>(`[data-entry="${target.entry}"]`);
    if (frame === null || line === null || line === undefined) return;
    // Not scrollIntoView: it would scroll the frame around the room too, where that is short.
    const from = line.getBoundingClientRect().top - frame.getBoundingClientRect().top;
    frame.scrollTop += from - Math.max(0, frame.clientHeight - line.clientHeight) / 2;
    line.focus({ preventScroll: true });
    atEnd.current = false;
  }, [target, hasTarget]);

  return (
    <div className="log-frame">
      <div
        className="log"
        ref={box}
        role="log"
        aria-label="Messages"
        // The box scrolls, so the keyboard must be able to get into it.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled
        tabIndex={0}
        onScroll={({ currentTarget: at }) => {
          atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < nearPx;
          if (atEnd.current) setBehind(false);
        }}
      >
        {room.more && (
          <button type="button" className="button older" onClick={onOlder}>
            Show older messages
          </button>
        )}
        {room.messages.length === 0 && <p className="empty">Nothing was written here yet.</p>}
        <ol className="plain messages">
          {room.messages.map((message, n) => {
            const before = room.messages[n - 1];
            const newDay = before === undefined || formatDay(before.atMs) !== formatDay(message.atMs);
            const together =
              !newDay &&
              before.kind === 'text' &&
              before.author === message.author &&
              message.atMs - before.atMs < togetherMs;
            return (
              <Message
                key={message.entry}
                room={room.id}
                message={message}
                day={newDay ? formatDay(message.atMs) : undefined}
                together={together}
                sought={message.entry === target?.entry}
              />
            );
          })}
        </ol>
        {room.newer && (
          <button type="button" className="button newer" onClick={onNewer}>
            Show newer messages
          </button>
        )}
        {room.missing.map((gap) => (
          <p className="notice-box" key={`${gap.name} ${gap.from}`}>
            <b>
              {count(gap.entries, 'entry', 'entries')} of {gap.name} missing here.
            </b>{' '}
            Any device that has them gives them as soon as it is on line. If none has them, they are lost.
          </p>
        ))}
        {room.waitingForKey > 0 && (
          <p className="notice-box">
            <b>{count(room.waitingForKey, 'message waits', 'messages wait')} for a key.</b> They are not lost: the key
            comes from any member’s device that is on line.
          </p>
        )}
      </div>
      {room.newer ? (
        <button type="button" className="button button-main to-end" onClick={toNewest}>
          To the newest messages
        </button>
      ) : (
        behind && (
          <button type="button" className="button button-main to-end" onClick={toEnd}>
            New messages below
          </button>
        )
      )}
    </div>
  );
}
