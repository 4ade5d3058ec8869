/** The three answers, what became of the one that was given, and stepping in for others. */
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { AlarmView, Answer } from '../../../src/ipc/view.ts';
import { count } from '../../text/time.ts';
import { answerWords } from '../../text/word.ts';
import { useApp } from '../context.ts';

const hints = {
  there: 'I read this and can act',
  'need-help': 'Somebody has to call me',
  'not-available': 'My deputy should step in',
} as const satisfies Record<Answer, string>;

export function Answers({ drill }: { readonly drill: string }) {
  const { alarm } = useApp();
  const sending = useStore(alarm.store, (state) => state.sending);
  return (
    <fieldset className="answers">
      <legend className="visually-hidden">Your answer</legend>
      {(['there', 'need-help', 'not-available'] as const).map((answer) => (
        <button
          key={answer}
          type="button"
          className="answer"
          data-answer={answer}
          aria-disabled={sending !== undefined}
          onClick={() => void alarm.acknowledge(drill, answer)}
        >
          <span className="answer-word">{sending === answer ? 'Saving…' : answerWords[answer]}</span>
          <span className="answer-hint">{hints[answer]}</span>
        </button>
      ))}
    </fieldset>
  );
}

export function Given({ alarm, waiting }: { readonly alarm: AlarmView; readonly waiting: number }) {
  const [changing, setChanging] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { answered } = alarm;
  // The button that was pressed is gone; without this the focus would fall out of the dialog.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer is another confirmation
  useEffect(() => {
    setChanging(false);
    box.current?.focus();
  }, [answered]);
  if (answered === undefined) return null;
  return (
    <>
      <div className="given" role="status" ref={box} tabIndex={-1} data-answer={answered}>
        <p className="given-word">You answered: {answerWords[answered]}</p>
        <p>
          {waiting === 0
            ? 'Your answer is on a relay’s disk.'
            : `Your answer is on this device’s disk. ${count(waiting, 'entry of yours is', 'entries of yours are')} on no relay yet and will go out by ${waiting === 1 ? 'itself' : 'themselves'}.`}
        </p>
        {!changing && (
          <button type="button" className="button" onClick={() => setChanging(true)}>
            Change my answer
          </button>
        )}
      </div>
      {changing && <Answers drill={alarm.drill} />}
    </>
  );
}

export function StandIns({ alarm }: { readonly alarm: AlarmView }) {
  const { alarm: store } = useApp();
  const sending = useStore(store.store, (state) => state.sending);
  if (alarm.standInFor.length === 0) return null;
  return (
    <section className="stand-ins" aria-labelledby="stand-ins-title">
      <h2 id="stand-ins-title">
        {alarm.standInFor.length === 1
          ? 'Someone you are deputy for has not answered'
          : 'People you are deputy for have not answered'}
      </h2>
      <ul className="plain">
        {alarm.standInFor.map(({ member, name, role }) => (
          <li key={member}>
            <button
              type="button"
              className="answer answer-stand-in"
              aria-disabled={sending !== undefined}
              onClick={() => void store.acknowledge(alarm.drill, 'there', member)}
            >
              <span className="answer-word">
                {sending === member ? (
                  'Saving…'
                ) : (
                  <>
                    Step in for <bdi>{name}</bdi>
                  </>
                )}
              </span>
              <span className="answer-hint">
                You take over this role: <bdi>{role}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
