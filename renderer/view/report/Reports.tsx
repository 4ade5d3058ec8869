/** The register of drills: every one of them, the one that runs included. */
import { useStore } from 'zustand';
import { formatRoute } from '../../state/route.ts';
import { useApp, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { Time } from '../part/Time.tsx';

export function Reports() {
  const { value: lines, problem } = useStore(useApp().reports.store, (state) => state.lines);
  useTitle('Drills and reports');
  return (
    <div className="page">
      <Heading>Drills and reports</Heading>
      <Problem problem={problem} />
      {lines?.length === 0 && (
        <p className="empty">No drill has run yet. The programme in the muster list starts them by itself.</p>
      )}
      <ul className="plain drills" aria-label="Drills">
        {lines?.map(({ drill, title, startedAtMs, closed }) => (
          <li key={drill} className="drill">
            <div>
              <h2>
                <bdi>{title}</bdi>
              </h2>
              <p className="quiet">
                <b className="exercise-tag">Exercise</b> started <Time ms={startedAtMs} as="both" />
              </p>
            </div>
            {closed ? (
              <a className="button" href={formatRoute({ screen: 'report', id: drill })}>
                Open report
                <span className="visually-hidden"> of {title}</span>
              </a>
            ) : (
              <p className="running">Running now. The report is made when it closes.</p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
