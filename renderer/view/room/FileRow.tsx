/** A file in a room: how much of it is where, said plainly, and what can be done with it. */
import { useStore } from 'zustand';
import type { FileView } from '../../../src/ipc/view.ts';
import { sayFile, saySize } from '../../text/file.ts';
import { useApp } from '../context.ts';
import { Marks } from '../part/Marks.tsx';
import { Problem } from '../part/Problem.tsx';

function Progress({ file }: { readonly file: FileView }) {
  const isOut = file.state === 'here' && file.offered && file.relays === 0;
  const done = isOut ? file.sentChunks : file.here;
  if (file.state !== 'fetching' && !isOut) return null;
  return <progress value={done} max={file.chunks} aria-label={`${isOut ? 'Sending' : 'Fetching'} ${file.name}`} />;
}

function Actions({ room, file }: { readonly room: string; readonly file: FileView }) {
  const { files } = useApp();
  const note = useStore(files.store, ({ notes }) => notes[file.entry]);
  const busy = note?.busy === true;
  const act = (label: string, run: () => Promise<void>, more = '') => (
    <button
      type="button"
      className="button"
      aria-disabled={busy}
      aria-label={`${label} ${file.name}`}
      onClick={() => void run()}
    >
      {label}
      {more}
    </button>
  );
  return (
    <div className="actions">
      {file.state === 'here' && act('Save', () => files.save(room, file), '…')}
      {file.state === 'elsewhere' && act('Fetch', () => files.move('fetch', room, file))}
      {file.state === 'fetching' && act('Stop fetching', () => files.move('drop', room, file))}
      {file.state === 'here' && !file.offered && act('Bring to relays again', () => files.move('offer', room, file))}
      {file.state === 'here' && act('Take off this device', () => files.move('drop', room, file))}
    </div>
  );
}

export function FileRow({ room, file }: { readonly room: string; readonly file: FileView }) {
  const { files } = useApp();
  const note = useStore(files.store, ({ notes }) => notes[file.entry]);
  const waits = file.state === 'here' && file.offered && file.relays === 0;
  return (
    <div className="file" data-state={waits || file.state === 'fetching' ? 'under-way' : file.state}>
      <p className="file-name">
        <b>
          <bdi>{file.name}</bdi>
        </b>{' '}
        <span className="quiet">{saySize(file.size)}</span>
      </p>
      <p className="file-where small" role="status">
        {file.offered && <Marks filled={file.relays} total={file.relaysTotal} />} <b>{sayFile(file)}</b>
      </p>
      <Progress file={file} />
      {file.trouble !== undefined && waits && <p className="small">{file.trouble}.</p>}
      <Actions room={room} file={file} />
      <div role="status" className="small">
        {note?.taken?.how === 'saved' && (
          <p>
            Saved as <bdi>{note.taken.name}</bdi>. Nobody has looked into it for you: open it with care.
          </p>
        )}
        {note?.taken?.how === 'browser' && (
          <p>Your browser saves it now. Nobody has looked into it for you: open it with care.</p>
        )}
        {note?.taken?.how === 'left' && <p>It was not saved.</p>}
      </div>
      <Problem problem={note?.problem} />
    </div>
  );
}
