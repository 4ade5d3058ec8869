/** That this machine is a relay, wherever one looks, and nothing when it is none. A relay must never run unseen. */
import { count } from '../../text/time.ts';
import { useRelayHere } from '../context.ts';

export function HereLine({ locked = false }: { readonly locked?: boolean }) {
  const here = useRelayHere();
  if (here === undefined || here.state === 'off') return null;
  const isRunning = here.state === 'running' && here.trouble === undefined;
  const text =
    here.state === 'waiting'
      ? 'A relay should run here, and does not.'
      : here.trouble === undefined
        ? `A relay runs here: ${count(here.devices, 'device')}.`
        : 'The relay here is in trouble.';
  return (
    <div className="relay here-line" data-state={isRunning ? 'up' : 'down'}>
      <span className="lamp" aria-hidden="true" />
      <p role="status">
        {locked ? text : <a href="#/relay">{text}</a>}
        {locked && here.at !== undefined && <span className="mono small block">{here.at}</span>}
        {locked && (
          <span className="quiet small block">{here.trouble ?? 'It needs nothing of this device’s vault.'}</span>
        )}
      </p>
    </div>
  );
}
