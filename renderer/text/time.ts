/** Times and durations in words. Local zone on the screen, UTC beside it for whoever compares notes across zones. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

export const formatClock = (ms: number) => clockFormat.format(ms);
export const formatDay = (ms: number) => dayFormat.format(ms);
export const formatDate = (ms: number) => dateFormat.format(ms);
export const formatBoth = (ms: number) => `${formatDate(ms)}, ${formatClock(ms)}`;
export const formatUtc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The time of day for today, the date for anything before: an hour without its day misleads. */
export const formatRecent = (ms: number, now: number) =>
  formatDate(ms) === formatDate(now) ? formatClock(ms) : formatDate(ms);

export const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** The one or two largest units: `1 hour 5 minutes`, `40 seconds`. Below a second: `less than a second`. */
export function formatDuration(ms: number): string {
  const whole = Math.abs(ms);
  if (whole < second) return 'less than a second';
  if (whole < minute) return count(Math.floor(whole / second), 'second');
  if (whole < 10 * minute) {
    const seconds = Math.floor((whole % minute) / second);
    return `${count(Math.floor(whole / minute), 'minute')}${seconds > 0 ? ` ${count(seconds, 'second')}` : ''}`;
  }
  if (whole < hour) return count(Math.floor(whole / minute), 'minute');
  if (whole < day) {
    const minutes = Math.floor((whole % hour) / minute);
    return `${count(Math.floor(whole / hour), 'hour')}${minutes > 0 ? ` ${count(minutes, 'minute')}` : ''}`;
  }
  return count(Math.floor(whole / day), 'day');
}

/** How long something has been so: the largest unit alone, since nobody acts on the rest. */
export function formatAge(ms: number): string {
  const whole = Math.abs(ms);
  if (whole < minute) return 'less than a minute';
  if (whole < hour) return count(Math.floor(whole / minute), 'minute');
  if (whole < day) return count(Math.floor(whole / hour), 'hour');
  return count(Math.floor(whole / day), 'day');
}

/** For tables: `0:14`, `7:40`, `1:02:03`. */
export function formatShort(ms: number): string {
  const seconds = Math.round(ms / second);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** How far a clock is off, in the words of someone who would have to set it. */
export function formatOffset(ms: number): string {
  if (Math.abs(ms) < second) return 'clock agrees';
  return `its clock is ${formatDuration(ms)} ${ms > 0 ? 'ahead of' : 'behind'} ours`;
}
