/** A clock that is off, in words: how far, which way, and what it means. */
import type { ClockView } from '../../src/ipc/view.ts';
import { formatDuration } from './time.ts';

/** Relays ahead of us: we are behind. */
export const sayClock = ({ offsetMs }: ClockView): string =>
  `This machine’s clock is ${formatDuration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'behind' : 'ahead'}`;

export function clockMeans({ offsetMs, relays }: ClockView): string {
  const drills = offsetMs > 0 ? 'late' : 'early';
  const alone = relays > 1 ? '' : ' Only one relay says so: look at another clock first.';
  return `Set it. Until then what you write carries the wrong time, and drills start ${drills} here. Nothing is lost by it, and the order of messages is right.${alone}`;
}
