/** The result, the figures, and the answers along the time they took. */
import type { Report } from '../../../src/ipc/view.ts';
import { formatDuration, formatShort } from '../../text/time.ts';
import { outcomeWords, resultWords } from '../../text/word.ts';

const width = 1000;
const height = 96;
const base = 64;

/** Every answer as a stroke on the time line; the target is the line they should stay left of. */
function Strip({ report }: { readonly report: Report }) {
  const { participants, targets, relays } = report;
  const answers = participants.flatMap(({ ref, answeredAfterMs, outcome }) =>
    answeredAfterMs === undefined ? [] : [{ ref, at: answeredAfterMs, outcome }],
  );
  const end = Math.max(targets.answerWithinMs * 1.25, ...answers.map(({ at }) => at * 1.05));
  const x = (ms: number) => 10 + (ms / end) * (width - 20);
  const step = [15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000].find((each) => end / each <= 10) ?? 86_400_000;
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => n * step);
  const lost = relays.filter(({ lostAfterMs }) => lostAfterMs !== undefined);
  return (
    <figure className="strip-plot">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Answers along time: ${answers.length} answers, target ${formatDuration(targets.answerWithinMs)}. The participants table has each of them.`}
      >
        <rect className="plot-in" x={x(0)} y={8} width={x(targets.answerWithinMs) - x(0)} height={base - 8} />
        {ticks.map((ms) => (
          <g key={ms}>
            <path className="plot-tick" d={`M${x(ms)} ${base}v6`} />
            <text className="plot-text" x={x(ms)} y={base + 22}>
              {formatShort(ms)}
            </text>
          </g>
        ))}
        <path className="plot-axis" d={`M${x(0)} ${base}H${x(end)}`} />
        <path className="plot-target" d={`M${x(targets.answerWithinMs)} 2V${base}`} />
        {lost.map(({ ref, lostAfterMs = 0 }) => (
          <path key={ref} className="plot-lost" d={`M${x(lostAfterMs)} 2V${base}`} />
        ))}
        {answers.map(({ ref, at, outcome }) => (
          <path key={ref} className="plot-answer" data-outcome={outcome} d={`M${x(at)} 20V${base}`} />
        ))}
      </svg>
      <figcaption className="small quiet">
        Each stroke is a member’s answer, in minutes after the start. Shaded: within the target of{' '}
        {formatDuration(targets.answerWithinMs)}.
        {lost.map(
          ({ ref, name, lostAfterMs = 0 }) =>
            ` Broken line: relay ${ref} (${name}) lost after ${formatDuration(lostAfterMs)}.`,
        )}
      </figcaption>
    </figure>
  );
}

export function Figures({ report }: { readonly report: Report }) {
  const { figures, result, targets, participants } = report;
  const times = [
    ['First', figures.firstMs],
    ['Median', figures.medianMs],
    ['90 of 100 within', figures.p90Ms],
    ['95 of 100 within', figures.p95Ms],
    ['Last', figures.maxMs],
    ['Deputy stepped in after', figures.deputyMs],
  ] as const;
  return (
    <section aria-labelledby="result-title" className="result" data-result={result}>
      <h2 id="result-title">{resultWords[result]}</h2>
      <dl className="figures">
        <div>
          <dt>reached</dt>
          <dd>
            {figures.reached} <span className="of">of {figures.members}</span>
          </dd>
        </div>
        <div>
          <dt>answered</dt>
          <dd>
            {figures.acknowledged} <span className="of">of {figures.members}</span>
          </dd>
        </div>
        <div>
          <dt>in time</dt>
          <dd>
            {figures.inTime} <span className="of">target {targets.answeredPercent} %</span>
          </dd>
        </div>
        {(['late', 'silent', 'unreachable'] as const).map((outcome) => (
          <div key={outcome} data-some={figures[outcome] > 0}>
            <dt>{outcomeWords[outcome]}</dt>
            <dd>
              {figures[outcome]}{' '}
              <span className="of small">
                {participants
                  .filter((each) => each.outcome === outcome)
                  .slice(0, 4)
                  .map(({ ref }) => ref)
                  .join(' ')}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <Strip report={report} />
      <dl className="times">
        {times.map(([name, ms]) =>
          ms === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{formatDuration(ms)}</dd>
            </div>
          ),
        )}
      </dl>
      <p>
        {figures.stoodInFor} stood in for, {figures.needHelp} needed help, {figures.notAvailable} not available.
      </p>
    </section>
  );
}
