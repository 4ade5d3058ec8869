/** Readiness at a glance: would this device work if everything else were down right now, and if not, why. */
import type { ReactNode } from 'react';
import type { ClockView, HomeView } from '../../../src/ipc/view.ts';
import { clockMeans, sayClock } from '../../text/clock.ts';
import { count, formatAge, formatDuration, formatOffset } from '../../text/time.ts';
import { useHome, useNow, useRelayHere, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Time } from '../part/Time.tsx';
import { Words } from '../part/Words.tsx';
import { summarizeRelays } from './RelayStatus.tsx';

const soonMs = 30 * 24 * 60 * 60_000;

interface Check {
  readonly name: string;
  readonly good: boolean;
  readonly title: string;
  readonly detail: ReactNode;
}

/** Far enough off to be worth a look; from where it is wrong, the responder says. */
const offMs = 30_000;

function checkClock(clock: ClockView | undefined): Check {
  if (clock === undefined)
    return { name: 'Clock', good: false, title: 'Not measured yet', detail: 'No relay was reached.' };
  const good = Math.abs(clock.offsetMs) < offMs;
  const by = `By ${count(clock.relays, 'relay')}.`;
  return {
    name: 'Clock',
    good,
    title: good ? 'Agrees with the relays' : sayClock(clock),
    detail: good ? `${by} Closer than half a minute.` : `${by} ${clockMeans(clock)}`,
  };
}

function check({ relays, waiting, organisation, retired, clock }: HomeView, now: number): readonly Check[] {
  const up = relays.filter(({ state }) => state === 'up');
  const left = organisation.listExpiresAtMs - now;
  return [
    ...(retired
      ? [
          {
            name: 'This device',
            good: false,
            title: 'Copied, or put back to an earlier state',
            detail: 'It reads, and does not write any more. Ask a custodian to enrol it anew, as another device.',
          },
        ]
      : []),
    {
      name: 'Relays',
      good: up.length === relays.length,
      title: summarizeRelays(relays),
      detail:
        up.length === relays.length
          ? 'Every message goes to all of them.'
          : up.length === 0
            ? 'Nothing can leave this device. What you write is kept and goes out by itself.'
            : 'Messages get through. The others are tried again by themselves.',
    },
    {
      name: 'Outbox',
      good: waiting === 0,
      title: waiting === 0 ? 'Nothing waits' : `${count(waiting, 'entry', 'entries')} on no relay yet`,
      detail:
        waiting === 0
          ? 'All you wrote is on a relay’s disk.'
          : retired
            ? 'Kept on this device, which sends no more. Write it again on another.'
            : 'Kept on this device. It goes out by itself.',
    },
    {
      name: 'Muster list',
      good: left > soonMs,
      title:
        left > 0
          ? `Version ${organisation.listVersion}, good for ${formatDuration(left)}`
          : `Version ${organisation.listVersion} has expired`,
      detail: (
        <>
          {left > 0 ? 'Expires on ' : 'Expired on '}
          <Time ms={organisation.listExpiresAtMs} as="date" />.{' '}
          {left > soonMs ? 'Nothing to do.' : 'Custodians have to sign the next version.'}
        </>
      ),
    },
    checkClock(clock),
  ];
}

export function Overview() {
  const home = useHome();
  const here = useRelayHere();
  const now = useNow(30_000);
  useTitle('Readiness');
  if (home === undefined) return <p className="empty">Reading this device…</p>;
  const checks = check(home, now);
  const bad = checks.filter(({ good }) => !good).length;
  return (
    <div className="page">
      <Heading>
        {home.retired
          ? 'This device is not ready'
          : bad === 0
            ? 'This device is ready'
            : `Ready, but look at ${count(bad, 'thing')}`}
      </Heading>
      <ul className="plain checks">
        {checks.map(({ name, good, title, detail }) => (
          <li key={name} className="check" data-good={good}>
            <p className="check-name">{name}</p>
            <p className="check-title">
              <span className="check-mark">{good ? 'Good' : 'Look'}</span> {title}
            </p>
            <p className="quiet">{detail}</p>
          </li>
        ))}
      </ul>
      <section aria-labelledby="relay-list">
        <h2 id="relay-list">Relays</h2>
        <ul className="plain rows">
          {home.relays.map(({ id, name, address, proxy, state, sinceMs, offsetMs, text }) => (
            <li key={id} className="row relay" data-state={state}>
              <span className="lamp" aria-hidden="true" />
              <div>
                <p>
                  <b>
                    <bdi>{name}</bdi>
                  </b>{' '}
                  {state} for {formatAge(now - sinceMs)}
                </p>
                <p className="quiet small">
                  <span className="mono">{address}</span>
                  {proxy !== undefined && (
                    <>
                      {' '}
                      through <span className="mono">{proxy}</span>
                    </>
                  )}
                  {offsetMs !== undefined && ` · ${formatOffset(offsetMs)}`}
                </p>
                {text !== undefined && <p className="small">{text}</p>}
              </div>
            </li>
          ))}
        </ul>
        <p className="row">
          Proxy: <b>{home.proxy}</b>
        </p>
        <p className="actions">
          <a href="#/device" className="button">
            Change the proxy
          </a>
          <a href="#/relay" className="button">
            {here === undefined || here.state === 'off' ? 'Start a relay here' : 'The relay on this machine'}
          </a>
        </p>
      </section>
      <section aria-labelledby="org-words">
        <h2 id="org-words">
          Fingerprint of <bdi>{home.organisation.name}</bdi>
        </h2>
        <p className="quiet">
          Read these words aloud to another member. If theirs differ, one of you is in the wrong organisation.
        </p>
        <Words words={home.organisation.words} fingerprint={home.organisation.fingerprint} />
      </section>
    </div>
  );
}
