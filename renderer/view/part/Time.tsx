/** A moment: local on the screen, UTC in the title. */
import { formatBoth, formatClock, formatDate, formatRecent, formatUtc } from '../../text/time.ts';

const forms = {
  clock: formatClock,
  date: formatDate,
  both: formatBoth,
  recent: (ms: number) => formatRecent(ms, Date.now()),
} as const;

export function Time({ ms, as = 'clock' }: { readonly ms: number; readonly as?: keyof typeof forms }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatUtc(ms)}>
      {forms[as](ms)}
    </time>
  );
}
