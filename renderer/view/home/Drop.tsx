/**
 * Files that are dragged over the window. Nothing that is dropped ever opens in its place. A courier file is taken in
 * wherever it falls; anything else is for the room that is on the screen, and is asked about there before it goes out.
 */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { isCourierFile } from '../../state/courier.ts';
import { useApp } from '../context.ts';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

export function Drop() {
  const { courier, files, room: shown, route } = useApp();
  const where = useStore(route.store);
  const room = useStore(shown.store, (state) => (where.screen === 'room' ? state.room.value : undefined));
  const [over, setOver] = useState(false);
  const [told, setTold] = useState<string>();
  useEffect(() => {
    const drop = async (dropped: readonly File[]) => {
      const [file] = dropped;
      if (file === undefined) return;
      setTold(undefined);
      if (dropped.length > 1) return setTold('One file at a time. Nothing was taken in.');
      if (!(await isCourierFile(file))) {
        if (room?.mayWrite === true) return files.ask(room.id, file);
        return setTold(
          room === undefined
            ? `${file.name} is no courier file. Nothing was taken in.`
            : `You cannot write in this room, so ${file.name} was not sent.`,
        );
      }
      route.go({ screen: 'courier' });
      await courier.read(file);
    };
    const onOver = (event: DragEvent) => {
      event.preventDefault();
      if (hasFiles(event)) setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      void drop([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, [courier, files, room, route]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said belongs to the screen it was said on
  useEffect(() => setTold(undefined), [where]);
  return (
    <>
      {over && (
        <div className="drop" aria-hidden="true">
          <p>
            {room?.mayWrite === true ? (
              <>
                Drop a file to send it to <bdi>{room.title}</bdi>
              </>
            ) : (
              'Drop a courier file to read it'
            )}
          </p>
        </div>
      )}
      <div role="alert">
        {told !== undefined && (
          <p className="problem drop-told">
            <b>{told}</b>
            <button type="button" className="button" onClick={() => setTold(undefined)}>
              Close
            </button>
          </p>
        )}
      </div>
    </>
  );
}
