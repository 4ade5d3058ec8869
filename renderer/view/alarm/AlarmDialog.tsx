/** The alarm in front of everything: what happened, how long there is, three answers. For a shaking hand at three at night. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { AlarmView } from '../../../src/ipc/view.ts';
import { formatDuration } from '../../text/time.ts';
import { useApp, useHome, useNow } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Problem } from '../part/Problem.tsx';
import { Time } from '../part/Time.tsx';
import { Answers, Given, StandIns } from './Answers.tsx';

function Countdown({ alarm }: { readonly alarm: AlarmView }) {
  const now = useNow(1000);
  const left = alarm.answerByMs - now;
  return (
    <p className="alarm-countdown" role="timer">
      {left > 0 ? (
        <>
          <b>{formatDuration(left)}</b> left to answer
        </>
      ) : (
        <>
          The time to answer passed <b>{formatDuration(left)}</b> ago. Answer anyway.
        </>
      )}
    </p>
  );
}

/** One square a member: filled when answered, outlined when reached, dotted when neither. The words beside it say the same. */
function RollCall({
  members,
  reached,
  answered,
}: {
  readonly members: number;
  readonly reached: number;
  readonly answered: number;
}) {
  return (
    <p className="roll" aria-hidden="true">
      {Array.from({ length: members }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the squares stand for numbers, not for persons
        <span key={n} data-state={n < answered ? 'answered' : n < reached ? 'reached' : 'none'} />
      ))}
    </p>
  );
}

function Counts({ alarm }: { readonly alarm: AlarmView }) {
  const { members, reached, acknowledged } = alarm;
  return (
    <section className="alarm-counts" aria-label="So far">
      <p>
        <b className="alarm-count">{reached}</b> of {members} reached
      </p>
      <p>
        <b className="alarm-count">{acknowledged}</b> of {members} answered
      </p>
      <RollCall members={members} reached={reached} answered={acknowledged} />
    </section>
  );
}

export function AlarmDialog({ alarm }: { readonly alarm: AlarmView }) {
  const { alarm: store, route } = useApp();
  const waiting = useHome()?.waiting ?? 0;
  const refused = useStore(store.store, (state) => state.refused);
  const heading = useRef<HTMLHeadingElement>(null);
  // Not on a button: whoever was typing when it came up would answer with the next space or Enter.
  useEffect(() => heading.current?.focus(), []);

  const leave = () => store.putAside(alarm);
  const answered = alarm.answered !== undefined;
  return (
    <Dialog className="alarm" alert labelledBy="alarm-title" describedBy="alarm-scenario" onLeave={leave}>
      <p className="alarm-band">
        <span className="hatch" aria-hidden="true" />
        <span className="alarm-band-text">Exercise · drill · exercise</span>
        <span className="hatch" aria-hidden="true" />
      </p>
      <div className="alarm-body">
        <h1 id="alarm-title" ref={heading} tabIndex={-1}>
          <span className="visually-hidden">Exercise: </span>
          <bdi>{alarm.title}</bdi>
        </h1>
        <p id="alarm-scenario" className="alarm-scenario" dir="auto">
          {alarm.scenario}
        </p>
        <p className="alarm-since">
          Alarm raised at <Time ms={alarm.startedAtMs} />. This is a drill: answer as if it were real.
        </p>
        {/* First for oneself, then for others. */}
        {answered ? (
          <Given alarm={alarm} waiting={waiting} />
        ) : (
          <>
            <Countdown alarm={alarm} />
            <Answers drill={alarm.drill} />
          </>
        )}
        <StandIns alarm={alarm} />
        <Problem problem={refused}>Your answer was not saved. Press again.</Problem>
        <Counts alarm={alarm} />
        <div className="actions">
          <button
            type="button"
            className="button"
            onClick={() => {
              leave();
              route.go({ screen: 'room', id: alarm.room });
            }}
          >
            Open the drill room
          </button>
          <button type="button" className="button" onClick={leave}>
            {answered ? 'Close' : 'Put aside'} <kbd>Esc</kbd>
          </button>
        </div>
      </div>
    </Dialog>
  );
}
