/**
 * The alarm: over everything when it asks for something, a banner for as long as it runs. It can always be put aside and
 * always be called back; it is marked as an exercise in every shape it takes.
 */
import { useStore } from 'zustand';
import type { AlarmView } from '../../../src/ipc/view.ts';
import { isInFront } from '../../state/alarm.ts';
import { formatDuration } from '../../text/time.ts';
import { answerWords } from '../../text/word.ts';
import { useAlarmView, useApp, useNow } from '../context.ts';
import { AlarmDialog } from './AlarmDialog.tsx';

function tell(alarm: AlarmView, now: number): string {
  if (alarm.state === 'closed') return 'This drill is over.';
  if (alarm.standInFor.length > 0)
    return `You are asked to step in for ${alarm.standInFor.map(({ name }) => name).join(', ')}.`;
  if (alarm.answered !== undefined) return `You answered: ${answerWords[alarm.answered]}.`;
  const left = alarm.answerByMs - now;
  return left > 0
    ? `You have not answered. ${formatDuration(left)} left.`
    : 'You have not answered. It still counts, as late.';
}

function Banner({ alarm }: { readonly alarm: AlarmView }) {
  const { alarm: store, route } = useApp();
  const now = useNow(1000);
  const asks = alarm.state === 'running' && (alarm.answered === undefined || alarm.standInFor.length > 0);
  return (
    <section className="alarm-banner" data-asks={asks} aria-label="Exercise">
      <span className="hatch" aria-hidden="true" />
      <p className="alarm-banner-text">
        <b className="exercise-tag">Exercise</b>{' '}
        <b>
          <bdi>{alarm.title}</bdi>
        </b>
        <span> {tell(alarm, now)}</span>
        <span className="alarm-banner-counts">
          {' '}
          Reached {alarm.reached}, answered {alarm.acknowledged} of {alarm.members}.
        </span>
      </p>
      {alarm.state === 'running' ? (
        <button type="button" className={asks ? 'button button-main' : 'button'} onClick={store.bringBack}>
          {asks ? 'Answer now' : 'Open the alarm'}
        </button>
      ) : (
        <button type="button" className="button" onClick={() => route.go({ screen: 'report', id: alarm.drill })}>
          Open the report
        </button>
      )}
    </section>
  );
}

export function Alarm() {
  const { alarm: store } = useApp();
  const alarm = useAlarmView();
  const state = useStore(store.store);
  const running = alarm?.state === 'running';

  if (alarm === undefined) return null;
  return (
    <>
      <p className="visually-hidden" role="status">
        {running ? `Exercise. An alarm runs: ${alarm.title}` : ''}
      </p>
      <Banner alarm={alarm} />
      {isInFront(state, alarm) && <AlarmDialog alarm={alarm} />}
    </>
  );
}
