/** One message. Under one's own stands what is true of it now: how many relays and devices have it, never "sent". */
import { useState } from 'react';
import type { MessageView } from '../../../src/ipc/view.ts';
import { useHome } from '../context.ts';
import { Marks } from '../part/Marks.tsx';
import { Time } from '../part/Time.tsx';
import { FileRow } from './FileRow.tsx';

function Names({ members }: { readonly members: MessageView['members'] }) {
  return (
    <ul className="names">
      {members.map(({ name }, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two members may have one name; their place in the list is fixed
        <li key={n}>
          <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Held({ message }: { readonly message: MessageView }) {
  const [open, setOpen] = useState(false);
  const retired = useHome()?.retired ?? false;
  const { relays, relaysTotal, devices, devicesTotal, members, entry } = message;
  const read = members.filter((each) => each.read);
  const has = members.filter((each) => each.has && !each.read);
  const not = members.filter((each) => !each.has);
  return (
    <div className="held" data-state={relays === 0 ? 'waiting' : 'kept'}>
      <button
        type="button"
        className="held-button"
        aria-expanded={open}
        aria-controls={`held-${entry}`}
        onClick={() => setOpen(!open)}
      >
        <Marks filled={relays} total={relaysTotal} />
        {relays === 0
          ? retired
            ? 'Not sent: on no relay'
            : 'Waiting: on no relay yet'
          : `on ${relays} of ${relaysTotal} relays · ${devices} of ${devicesTotal} devices`}
        {read.length > 0 && ` · read by ${read.length}`}
        <span className="held-more">{open ? 'hide' : 'who has it'}</span>
      </button>
      {open && (
        <div id={`held-${entry}`} className="held-list">
          {relays === 0 && (
            <p>
              {retired
                ? 'It is on this device’s disk alone, and this device sends no more. Write it again on another device.'
                : 'It is on this device’s disk and goes out by itself as soon as a relay is up. You need not write it again.'}
            </p>
          )}
          {not.length > 0 && (
            <>
              <h3>Not yet ({not.length})</h3>
              <Names members={not} />
            </>
          )}
          {read.length > 0 && (
            <>
              <h3>Read it ({read.length})</h3>
              <Names members={read} />
            </>
          )}
          <h3>
            {read.length > 0 ? 'Have it, not known to have read it' : 'Have it'} ({has.length})
          </h3>
          <Names members={has} />
        </div>
      )}
    </div>
  );
}

interface Props {
  readonly room: string;
  readonly message: MessageView;
  /** Set on the first message of a day. */
  readonly day: string | undefined;
  /** Belongs to the message above it: same author, shortly after. */
  readonly together: boolean;
  /** Somebody was led here. */
  readonly sought: boolean;
}

export function Message({ room, message, day, together, sought }: Props) {
  const place = { 'data-entry': message.entry, ...(sought ? { tabIndex: -1, 'data-sought': true } : {}) };
  return (
    <>
      {day !== undefined && (
        <li className="day">
          <span>{day}</span>
        </li>
      )}
      {message.kind === 'notice' && message.file === undefined ? (
        <li className="notice small" {...place}>
          <span dir="auto">{message.text}</span> <Time ms={message.atMs} />
        </li>
      ) : (
        <li className="message" data-own={message.own} data-together={together} {...place}>
          <p className={together ? 'message-by visually-hidden' : 'message-by'}>
            <b>
              <bdi>{message.authorName}</bdi>
            </b>
            {message.own && ' (you)'} <Time ms={message.atMs} />
          </p>
          {message.file === undefined ? (
            <p className="message-text" dir="auto">
              {message.text}
            </p>
          ) : (
            <FileRow room={room} file={message.file} />
          )}
          {message.own && <Held message={message} />}
        </li>
      )}
    </>
  );
}
