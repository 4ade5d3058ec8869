/** What happened line by line, and how far this report can be trusted: who signed, what it cannot say. */
import type { Report } from '../../../src/ipc/view.ts';
import { count, formatShort } from '../../text/time.ts';
import { useHome } from '../context.ts';
import { Time } from '../part/Time.tsx';
import { Words } from '../part/Words.tsx';

export function Timeline({ events }: { readonly events: Report['events'] }) {
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      <ol className="plain timeline">
        {events.map(({ seq, atMs, afterMs, actor, action, detail, entry }) => (
          <li key={seq}>
            <span className="mono number">{formatShort(afterMs)}</span>
            <span>
              <b>{actor}</b> {action}
              {detail !== '' && `: ${detail}`}{' '}
              <span className="quiet small">
                <Time ms={atMs} />
              </span>
            </span>
            <span className="mono small quiet timeline-entry">{entry.slice(0, 16)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function Trust({ report }: { readonly report: Report }) {
  const home = useHome();
  const { fingerprint, name } = report.organisation;
  const ours = home?.organisation.fingerprint === fingerprint;
  const { list, evidence, crypto, limits, notExercised, clauses } = report;
  return (
    <>
      <section aria-labelledby="limits-title">
        <h2 id="limits-title">What this report cannot say</h2>
        <ul>
          {limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
        {notExercised.length > 0 && (
          <>
            <h3>Not exercised</h3>
            <ul>
              {notExercised.map(({ item, reason }) => (
                <li key={item}>
                  <b>{item}.</b> {reason}
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      <section aria-labelledby="evidence-title">
        <h2 id="evidence-title">Evidence</h2>
        <p>
          Computed from {count(evidence.entries, 'signed entry', 'signed entries')} and muster list {list.version},
          signed by {list.signedBy.join(', ')} ({list.threshold} of {list.custodians} must sign). Suite {crypto.suite}:{' '}
          {crypto.signature}, {crypto.keyAgreement}, {crypto.cipher}.
        </p>
        {clauses.map(({ clause, fields }) => (
          <p key={clause}>
            Supports evidence for <b>{clause}</b>, by {fields.join(', ')}.
          </p>
        ))}
        <h3>
          Fingerprint of <bdi>{name}</bdi>
        </h3>
        {home !== undefined && !ours && (
          <p className="problem">This report is of another organisation than the one this device belongs to.</p>
        )}
        <Words words={ours && home !== undefined ? home.organisation.words : []} fingerprint={fingerprint} />
      </section>
    </>
  );
}
