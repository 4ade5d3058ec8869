/** What a person sets on this device: whether others learn what was read on it, and which way it takes to its relays. */
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { DeviceView } from '../../../src/ipc/view.ts';
import { useApp, useHome, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { SetProxy } from './SetProxy.tsx';

function Reading({ tells }: { readonly tells: DeviceView['tellsReading'] }) {
  const { device } = useApp();
  const last = useStore(device.store, (state) => state.last);
  const mine = last?.name === 'reading.set' ? last : undefined;
  return (
    <section className="form" aria-labelledby="reading-title">
      <h2 id="reading-title">What you have read</h2>
      <label className="tick">
        <input
          type="checkbox"
          checked={tells}
          aria-describedby="reading-hint"
          onChange={(event) => void device.tellReading(event.target.checked)}
        />
        Tell the people of a room what I have read in it
      </label>
      <p id="reading-hint" className="quiet">
        They then see that you had a message in front of you, and roughly when. If you tell nothing, they see that too.
        What was told before stays told.
      </p>
      <p role="status">
        {mine !== undefined &&
          mine.problem === undefined &&
          (tells
            ? 'From now on rooms are told what is read on this device.'
            : 'From now on nobody is told what is read on this device.')}
      </p>
      <Problem problem={mine?.problem} />
    </section>
  );
}

export function Device() {
  const { device } = useApp();
  const me = useHome()?.me;
  const { value, problem } = useStore(device.store, (state) => state.device);
  useTitle('This device');
  useEffect(() => device.leave, [device]);
  if (value === undefined)
    return problem === undefined ? <p className="empty">Reading this device…</p> : <Problem problem={problem} />;
  return (
    <div className="page">
      <Heading>This device</Heading>
      {me !== undefined && (
        <p className="lead quiet">
          <bdi>{me.device}</bdi>, of <bdi>{me.name}</bdi>. What is set here holds for this device alone.
        </p>
      )}
      <Problem problem={problem} />
      <Reading tells={value.tellsReading} />
      <SetProxy proxy={value.proxy} />
    </div>
  );
}
