/** Asks before a file goes out: everyone in the room gets it, and nobody can call it back. */
import { useStore } from 'zustand';
import { maxSentBytes } from '../../../src/ipc/limit.ts';
import { tooLarge } from '../../state/file.ts';
import { saySize } from '../../text/file.ts';
import { count } from '../../text/time.ts';
import { useApp, useHome } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Problem } from '../part/Problem.tsx';

export function SendFile() {
  const { files } = useApp();
  const { asking, reading, refused } = useStore(files.store);
  const room = useHome()?.rooms.find(({ id }) => id === asking?.room);
  if (asking === undefined) return null;
  const { file } = asking;
  const isTooLarge = tooLarge(file);
  return (
    <Dialog className="dialog" labelledBy="send-title" describedBy="send-what" onLeave={files.leave}>
      <div className="send-file">
        <h2 id="send-title">{isTooLarge ? 'This file is too large' : 'Send this file?'}</h2>
        <p id="send-what">
          <b>
            <bdi>{file.name}</bdi>
          </b>
          , {saySize(file.size)}
          {isTooLarge ? (
            `. A room takes files of at most ${saySize(maxSentBytes)}. Nothing was sent.`
          ) : (
            <>
              , goes to <bdi>{room?.title}</bdi> ({count(room?.members ?? 0, 'member')}). It cannot be called back.
            </>
          )}
        </p>
        {reading !== undefined && (
          <>
            {reading.share > 0 ? (
              <progress value={reading.share} max={1} aria-label="Reading the file" />
            ) : (
              <progress aria-label="Reading the file" />
            )}
            <p role="status">It is read into the vault. It goes out from there, also after a restart.</p>
          </>
        )}
        <Problem problem={refused} />
        <div className="actions">
          {!isTooLarge && (
            <button
              type="button"
              className="button button-main"
              aria-disabled={reading !== undefined}
              onClick={() => void files.send()}
            >
              {reading === undefined ? 'Send' : 'Reading…'}
            </button>
          )}
          <button type="button" className="button" onClick={files.leave}>
            {isTooLarge ? 'Close' : reading === undefined ? 'Do not send' : 'Hide'}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
