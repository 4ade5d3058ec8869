/** The relay on this machine: started, shown with all that others need to use it, and stopped. */
import { useStore } from 'zustand';
import type { RelayHereView } from '../../../src/ipc/view.ts';
import { count } from '../../text/time.ts';
import { useApp, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { RelayCard } from './RelayCard.tsx';
import { StartRelay } from './StartRelay.tsx';

function Running({ here }: { readonly here: RelayHereView }) {
  const { relay } = useApp();
  const { busy, refused } = useStore(relay.store);
  const isWell = here.state === 'running' && here.trouble === undefined;
  return (
    <>
      <div className="here-state" data-good={isWell}>
        <div className="relay" data-state={isWell ? 'up' : 'down'}>
          <span className="lamp" aria-hidden="true" />
          <p className="here-title">
            {here.state === 'waiting'
              ? 'It was started, and does not run now'
              : `Running, ${count(here.devices, 'device')} connected`}
          </p>
        </div>
        {here.at !== undefined && (
          <p>
            It listens at <b className="mono">{here.at}</b> and nowhere else.
          </p>
        )}
        <Problem problem={here.trouble === undefined ? undefined : { code: 'relay', text: here.trouble }} />
        <p className="quiet">
          It runs as long as Muster runs, also with the window closed and the vault locked, and starts again with Muster
          until you stop it. A machine that sleeps is no relay: keep this one awake and on power.
        </p>
        <Problem problem={refused} />
        <div className="actions">
          <button type="button" className="button" aria-disabled={busy} onClick={() => void relay.stop()}>
            {busy ? 'Stopping…' : 'Stop the relay'}
          </button>
        </div>
      </div>
      {here.known !== undefined && <RelayCard known={here.known} listed={here.listed} />}
    </>
  );
}

export function RelayHere() {
  const { relay } = useApp();
  const { value: here, problem } = useStore(relay.store, (state) => state.relay);
  useTitle('Relay on this machine');
  if (here === undefined)
    return problem === undefined ? <p className="empty">Reading this machine…</p> : <Problem problem={problem} />;
  return (
    <div className="page here">
      {/* Started or stopped: what had the focus is gone, and whoever uses the keyboard begins at the top. */}
      <Heading key={here.state === 'off' ? 'off' : 'on'}>Relay on this machine</Heading>
      <p className="lead quiet">
        A relay keeps what devices send until others fetch it. It cannot read any of it. Start one here when the usual
        relays are out of reach and people share a network with this machine.
      </p>
      <Problem problem={problem} />
      {here.state === 'off' ? <StartRelay here={here} /> : <Running here={here} />}
    </div>
  );
}
