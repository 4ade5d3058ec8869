/** One report, top to bottom, as it will be read: how it went, in figures, who, what to do, and how far to trust it. */
import { useStore } from 'zustand';
import { formatDuration } from '../../text/time.ts';
import { useApp, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { Time } from '../part/Time.tsx';
import { Figures } from './Figures.tsx';
import { Findings, Objectives } from './Findings.tsx';
import { Participants, Relays, Roles } from './Tables.tsx';
import { Timeline, Trust } from './Trust.tsx';

export function ReportPage() {
  const { value: report, problem } = useStore(useApp().reports.store, (state) => state.report);
  useTitle(report === undefined ? 'Report' : `Report: ${report.drill.title}`);
  if (report === undefined) {
    return (
      <div className="page">
        <p>
          <a href="#/reports">All drills</a>
        </p>
        {problem === undefined ? <p className="empty">Reading the report…</p> : <Problem problem={problem} />}
      </div>
    );
  }
  const { drill } = report;
  return (
    <article className="page report">
      <p>
        <a href="#/reports">All drills</a>
      </p>
      <p className="exercise-band">Exercise · drill · exercise</p>
      <Heading>
        <bdi>{drill.title}</bdi>
      </Heading>
      <Problem problem={problem}>What you see may be old.</Problem>
      <p className="quiet">
        Drill {drill.sequence} of <bdi>{report.organisation.name}</bdi>,{' '}
        {drill.announced ? 'announced' : 'not announced'}. <Time ms={drill.startedAtMs} as="both" />, for{' '}
        {formatDuration(drill.closedAfterMs)}. Director {drill.director}.
      </p>
      <Figures report={report} />
      <Objectives objectives={report.objectives} />
      <Findings findings={report.findings} />
      <Participants report={report} />
      <Roles roles={report.byRole} />
      <Relays relays={report.relays} />
      <section aria-labelledby="scenario-title">
        <h2 id="scenario-title">Scenario and injects</h2>
        <p dir="auto">{drill.scenario}</p>
        <ul>
          {drill.injects.map((inject) => (
            <li key={inject}>{inject}</li>
          ))}
        </ul>
      </section>
      <Timeline events={report.events} />
      <Trust report={report} />
    </article>
  );
}
