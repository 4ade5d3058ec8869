/**
 * Files that are dragged over the window. Nothing that is dropped ever opens in its place. A courier file is taken in
 * wherever it falls; anything else is for the room that is on the screen, and is asked about there before it goes out.
 */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { isCourierFile } from '../../state/courier.ts';
import { useApp } from '../context.ts';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

export function DropCourier() {
  const { courier, route } = useApp();
  const where = useStore(route.store, ({ screen }) => screen);
  const [over, setOver] = useState(false);
  const [told, setTold] = useState<string>();
  useEffect(() => {
    const drop = async (files: readonly File[]) => {
      const [file] = files;
      if (file === undefined) return;
      setTold(undefined);
      if (files.length > 1) return setTold('One file at a time. Nothing was taken in.');
      if (!(await isCourierFile(file))) return setTold(`${file.name} is no courier file. Nothing was taken in.`);
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
  }, [courier, route]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said belongs to the screen it was said on
  useEffect(() => setTold(undefined), [where]);
  return (
    <>
      {over && (
        <div className="drop" aria-hidden="true">
          <p>Drop a courier file to read it</p>
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
