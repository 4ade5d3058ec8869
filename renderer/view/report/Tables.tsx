/** The tables of a report. A wide table scrolls in its own box, which the keyboard can reach. */
import type { ReactNode } from 'react';
import type { Report } from '../../../src/ipc/view.ts';
import { formatOffset, formatShort } from '../../text/time.ts';
import { answeredWords, outcomeWords } from '../../text/word.ts';

const none = <span className="quiet">none</span>;
const short = (ms: number | undefined) => (ms === undefined ? none : formatShort(ms));

function Table({
  id,
  title,
  note,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {note !== undefined && <p className="quiet">{note}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled */}
      <section className="table-box" tabIndex={0} aria-label={`${title}, table`}>
        <table>{children}</table>
      </section>
    </section>
  );
}

export function Participants({ report }: { readonly report: Report }) {
  return (
    <Table
      id="participants-title"
      title="Participants"
      note={`Names are withheld. P01 is the first member of muster list ${report.list.version}, and so on. Times are minutes and seconds after the start.`}
    >
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Role</th>
          <th scope="col">Outcome</th>
          <th scope="col">Answer</th>
          <th scope="col" className="number">
            Reached
          </th>
          <th scope="col" className="number">
            Answered
          </th>
          <th scope="col">Stood in</th>
          <th scope="col">Device at that time</th>
        </tr>
      </thead>
      <tbody>
        {report.participants.map(
          ({ ref, role, unit, outcome, answer, reachedAfterMs, answeredAfterMs, standIn, readiness }) => (
            <tr key={ref}>
              <th scope="row" className="mono">
                {ref}
              </th>
              <td>
                <bdi>{role}</bdi>
                <span className="quiet small block">
                  <bdi>{unit}</bdi>
                </span>
              </td>
              <td>
                <span className="outcome" data-outcome={outcome}>
                  {outcomeWords[outcome]}
                </span>
              </td>
              <td>{answer === undefined ? none : answeredWords[answer]}</td>
              <td className="number">{short(reachedAfterMs)}</td>
              <td className="number">{short(answeredAfterMs)}</td>
              <td>{standIn === undefined ? none : `${standIn.ref}, ${formatShort(standIn.answeredAfterMs)}`}</td>
              <td className="small">
                {readiness === undefined
                  ? none
                  : `list ${readiness.listVersion}, ${readiness.relaysUp} of ${readiness.relaysTotal} relays, ${formatOffset(readiness.clockOffsetMs).replace(/^its /, '')}, ${readiness.factor}`}
              </td>
            </tr>
          ),
        )}
      </tbody>
    </Table>
  );
}

export function Roles({ roles }: { readonly roles: Report['byRole'] }) {
  return (
    <Table id="roles-title" title="By role">
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col" className="number">
            Members
          </th>
          <th scope="col" className="number">
            Answered
          </th>
          <th scope="col" className="number">
            Median
          </th>
        </tr>
      </thead>
      <tbody>
        {roles.map(({ role, members, acknowledged, medianMs }) => (
          <tr key={role}>
            <th scope="row">
              <bdi>{role}</bdi>
            </th>
            <td className="number">{members}</td>
            <td className="number">{acknowledged}</td>
            <td className="number">{short(medianMs)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function Relays({ relays }: { readonly relays: Report['relays'] }) {
  return (
    <Table id="report-relays-title" title="Relays">
      <thead>
        <tr>
          <th scope="col">Relay</th>
          <th scope="col" className="number">
            Reached by
          </th>
          <th scope="col" className="number">
            Lost by
          </th>
          <th scope="col" className="number">
            Lost after
          </th>
          <th scope="col" className="number">
            Answers after the loss
          </th>
          <th scope="col" className="number">
            Channel quiet for
          </th>
          <th scope="col">Pinned key</th>
        </tr>
      </thead>
      <tbody>
        {relays.map(({ ref, name, pin, reachedBy, lostBy, lostAfterMs, answersAfterLoss, switchMs }) => (
          <tr key={ref}>
            <th scope="row">
              {ref} <bdi>{name}</bdi>
            </th>
            <td className="number">{reachedBy}</td>
            <td className="number">{lostBy}</td>
            <td className="number">{short(lostAfterMs)}</td>
            <td className="number">{answersAfterLoss ?? none}</td>
            <td className="number">{switchMs === undefined ? none : `${(switchMs / 1000).toFixed(1)} s`}</td>
            <td className="mono small">{pin}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
