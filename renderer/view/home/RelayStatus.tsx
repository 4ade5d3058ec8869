/** The relays as this device sees them: how many are up, and of each one that is not, why. */
import type { RelayView } from '../../../src/ipc/view.ts';
import { useHome } from '../context.ts';
import { HereLine } from '../relay/HereLine.tsx';

const stateWords = { up: 'up', down: 'down', connecting: 'connecting' } as const satisfies Record<
  RelayView['state'],
  string
>;

export function summarizeRelays(relays: readonly RelayView[]): string {
  const up = relays.filter(({ state }) => state === 'up').length;
  return `${up} of ${relays.length} relays up`;
}

export function RelayStatus() {
  const relays = useHome()?.relays ?? [];
  return (
    <section aria-labelledby="relays-title" className="relays">
      <h2 id="relays-title" role="status">
        {summarizeRelays(relays)}
      </h2>
      <ul className="plain">
        {relays.map(({ id, name, state, text }) => (
          <li key={id} className="relay" data-state={state}>
            <span className="lamp" aria-hidden="true" />
            <span>
              <bdi>{name}</bdi> <span className="relay-state">{stateWords[state]}</span>
              {state !== 'up' && text !== undefined && <span className="relay-why small">{text}</span>}
            </span>
          </li>
        ))}
      </ul>
      <HereLine />
    </section>
  );
}
