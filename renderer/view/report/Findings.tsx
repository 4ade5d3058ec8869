/** Objectives against what happened, and what is to be done about it. */
import type { Report } from '../../../src/ipc/view.ts';
import { ratingWords } from '../../text/word.ts';

export function Objectives({ objectives }: { readonly objectives: Report['objectives'] }) {
  return (
    <section aria-labelledby="objectives-title">
      <h2 id="objectives-title">Objectives</h2>
      <ul className="plain objectives">
        {objectives.map(({ id, text, target, actual, met, rating }) => (
          <li key={id} className="objective" data-met={met}>
            <p className="objective-mark">{met ? 'Met' : 'Not met'}</p>
            <div>
              <p>
                <b>{text}</b>
              </p>
              <p className="quiet">
                Target {target}, actual {actual}. Performed {ratingWords[rating]}.
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const order = { high: 0, medium: 1, low: 2 } as const;

export function Findings({ findings }: { readonly findings: Report['findings'] }) {
  const weak = findings
    .filter(({ kind }) => kind === 'weakness')
    .toSorted((one, other) => order[one.severity] - order[other.severity]);
  const strong = findings.filter(({ kind }) => kind === 'strength');
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      {weak.length === 0 && <p>No weakness was found.</p>}
      <ul className="plain findings">
        {[...weak, ...strong].map(({ id, kind, severity, text, advice, about }) => (
          <li key={id} className="finding" data-severity={kind === 'strength' ? 'strength' : severity}>
            <p className="finding-mark">{kind === 'strength' ? 'Strength' : severity}</p>
            <div>
              <p>
                <b>{text}</b> <span className="quiet small">{about.join(', ')}</span>
              </p>
              <p>{advice}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
